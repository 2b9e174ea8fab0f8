/** The engine process: llama.cpp through node-llama-cpp, one base model, one context per adapter. Started by engine.ts. */
import { getLlama } from 'node-llama-cpp';
import { engineGpu, thisPlatform } from './engine-packages.js';
import { generate } from './generate.js';
import { CHUNK_TOKENS, type Loaded } from './loaded.js';
import { embed, score } from './logits.js';
import type { EngineAnswers, EngineRequest, FromEngine, LoadRequest, ToEngine } from './messages.js';

let loaded: Loaded;
const aborted = new Set<number>();

process.on('message', (message: ToEngine) => {
  if ('abort' in message) aborted.add(message.id);
  else void answer(message.id, message.request);
});
process.on('disconnect', () => process.exit(0));
// Ctrl-C goes to every process of the terminal; when this one ends is for the server to say, which ends its answers first.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);

function send(message: FromEngine): void {
  process.send?.(message);
}

async function answer(id: number, request: EngineRequest): Promise<void> {
  try {
    send({ id, answer: await perform(id, request) });
  } catch (error) {
    send({ id, problem: error instanceof Error ? error.message : String(error) });
  } finally {
    aborted.delete(id);
  }
}

async function perform(id: number, request: EngineRequest): Promise<EngineAnswers[keyof EngineAnswers]> {
  switch (request.op) {
    case 'load':
      return await load(request);
    case 'add-context':
      await addContext(request.context, request.adapter);
      return {};
    case 'tokenize':
      return { token_ids: loaded.model.tokenize(request.text, true) };
    case 'generate':
      return await generate(loaded, request, { onText: (text) => send({ id, text }), isAborted: () => aborted.has(id) });
    case 'score':
      return await score(loaded, request);
    case 'embed':
      return await embed(loaded, request);
  }
}

async function load(request: LoadRequest): Promise<EngineAnswers['load']> {
  // Without an explicit number ggml takes more threads than there are cores and spins (facts: 100 times slower).
  const llama = await getLlama({
    gpu: engineGpu(thisPlatform()),
    build: 'never',
    maxThreads: request.num_threads,
    progressLogs: false,
  });
  loaded = { llama, model: await llama.loadModel({ modelPath: request.gguf }), settings: request, sequences: new Map() };
  return { engine: `llama.cpp ${llama.llamaCppRelease.release}`, context_length: request.context_length };
}

async function addContext(name: string, adapter: string | null): Promise<void> {
  const { model, settings, sequences } = loaded;
  const context = await model.createContext({
    contextSize: settings.context_length,
    batchSize: CHUNK_TOKENS,
    threads: settings.num_threads,
    flashAttention: false,
    experimentalKvCacheKeyType: settings.cache_type,
    experimentalKvCacheValueType: settings.cache_type,
    ...(adapter ? { lora: adapter } : {}),
  });
  sequences.set(name, context.getSequence());
}
