/** Answers as they are written. The form works without this script; then they come all at once. */
const form = document.querySelector<HTMLFormElement>('#chat');
const turnsElement = document.querySelector<HTMLElement>('#turns');
const state = document.querySelector<HTMLElement>('#chat-state');
const question = document.querySelector<HTMLTextAreaElement>('#question');

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

async function ask(): Promise<void> {
  if (!form || !turnsElement || !state || !question || question.value.trim() === '') return;
  const fields = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)]));
  const models = [fields.a as string, ...(fields.b ? [fields.b] : [])];
  const asked = question.value.trim();
  const panes = addTurn(turnsElement, asked, models);
  question.value = '';
  const button = form.querySelector('button') as HTMLButtonElement;
  button.disabled = true;
  state.textContent = 'Waiting for the engine …';
  const answers = await Promise.all(
    models.map((model) => {
      const beside = models.find((other) => other !== model);
      return answer(panes.get(model) as HTMLElement, { ...fields, a: model, b: beside ?? '', question: asked });
    }),
  );
  state.textContent = 'Enter sends, Shift+Enter makes a new line.';
  button.disabled = false;
  const turns = form.elements.namedItem('turns') as HTMLInputElement;
  const turn = { question: asked, answers: models.map((model, index) => ({ model, text: answers[index] })) };
  turns.value = JSON.stringify([...(JSON.parse(turns.value) as unknown[]), turn]);
  question.focus();
}

/** @param fields of the form, with the model that is asked and the one beside it */
async function answer(pane: HTMLElement, fields: Record<string, string>): Promise<string> {
  const response = await fetch('/chat/answer', {
    method: 'POST',
    headers: { 'x-csrf-token': fields.csrf ?? '', accept: 'application/json' },
    body: new URLSearchParams(fields),
  });
  if (!response.ok || !response.body) {
    const { error } = (await response.json()) as { error: { message: string; hint: string } };
    pane.textContent = `${error.message} ${error.hint}`;
    return '';
  }
  let text = '';
  const decoder = new TextDecoder();
  const reader = response.body.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    text += decoder.decode(part.value, { stream: true });
    pane.textContent = text;
  }
  return text;
}

/** @returns where each model's answer goes */
function addTurn(into: HTMLElement, asked: string, models: string[]): Map<string, HTMLElement> {
  const make = (tag: string, className: string, text = '') => {
    const element = document.createElement(tag);
    element.className = className;
    element.textContent = text;
    return element;
  };
  const turn = make('article', 'turn');
  const columns = make('div', 'columns');
  const panes = new Map<string, HTMLElement>();
  for (const model of models) {
    const side = make('div', 'answer');
    const said = make('p', 'said', '…');
    side.append(make('p', 'muted small', model), said);
    columns.append(side);
    panes.set(model, said);
  }
  turn.append(make('p', 'question', asked), columns);
  into.append(turn);
  turn.scrollIntoView({ block: 'nearest' });
  return panes;
}
