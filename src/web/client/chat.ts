/**
 * Answers as they are written, with how fast that was; Stop, Copy and Clear. The conversation is kept in this browser until it is
 * cleared. The form works without this script; then answers come all at once.
 */
const form = document.querySelector<HTMLFormElement>('#chat');
const turnsElement = document.querySelector<HTMLElement>('#turns');
const state = document.querySelector<HTMLElement>('#chat-state');
const question = document.querySelector<HTMLTextAreaElement>('#question');
const [stop, clear] = ['#stop', '#clear'].map((id) => document.querySelector<HTMLButtonElement>(id));
const choose = document.querySelector<HTMLFormElement>('#choose');
/** As protocol/chat.ts has it. */
const ANSWER_END = '\u001e';
const KEPT = 'slipway-chat';
const HINT = 'Enter sends, Shift+Enter makes a new line, Escape stops. Kept in this browser until you clear it.';

interface Turn {
  question: string;
  answers: { model: string; text: string }[];
}

let turns: Turn[] = [];
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
clear?.addEventListener('click', () => {
  localStorage.removeItem(KEPT);
  location.assign('/chat');
});
// The select boxes alone choose.
choose?.addEventListener('change', () => choose.requestSubmit());
choose?.querySelector('button')?.setAttribute('hidden', '');
if (state) state.textContent = HINT;
restore();
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
  if (clear) clear.hidden = false;
  return panes;
}

/** What is sent to a model stays in this browser, and goes with Clear. */
function keep({ a, b, system, temperature, max_tokens }: Record<string, string>): void {
  try {
    localStorage.setItem(KEPT, JSON.stringify({ a, b, system, temperature, max_tokens, turns }));
  } catch {
    // A browser that keeps nothing still chats.
  }
}

/** The conversation with these models, if it is the one that was kept. */
function restore(): void {
  if (!form || !turnsElement) return;
  const kept = JSON.parse(localStorage.getItem(KEPT) ?? 'null') as (Record<string, string> & { turns: Turn[] }) | null;
  const { a, b } = fieldsOf(form);
  if (!kept || kept.a !== a || (kept.b ?? '') !== b || turnsElement.children.length > 0) return;
  for (const name of ['system', 'temperature', 'max_tokens']) {
    const field = form.elements.namedItem(name) as HTMLInputElement | null;
    if (field && kept[name] !== undefined) field.value = kept[name];
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
