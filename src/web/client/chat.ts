/**
 * Answers as they are written, with how fast that was; Stop, Copy, New and Clear. Conversations are kept in this browser until they are
 * cleared. The form works without this script; then answers come all at once.
 */
import {
  type Conversation,
  conversations,
  eraseAll,
  eraseConversation,
  keepConversation,
  listConversations,
  type Turn,
} from './conversations.js';

const form = document.querySelector<HTMLFormElement>('#chat');
const turnsElement = document.querySelector<HTMLElement>('#turns');
const state = document.querySelector<HTMLElement>('#chat-state');
const question = document.querySelector<HTMLTextAreaElement>('#question');
const [stop, clear, fresh, eraseButton] = ['#stop', '#clear', '#new', '#erase-all'].map((id) =>
  document.querySelector<HTMLButtonElement>(id),
);
const choose = document.querySelector<HTMLFormElement>('#choose');
/** As protocol/chat.ts has it. */
const ANSWER_END = '\u001e';
const historyElement = document.querySelector<HTMLElement>('#history');
/** In the address, after `#`: an empty conversation, whatever there was before. */
const NEW = 'new';
const SETTINGS = ['system', 'temperature', 'max_tokens'];
const HINT = 'Enter sends, Shift+Enter makes a new line, Escape stops. Kept in this browser until you clear it.';

let turns: Turn[] = [];
let conversationId = String(Date.now());
let stopping: AbortController | null = null;

form?.addEventListener('submit', (event) => {
  event.preventDefault();
  void ask();
});
question?.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && !event.shiftKey) {
    event.preventDefault();
    form?.requestSubmit();
  }
});
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') stopping?.abort();
});
stop?.addEventListener('click', () => stopping?.abort());
fresh?.addEventListener('click', startAnew);
clear?.addEventListener('click', () => {
  eraseConversation(conversationId);
  startAnew();
});
eraseButton?.addEventListener('click', () => {
  eraseAll();
  startAnew();
});
addEventListener('hashchange', () => location.reload());
// The select boxes alone choose.
choose?.addEventListener('change', () => choose.requestSubmit());
choose?.querySelector('button')?.setAttribute('hidden', '');
if (state) state.textContent = HINT;
restore();
if (historyElement) listConversations(historyElement, conversationId);
question?.focus();

async function ask(): Promise<void> {
  if (!form || !turnsElement || !state || !question || !stop || stopping || question.value.trim() === '') return;
  const fields = fieldsOf(form);
  const models = modelsOf(fields);
  const asked = question.value.trim();
  const panes = addTurn(turnsElement, asked, models);
  question.value = '';
  const send = form.querySelector<HTMLButtonElement>('button[type=submit]') as HTMLButtonElement;
  send.disabled = true;
  stop.hidden = false;
  state.textContent = 'Waiting for the engine …';
  stopping = new AbortController();
  const { signal } = stopping;
  const answers = await Promise.all(
    models.map((model) => {
      const beside = models.find((other) => other !== model);
      return answer(
        panes.get(model) as Pane,
        { ...fields, turns: JSON.stringify(turns), a: model, b: beside ?? '', question: asked },
        signal,
      );
    }),
  );
  stopping = null;
  stop.hidden = true;
  send.disabled = false;
  state.textContent = HINT;
  turns = [...turns, { question: asked, answers: models.map((model, index) => ({ model, text: answers[index] as string })) }];
  keep(fields);
  question.focus();
}

function fieldsOf(element: HTMLFormElement): Record<string, string> {
  return Object.fromEntries([...new FormData(element)].map(([name, value]) => [name, String(value)]));
}

const modelsOf = ({ a = '', b = '' }: Record<string, string>) => [a, ...(b ? [b] : [])];

interface Pane {
  said: HTMLElement;
  figures: HTMLElement;
}

/** @param fields of the form, with the model that is asked and the one beside it */
async function answer({ said, figures }: Pane, fields: Record<string, string>, signal: AbortSignal): Promise<string> {
  let text = '';
  try {
    const response = await fetch('/chat/answer', {
      method: 'POST',
      headers: { 'x-csrf-token': fields.csrf ?? '', accept: 'application/json' },
      body: new URLSearchParams(fields),
      signal,
    });
    if (!response.ok || !response.body) {
      const { error } = (await response.json()) as { error: { message: string; hint: string } };
      said.textContent = `${error.message} ${error.hint}`;
      return '';
    }
    const decoder = new TextDecoder();
    const reader = response.body.getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      text += decoder.decode(part.value, { stream: true });
      said.textContent = text.split(ANSWER_END)[0] ?? '';
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    figures.textContent = 'stopped';
  }
  const [whole = '', end] = text.split(ANSWER_END);
  if (end) {
    const { num_tokens, duration_ms } = JSON.parse(end) as { num_tokens: number | null; duration_ms: number };
    // Of the first token it is not known when it was begun.
    const rate = num_tokens !== null && num_tokens > 1 ? `, ${(((num_tokens - 1) * 1000) / duration_ms).toFixed(0)} a second` : '';
    if (num_tokens !== null) figures.textContent = `${num_tokens} ${num_tokens === 1 ? 'token' : 'tokens'}${rate}`;
  }
  return whole;
}

/** @returns where each model's answer goes */
function addTurn(into: HTMLElement, asked: string, models: string[]): Map<string, Pane> {
  const make = <K extends keyof HTMLElementTagNameMap>(tag: K, className: string, text = '') => {
    const element = document.createElement(tag);
    element.className = className;
    element.textContent = text;
    return element;
  };
  const turn = make('article', 'turn');
  const columns = make('div', 'columns');
  const panes = new Map<string, Pane>();
  for (const model of models) {
    const side = make('div', 'answer');
    const said = make('p', 'said', '…');
    const foot = make('p', 'muted small');
    const [figures, copy] = [make('span', ''), make('button', 'quiet copy', 'Copy')];
    copy.type = 'button';
    copy.setAttribute('aria-label', `Copy the answer of ${model}`);
    copy.addEventListener('click', () => void navigator.clipboard.writeText(said.textContent ?? ''));
    foot.append(figures, ' ', copy);
    side.append(make('p', 'muted small', model), said, foot);
    columns.append(side);
    panes.set(model, { said, figures });
  }
  turn.append(make('p', 'question', asked), columns);
  into.append(turn);
  turn.scrollIntoView({ block: 'nearest' });
  for (const button of [clear, fresh]) if (button) button.hidden = false;
  return panes;
}

/** What is sent to a model stays in this browser, and goes with Clear. */
function keep(fields: Record<string, string>): void {
  const settings = Object.fromEntries(SETTINGS.map((name) => [name, fields[name] ?? '']));
  keepConversation({ id: conversationId, at: Date.now(), a: fields.a ?? '', b: fields.b ?? '', settings, turns });
  // Read again it is this conversation.
  if (location.hash === `#${NEW}`) history.replaceState(null, '', `#${conversationId}`);
}

function startAnew(): void {
  history.replaceState(null, '', `${location.pathname}${location.search}#${NEW}`);
  location.reload();
}

/** The conversation that the address names, or the last one with these models. */
function restore(): void {
  if (!form || !turnsElement || turnsElement.children.length > 0) return;
  const { a, b = '' } = fieldsOf(form);
  const asked = location.hash.slice(1);
  const ofThese = conversations().filter((one) => one.a === a && one.b === b);
  const kept: Conversation | undefined = asked === '' ? ofThese[0] : ofThese.find(({ id }) => id === asked);
  if (!kept) return;
  conversationId = kept.id;
  for (const name of SETTINGS) {
    const field = form.elements.namedItem(name) as HTMLInputElement | null;
    if (field && kept.settings[name] !== undefined) field.value = kept.settings[name];
  }
  turns = kept.turns;
  for (const turn of turns) {
    const panes = addTurn(
      turnsElement,
      turn.question,
      turn.answers.map(({ model }) => model),
    );
    for (const { model, text } of turn.answers) (panes.get(model) as Pane).said.textContent = text;
  }
}
