/** The engine process: llama.cpp through node-llama-cpp, one base model, one context per adapter. Started by engine.ts. */
import { getLlama, type Llama, type LlamaContextSequence, LlamaGrammarEvaluationState, type LlamaModel, type Token } from 'node-llama-cpp';
import { GPU_VARIABLE } from './gpu-bindings.js';
import type {
  EngineAnswers,
  EngineRequest,
  FromEngine,
  GenerateRequest,
  Generation,
  LoadRequest,
  ScoreRequest,
  ToEngine,
} from './messages.js';

/** Small, so that little of a known prefix is computed again: at most 31 tokens. Its own cost was not measured. */
const CHUNK_TOKENS = 32;

let llama: Llama;
let model: LlamaModel;
let settings: LoadRequest;
const sequences = new Map<string, LlamaContextSequence>();
const aborted = new Set<number>();

process.on('message', (message: ToEngine) => {
  if ('abort' in message) aborted.add(message.id);
  else void answer(message.id, message.request);
});
process.on('disconnect', () => process.exit(0));

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
      return { token_ids: model.tokenize(request.text, true) };
    case 'generate':
      return await generate(id, request);
    case 'score':
      return await score(request);
  }
}

async function load(request: LoadRequest): Promise<EngineAnswers['load']> {
  settings = request;
  // Without an explicit number ggml takes more threads than there are cores and spins (facts: 100 times slower).
  llama = await getLlama({
    gpu: process.env[GPU_VARIABLE] === 'cuda' ? 'cuda' : false,
    build: 'never',
    maxThreads: request.num_threads,
    progressLogs: false,
  });
  model = await llama.loadModel({ modelPath: request.gguf });
  return { engine: `llama.cpp ${llama.llamaCppRelease.release}`, context_length: request.context_length };
}

async function addContext(name: string, adapter: string | null): Promise<void> {
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

async function generate(id: number, request: GenerateRequest): Promise<Generation> {
  const sequence = sequenceOf(request.context);
  const cached = await keepPrefix(sequence, request.cache_prompt ? request.token_ids : []);
  const grammar = await grammarOf(request);
  const tokens: Token[] = [];
  let text = '';
  let finish: Generation['finish_reason'] = 'stop';
  const stream = sequence.evaluate(request.token_ids.slice(cached) as Token[], {
    temperature: request.temperature,
    topP: request.top_p ?? 1,
    topK: 0,
    ...(request.seed === undefined ? {} : { seed: request.seed }),
    ...(grammar ? { grammarEvaluationState: new LlamaGrammarEvaluationState({ model, grammar }) } : {}),
  });
  for await (const token of stream) {
    tokens.push(token);
    const whole = model.detokenize(tokens);
    const stopAt = request.stop.map((stop) => whole.indexOf(stop)).filter((index) => index >= 0);
    if (stopAt.length > 0) {
      text = emit(id, text, whole.slice(0, Math.min(...stopAt)));
      break;
    }
    // A character whose bytes have not all come yet ends in U+FFFD: it is sent with the token that completes it.
    if (!whole.endsWith('�')) text = emit(id, text, whole);
    // The grammar allows white space after the last brace.
    if (request.json_schema && isCompleteJson(whole)) break;
    if (aborted.has(id)) {
      finish = 'abort';
      break;
    }
    if (tokens.length >= request.max_tokens) {
      finish = 'length';
      break;
    }
  }
  return {
    text,
    finish_reason: finish,
    prompt_tokens: request.token_ids.length,
    cached_tokens: cached,
    completion_tokens: tokens.length,
  };
}

async function grammarOf({ json_schema, choices }: GenerateRequest) {
  if (json_schema) return await llama.createGrammarForJsonSchema(json_schema as never);
  // GBNF (llama.cpp, grammars/README.md): its string escapes are those of JSON.
  return choices ? await llama.createGrammar({ grammar: `root ::= ${choices.map((choice) => JSON.stringify(choice)).join(' | ')}` }) : null;
}

function emit(id: number, sent: string, whole: string): string {
  if (whole.length > sent.length) send({ id, text: whole.slice(sent.length) });
  return whole.length > sent.length ? whole : sent;
}

function isCompleteJson(text: string): boolean {
  if (!/[}\]"\d\w]\s*$/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

async function score(request: ScoreRequest): Promise<EngineAnswers['score']> {
  const sequence = sequenceOf(request.context);
  await sequence.clearHistory();
  const ids = request.token_ids as Token[];
  // The greedy token has the largest logit: `includeMax` returned no entry, and `includeTop` sorts the whole
  // vocabulary (12.8 ms a token against 8.8). No sampling options: any would cut the distribution.
  const outputs = await sequence.controlledEvaluate(
    ids.map((token, index) => {
      const next = ids[index + 1];
      if (next === undefined) return token;
      return [
        token,
        { generateNext: { token: true, logits: { filter: { tokens: [next], includeSelected: true } }, totalLogitWeight: true } },
      ];
    }),
  );
  const logprobs = ids.slice(1).map((token, index) => {
    const next = outputs[index]?.next;
    const logit = next?.logits?.get(token);
    if (!next?.logits || logit === undefined || next.totalLogitWeight === undefined) throw new Error('the engine gave no logit');
    return logit - Math.max(...next.logits.values()) - Math.log(next.totalLogitWeight);
  });
  return { logprobs, ...tokenTexts(ids) };
}

/** A character of more bytes than this does not exist; each may be a token. */
const MAX_CHARACTER_BYTES = 4;

/** Each token's text, and where it begins, in characters of Unicode; a token with a part of a character begins where the character does. */
function tokenTexts(ids: Token[]): { tokens: string[]; text_offset: number[] } {
  let position = 0;
  let open: Token[] = [];
  const text_offset = ids.map((token) => {
    const start = position;
    open.push(token);
    const text = model.detokenize(open, true);
    // Bytes that are no whole character yet are shown as U+FFFD.
    if (text.endsWith('\uFFFD') && open.length < MAX_CHARACTER_BYTES) return start;
    position += [...text].length;
    open = [];
    return start;
  });
  return { tokens: ids.map((token) => model.detokenize([token], true)), text_offset };
}

/**
 * Keeps the longest prefix of whole chunks that the context has already computed; at least one token is left.
 *
 * Logits depend on which tokens were computed together: with a prefix cut anywhere, a greedy answer differed between a
 * warm and a cold cache. Prompts are computed in chunks that always begin at multiples of CHUNK_TOKENS, so a prompt's
 * chunks are the same whatever was in the cache.
 */
async function keepPrefix(sequence: LlamaContextSequence, tokenIds: number[]): Promise<number> {
  const known = sequence.contextTokens;
  let length = 0;
  while (length < Math.min(known.length, tokenIds.length - 1) && known[length] === tokenIds[length]) length++;
  length -= length % CHUNK_TOKENS;
  if (length === 0) await sequence.clearHistory();
  else await sequence.eraseContextTokenRanges([{ start: length, end: sequence.nextTokenIndex }]);
  return length;
}

function sequenceOf(name: string): LlamaContextSequence {
  const sequence = sequences.get(name);
  if (!sequence) throw new Error(`no context ${name}`);
  return sequence;
}
