/** One engine process seen from outside: requests one after another, streamed text, and a clean end. */
import { fork } from 'node:child_process';
import { programFile } from '../../store/package.js';
import { openChannel } from '../child-channel.js';
import { refuseMissingEngine } from './engine-packages.js';
import type { EngineAnswers, EngineRequest, GenerateRequest } from './messages.js';

export interface Engine {
  readonly name: string;
  readonly context_length: number;
  /** Requests that are running or waiting. */
  readonly num_pending: number;
  /** Settled when the process has ended, in whatever way. */
  readonly ended: Promise<void>;
  addContext(context: string, adapter: string | null): Promise<void>;
  tokenize(text: string): Promise<number[]>;
  generate(request: Omit<GenerateRequest, 'op'>, onText?: (text: string) => void, signal?: AbortSignal): Promise<EngineAnswers['generate']>;
  score(context: string, tokenIds: number[]): Promise<EngineAnswers['score']>;
  embed(tokenIds: number[]): Promise<EngineAnswers['embed']>;
  close(): Promise<void>;
}

export interface EngineSettings {
  gguf: string;
  num_threads: number;
  context_length: number;
  cache_type?: 'F16' | 'F32';
}

/** @throws AppError engine-missing; engine-failed when the process dies before it has loaded, or refuses the model */
export async function startEngine(settings: EngineSettings): Promise<Engine> {
  refuseMissingEngine();
  const child = fork(programFile('run/engine/child'), [], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  const channel = openChannel<EngineAnswers, EngineRequest>(child);
  const { engine, context_length } = await channel.ask({ op: 'load', cache_type: 'F16', ...settings }).catch(async (error: unknown) => {
    await channel.close();
    throw error;
  });
  channel.isLoaded = true;
  return {
    ended: channel.ended,
    name: engine,
    context_length,
    get num_pending() {
      return channel.numPending();
    },
    addContext: async (context, adapter) => {
      await channel.ask({ op: 'add-context', context, adapter });
    },
    tokenize: async (text) => (await channel.ask({ op: 'tokenize', text })).token_ids,
    generate: (request, onText, signal) => channel.ask({ op: 'generate', ...request }, onText, signal),
    score: (context, token_ids) => channel.ask({ op: 'score', context, token_ids }),
    embed: (token_ids) => channel.ask({ op: 'embed', token_ids }),
    close: channel.close,
  };
}
