/** Checks the recipe while it is written. */
const form = document.querySelector<HTMLFormElement>('#recipe');
const text = document.querySelector<HTMLTextAreaElement>('#text');
const findings = document.querySelector<HTMLElement>('#findings');
const PAUSE_MS = 400;

let timer = 0;
let latest = 0;
text?.addEventListener('input', () => {
  clearTimeout(timer);
  timer = window.setTimeout(() => void check(), PAUSE_MS);
});

async function check(): Promise<void> {
  if (!form || !findings) return;
  const mine = ++latest;
  const fields = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)]));
  const response = await fetch('/start/check', {
    method: 'POST',
    headers: { 'x-csrf-token': fields.csrf ?? '' },
    body: new URLSearchParams(fields),
  });
  // A late answer to an older text is dropped.
  if (mine === latest && response.ok) findings.innerHTML = await response.text();
}
