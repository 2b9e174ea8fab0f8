/** Sends a file that was dropped or chosen, with its progress, and opens its page. */
const form = document.querySelector<HTMLFormElement>('#upload');
const input = document.querySelector<HTMLInputElement>('#file');
const state = document.querySelector<HTMLElement>('#upload-state');
const csrf = document.querySelector<HTMLMetaElement>('meta[name="csrf"]')?.content ?? '';

input?.addEventListener('change', () => send(input.files?.[0]));
form?.addEventListener('dragover', (event) => {
  event.preventDefault();
  form.classList.add('over');
});
form?.addEventListener('dragleave', () => form.classList.remove('over'));
form?.addEventListener('drop', (event) => {
  event.preventDefault();
  form.classList.remove('over');
  send(event.dataTransfer?.files[0]);
});

function send(file: File | undefined): void {
  if (!file || !form || !state) return;
  const most = Number(form.dataset.max);
  if (file.size > most) {
    say(`${file.name} is larger than ${most / 1e9} GB.`, true);
    return;
  }
  // fetch does not tell how much was sent.
  const request = new XMLHttpRequest();
  const started = performance.now();
  request.upload.addEventListener('progress', ({ loaded, total }) => {
    const seconds = ((performance.now() - started) / 1000) * ((total - loaded) / Math.max(1, loaded));
    say(`${file.name}: ${Math.floor((100 * loaded) / Math.max(1, total))} %, about ${Math.ceil(seconds)} s left`);
  });
  request.addEventListener('load', () => {
    const answer = JSON.parse(request.responseText) as { url?: string; error?: { message: string; hint: string } };
    if (answer.url) location.assign(answer.url);
    else say(`${answer.error?.message} ${answer.error?.hint}`, true);
  });
  request.addEventListener('error', () => say(`${file.name} was not sent: the studio does not answer.`, true));
  request.open('POST', `${form.dataset.url}?name=${encodeURIComponent(file.name)}`);
  request.setRequestHeader('content-type', 'application/octet-stream');
  request.setRequestHeader('accept', 'application/json');
  request.setRequestHeader('x-csrf-token', csrf);
  request.send(file);
}

function say(text: string, isProblem = false): void {
  if (!state) return;
  state.className = isProblem ? 'problem' : '';
  state.textContent = text;
}
