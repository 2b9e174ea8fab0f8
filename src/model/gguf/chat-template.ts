/**
 * Rendering messages with a model's own chat template, for serving. A template comes with a downloaded model: it runs in a
 * thread that is ended when it takes too long.
 */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { AppError } from '../../protocol/errors.js';
import type { Message } from '../../protocol/row.js';

/** Ten thousand turns render in under a second; a loop that is nested in loops would never end. */
const RENDER_MS = 5000;
/** The thread's program: no file of its own, since the sources run unbuilt too. */
const PROGRAM = `
import { parentPort, workerData } from 'node:worker_threads';
const { Template } = await import(workerData.jinja);
parentPort.on('message', ({ id, template, values }) => {
  try {
    parentPort.postMessage({ id, text: new Template(template).render(values) });
  } catch (error) {
    parentPort.postMessage({ id, problem: String(error) });
  }
});
parentPort.postMessage({ id: 0, text: '' });
`;
const JINJA = pathToFileURL(createRequire(import.meta.url).resolve('@huggingface/jinja')).href;

interface Rendered {
  id: number;
  text?: string;
  problem?: string;
}

interface Thread {
  worker: Worker;
  ready: Promise<unknown>;
  /** By number of the request. */
  waiting: Map<number, (rendered: Rendered) => void>;
}

let thread: Thread | null = null;
let lastId = 0;
/** One after another: a template that takes too long takes nobody else's time. */
let queue: Promise<unknown> = Promise.resolve();

/** @throws AppError request-invalid when the template refuses the messages (order of roles, missing content), or takes too long */
export async function renderChat(
  template: string,
  messages: Message[],
  { addGenerationPrompt, tools, limitMs = RENDER_MS }: { addGenerationPrompt: boolean; tools?: unknown[] | undefined; limitMs?: number },
): Promise<string> {
  const values = { messages: messages.map(withReasoning), add_generation_prompt: addGenerationPrompt, ...(tools ? { tools } : {}) };
  const turn = queue.then(() => render(template, values, limitMs));
  queue = turn.catch(() => undefined);
  const { text, problem } = await turn;
  if (text === undefined) throw new AppError('request-invalid', { problem: `the chat template refuses the messages: ${problem}` });
  return text;
}

async function render(template: string, values: object, limitMs: number): Promise<Rendered> {
  thread ??= startThread();
  const { worker, ready, waiting } = thread;
  // While it renders it keeps the process from ending; else it ends with it.
  worker.ref();
  await ready;
  const id = ++lastId;
  return await new Promise<Rendered>((resolve) => {
    const timer = setTimeout(() => {
      thread = null;
      void worker.terminate();
      resolve({ id, problem: `it takes longer than ${limitMs / 1000} seconds` });
    }, limitMs);
    waiting.set(id, (rendered) => {
      clearTimeout(timer);
      worker.unref();
      resolve(rendered);
    });
    worker.postMessage({ id, template, values });
  });
}

function startThread(): Thread {
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(PROGRAM)}`), { workerData: { jinja: JINJA } });
  const waiting = new Map<number, (rendered: Rendered) => void>();
  const ready = new Promise<unknown>((resolve) => waiting.set(0, resolve));
  worker.on('message', (rendered: Rendered) => {
    waiting.get(rendered.id)?.(rendered);
    waiting.delete(rendered.id);
  });
  // Such as a template that takes all memory of the thread.
  worker.once('error', (error) => {
    thread = null;
    for (const [id, tell] of waiting) tell({ id, problem: String(error) });
  });
  return { worker, ready, waiting };
}

/** A message's reasoning under the names that templates read, as Transformers gives it (utils/chat_template_utils.py). */
function withReasoning(message: Message): Record<string, unknown> {
  const reasoning = message.reasoning_content ?? message.thinking;
  return reasoning === undefined ? message : { thinking: reasoning, ...message, reasoning_content: reasoning };
}
