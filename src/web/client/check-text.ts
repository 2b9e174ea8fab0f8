/** Checks a recipe or a gate while it is written, and keeps its text and the fields of its values alike. */
const form = document.querySelector<HTMLFormElement>('#edited');
const text = document.querySelector<HTMLTextAreaElement>('#text');
const findings = document.querySelector<HTMLElement>('#findings');
const settings = document.querySelector<HTMLElement>('#settings');
const start = document.querySelector<HTMLButtonElement>('#start');
const PAUSE_MS = 400;

let timer = 0;
let latest = 0;
text?.addEventListener('input', () => later({}));
settings?.addEventListener('input', (event) => {
  const field = event.target as HTMLInputElement;
  if (field.dataset.setting) later({ path: field.dataset.setting, value: field.value });
});

/** A setting that was changed before the last one was sent would be lost: they are kept until then. */
let waiting: Record<string, string>[] = [];
function later(changed: Record<string, string>): void {
  waiting = [...waiting.filter(({ path }) => path !== changed.path), changed];
  clearTimeout(timer);
  timer = window.setTimeout(() => void check(), PAUSE_MS);
}

async function check(): Promise<void> {
  if (!form || !findings || !settings || !text || !start) return;
  const mine = ++latest;
  const changes = waiting;
  waiting = [];
  for (const change of changes) {
    const fields = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)]));
    const response = await fetch(form.dataset.check as string, {
      method: 'POST',
      headers: { 'x-csrf-token': fields.csrf ?? '', accept: 'application/json' },
      body: new URLSearchParams({ ...fields, ...change }),
    });
    // A late answer to an older text is dropped.
    if (mine !== latest || !response.ok) return;
    const answer = (await response.json()) as { text: string; findings: string; settings: string; is_ready: boolean };
    if (change.path !== undefined) text.value = answer.text;
    replaceSettings(settings, answer.settings);
    findings.innerHTML = answer.findings;
    start.disabled = !answer.is_ready;
  }
}

/** What is open stays open, and what has the focus keeps it, with what was typed meanwhile. */
function replaceSettings(element: HTMLElement, html: string): void {
  const nameOf = (details: HTMLDetailsElement) => details.closest('.setting')?.querySelector('label')?.htmlFor ?? 'others';
  const open = new Set([...element.querySelectorAll<HTMLDetailsElement>('details[open]')].map(nameOf));
  const focused = element.contains(document.activeElement) ? (document.activeElement as HTMLInputElement) : null;
  const scrolled = element.scrollTop;
  element.innerHTML = html;
  element.scrollTop = scrolled;
  for (const details of element.querySelectorAll('details')) details.open = open.has(nameOf(details));
  const same = focused?.id ? (document.getElementById(focused.id) as HTMLInputElement | null) : null;
  if (!focused || !same) return;
  same.value = focused.value;
  same.focus({ preventScroll: true });
  if (focused instanceof HTMLInputElement) same.setSelectionRange(focused.selectionStart, focused.selectionEnd);
}
