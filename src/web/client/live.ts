/** Puts parts of the page in place as the server sends them again. They are rendered there, so nothing is built from text here. */
import { localTimes } from './local-times.js';

for (const region of document.querySelectorAll<HTMLElement>('[data-live]')) {
  const source = new EventSource(region.dataset.live as string);
  source.onmessage = (event: MessageEvent<string>) => {
    for (const [id, html] of Object.entries(JSON.parse(event.data) as Record<string, string>)) replace(id, html);
  };
}

function replace(id: string, html: string): void {
  const element = document.getElementById(id);
  if (!element || element.innerHTML === html) return;
  // What is being used is left alone: a button with the focus, a text that is being selected.
  const isInUse = element.contains(document.activeElement) && document.activeElement !== document.body;
  const openDetails = [...element.querySelectorAll('details')].map((details) => details.open);
  const focused = isInUse ? [...element.querySelectorAll('button, a, [tabindex]')].indexOf(document.activeElement as Element) : -1;
  element.innerHTML = html;
  localTimes(element);
  element.querySelectorAll('details').forEach((details, index) => {
    details.open = openDetails[index] ?? details.open;
  });
  if (focused >= 0) (element.querySelectorAll('button, a, [tabindex]')[focused] as HTMLElement | undefined)?.focus();
}
