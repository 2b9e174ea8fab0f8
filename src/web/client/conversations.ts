/** Conversations of the chat, kept in this browser alone until they are erased. */

export interface Turn {
  question: string;
  answers: { model: string; text: string }[];
}

export interface Conversation {
  id: string;
  /** In milliseconds, of the last turn. */
  at: number;
  a: string;
  b: string;
  settings: Record<string, string>;
  turns: Turn[];
}

const KEY = 'slipway-chat';
/** A browser keeps some megabytes for a page. */
const MAX_CONVERSATIONS = 30;

/** The newest first. */
export function conversations(): Conversation[] {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? '[]') as unknown;
    return Array.isArray(kept) ? (kept as Conversation[]) : [];
  } catch {
    return [];
  }
}

export function keepConversation(conversation: Conversation): void {
  write([conversation, ...conversations().filter(({ id }) => id !== conversation.id)].slice(0, MAX_CONVERSATIONS));
}

export function eraseConversation(id: string): void {
  write(conversations().filter((one) => one.id !== id));
}

export function eraseAll(): void {
  write([]);
}

function write(all: Conversation[]): void {
  try {
    if (all.length === 0) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, JSON.stringify(all));
  } catch {
    // In a browser that keeps nothing one can still chat.
  }
}

/** A list of the others: each opens its conversation, or erases it. */
export function listConversations(into: HTMLElement, currentId: string): void {
  const others = conversations().filter(({ id }) => id !== currentId);
  into.hidden = others.length === 0;
  const list = into.querySelector('ul') as HTMLUListElement;
  list.replaceChildren(...others.map((one) => item(one, () => listConversations(into, currentId))));
}

function item({ id, at, a, b, turns }: Conversation, onErase: () => void): HTMLLIElement {
  const line = document.createElement('li');
  const link = document.createElement('a');
  link.href = `/chat?${new URLSearchParams({ a, ...(b ? { b } : {}) })}#${id}`;
  link.textContent = (turns[0]?.question ?? '').slice(0, 80);
  const about = document.createElement('span');
  about.className = 'muted small';
  about.textContent = ` ${b ? `${a} and ${b}` : a}, ${new Date(at).toLocaleString()} `;
  const erase = document.createElement('button');
  erase.type = 'button';
  erase.className = 'quiet copy';
  erase.textContent = 'Erase';
  erase.setAttribute('aria-label', `Erase: ${link.textContent}`);
  erase.addEventListener('click', () => {
    eraseConversation(id);
    onErase();
  });
  line.append(link, about, erase);
  return line;
}
