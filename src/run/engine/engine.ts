/** One engine process seen from outside: requests one after another, streamed text, and a clean end. */
import { type ChildProcess, fork } from 'node:child_process';
import { AppError } from '../../protocol/errors.js';
import { programFile } from '../../store/package.js';
import { refuseMissingEngine } from './engine-packages.js';
import type { EngineAnswers, EngineRequest, FromEngine, GenerateRequest, ToEngine } from './messages.js';

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

/** Output of the process that is kept for its error message. */
const KEPT_OUTPUT_CHARACTERS = 4000;

/** @throws AppError engine-missing; engine-failed when the process dies before it has loaded, or refuses the model */
export async function startEngine(settings: EngineSettings): Promise<Engine> {
  refuseMissingEngine();
  const child = fork(programFile('run/engine/child'), [], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  const channel = openChannel(child);
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

interface Pending {
  resolve: (answer: never) => void;
  reject: (error: unknown) => void;
  onText?: ((text: string) => void) | undefined;
}

function openChannel(child: ChildProcess) {
  const pending = new Map<number, Pending>();
  let nextId = 0;
  let output = '';
  let isClosing = false;
  const state = { isLoaded: false };
  // One request at a time: contexts share the cores, and a second one would only slow the first.
  let queue: Promise<unknown> = Promise.resolve();
  let numWaiting = 0;

  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-KEPT_OUTPUT_CHARACTERS);
    });
  }
  // A message to a process that is ending fails here, and its request by `exit`.
  child.on('error', () => undefined);
  const gone = (how: string) =>
    state.isLoaded
      ? new AppError('engine-gone', { problem: how })
      : new AppError('engine-failed', { problem: `the engine process ended (${how})${output ? `: ${output.trim()}` : ''}` });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', (code, signal) => {
      for (const { reject } of pending.values()) reject(gone(signal ?? `code ${code}`));
      pending.clear();
      resolve();
    });
  });
  child.on('message', (message: FromEngine) => {
    const request = pending.get(message.id);
    if (!request) return;
    if ('text' in message) return request.onText?.(message.text);
    pending.delete(message.id);
    if ('answer' in message) request.resolve(message.answer as never);
    else request.reject(new AppError('engine-failed', { problem: message.problem }));
  });

  function send<R extends EngineRequest>(request: R, onText?: (text: string) => void, signal?: AbortSignal) {
    return new Promise<EngineAnswers[R['op']]>((resolve, reject) => {
      if (child.exitCode !== null || child.signalCode !== null || isClosing) {
        return reject(gone(child.signalCode ?? `code ${child.exitCode ?? 0}`));
      }
      const id = nextId++;
      pending.set(id, { resolve, reject, onText });
      const abort = () => {
        if (child.connected) child.send({ id, abort: true } satisfies ToEngine, () => undefined);
      };
      if (signal?.aborted) abort();
      signal?.addEventListener('abort', abort, { once: true });
      child.send({ id, request } satisfies ToEngine, () => undefined);
    });
  }

  return Object.assign(state, {
    ended,
    numPending: () => numWaiting,
    async ask<R extends EngineRequest>(request: R, onText?: (text: string) => void, signal?: AbortSignal) {
      numWaiting++;
      const turn = queue.then(() => send(request, onText, signal));
      queue = turn.catch(() => undefined);
      try {
        return await turn;
      } finally {
        numWaiting--;
      }
    },
    async close() {
      isClosing = true;
      if (child.connected) child.disconnect();
      // The process leaves when its channel closes; a busy one is ended after two seconds.
      const force = setTimeout(() => child.kill('SIGKILL'), 2000);
      await ended;
      clearTimeout(force);
    },
  });
}
