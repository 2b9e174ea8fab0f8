/** slipway chat [ID] */
import { basename } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { type ChatServer, serveForChat, streamAnswer } from '../../flow/chat/chat.js';
import { AppError } from '../../protocol/errors.js';
import type { Message } from '../../protocol/row.js';
import { isRewardModel } from '../../run/weights/build-adapter.js';
import { listModels } from '../../run/weights/resolve-model.js';
import { slipwayHome } from '../../store/home.js';
import { findRunIfAny } from '../../store/runs.js';
import { newestDoneRun } from '../../tune/newest-done-run.js';
import { printJson } from '../options.js';
import { editingTerminal, printable } from '../printable.js';
import { style } from '../style.js';

export async function chatCommand(asked: string | undefined, options: { ask?: string; json?: boolean }): Promise<void> {
  if (options.json && options.ask === undefined)
    throw new AppError('option-invalid', { option: '--json', problem: 'needs --ask TEXT: a conversation is no document', command: 'chat' });
  const home = slipwayHome();
  const id = chosenId(home, asked);
  process.stderr.write(`${style('dim', `starting the engine for ${id} …`)}\n`);
  const server = await serveForChat(home, [id], () => undefined);
  try {
    if (options.ask === undefined) return await converse(server, id);
    const answer = await say(server, id, [{ role: 'user', content: options.ask }], options.json !== true);
    if (options.json) printJson({ model: id, question: options.ask, answer });
    else process.stdout.write('\n');
  } finally {
    await server.close();
  }
}

/** @throws AppError model-not-found when there is no model */
function chosenId(home: string, asked: string | undefined): string {
  if (asked !== undefined) return basename(findRunIfAny(home, asked) ?? asked);
  const newest = newestDoneRun(home, (run) => !isRewardModel(run));
  const id = newest ? basename(newest) : listModels(home)[0]?.id;
  if (!id) throw new AppError('model-not-found', { model: 'to talk to', known: 'none yet: run `slipway pull smollm2-135m-instruct`' });
  return id;
}

async function converse(server: ChatServer, id: string): Promise<void> {
  const terminal = createInterface({ input: process.stdin, output: editingTerminal(process.stdout) });
  process.stdout.write(`${style('dim', 'An empty line or Ctrl-D ends it; /new starts a new conversation.')}\n`);
  let messages: Message[] = [];
  terminal.setPrompt('> ');
  terminal.prompt();
  for await (const line of terminal) {
    const content = line.trim();
    if (content === '') break;
    if (content === '/new') {
      messages = [];
    } else {
      messages.push({ role: 'user', content });
      messages.push({ role: 'assistant', content: await say(server, id, messages, true) });
      process.stdout.write('\n');
    }
    terminal.prompt();
  }
  terminal.close();
}

async function say(server: ChatServer, id: string, messages: Message[], isShown: boolean): Promise<string> {
  let answer = '';
  for await (const piece of streamAnswer(server, { model: id, messages, signal: new AbortController().signal })) {
    answer += piece;
    if (isShown) process.stdout.write(printable(piece));
  }
  return answer;
}
