/** Requests to a child process over Node's IPC channel, one after another, with streamed text and a clean end. */
import type { ChildProcess } from 'node:child_process';
import { AppError, type ErrorCode, type ErrorData } from '../protocol/errors.js';

/** What a child is sent. */
export type ToChild<R> = { id: number; request: R } | { id: number; abort: true };

/** What it sends. */
export type FromChild<A> =
  | { id: number; text: string }
  | { id: number; answer: A }
  | { id: number; error: { code: ErrorCode; data: ErrorData } }
  | { id: number; problem: string };

export interface ChildChannel<Answers, Request extends { op: keyof Answers }> {
  /** Set when it has loaded: an end before that is a failed start. */
  isLoaded: boolean;
  /** Settled when the process has ended, in whatever way. */
  readonly ended: Promise<void>;
  /** Requests that are running or waiting. */
  numPending(): number;
  /** @throws AppError engine-failed, engine-gone when the process ends */
  ask<R extends Request>(request: R, onText?: (text: string) => void, signal?: AbortSignal): Promise<Answers[R['op']]>;
  close(): Promise<void>;
}

/** Output of the process that is kept for its error message. */
const KEPT_OUTPUT_CHARACTERS = 4000;

interface Pending {
  resolve: (answer: never) => void;
  reject: (error: unknown) => void;
  onText?: ((text: string) => void) | undefined;
}

/** @param child started with `ipc` among its streams */
export function openChannel<Answers, Request extends { op: keyof Answers }>(child: ChildProcess): ChildChannel<Answers, Request> {
  const pending = new Map<number, Pending>();
  let nextId = 0;
  let output = '';
  let isClosing = false;
  const state = { isLoaded: false };
  // One request at a time: they share the cores, and a second one would only slow the first.
  let queue: Promise<unknown> = Promise.resolve();
  let numWaiting = 0;

  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-KEPT_OUTPUT_CHARACTERS);
    });
  }
  const gone = (how: string) =>
    state.isLoaded
      ? new AppError('engine-gone', { problem: how })
      : new AppError('engine-failed', { problem: `the engine process ended (${how})${output ? `: ${output.trim()}` : ''}` });
  const ended = new Promise<void>((resolve) => {
    const end = (how: string) => {
      for (const { reject } of pending.values()) reject(gone(how));
      pending.clear();
      resolve();
    };
    child.once('exit', (code, signal) => end(signal ?? `code ${code}`));
    // A message to a process that is ending fails here, and its request by `exit`; a program that is not there has no `exit`.
    child.on('error', (error) => (child.pid === undefined ? end(error.message) : undefined));
  });
  child.on('message', (message: FromChild<Answers[keyof Answers]>) => {
    const request = pending.get(message.id);
    if (!request) return;
    if ('text' in message) return request.onText?.(message.text);
    pending.delete(message.id);
    if ('answer' in message) request.resolve(message.answer as never);
    else if ('error' in message) request.reject(new AppError(message.error.code, message.error.data));
    else request.reject(new AppError('engine-failed', { problem: message.problem }));
  });

  function send<R extends Request>(request: R, onText?: (text: string) => void, signal?: AbortSignal) {
    return new Promise<Answers[R['op']]>((resolve, reject) => {
      if (child.exitCode !== null || child.signalCode !== null || isClosing) {
        return reject(gone(child.signalCode ?? `code ${child.exitCode ?? 0}`));
      }
      const id = nextId++;
      pending.set(id, { resolve, reject, onText });
      const abort = () => {
        if (child.connected) child.send({ id, abort: true } satisfies ToChild<Request>, () => undefined);
      };
      if (signal?.aborted) abort();
      signal?.addEventListener('abort', abort, { once: true });
      child.send({ id, request } satisfies ToChild<Request>, () => undefined);
    });
  }

  return Object.assign(state, {
    ended,
    numPending: () => numWaiting,
    async ask<R extends Request>(request: R, onText?: (text: string) => void, signal?: AbortSignal) {
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
