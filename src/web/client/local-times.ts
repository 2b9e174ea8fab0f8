/** Times in the reader's zone; without this script they are in UTC, with the zone. */
export function localTimes(root: ParentNode): void {
  for (const element of root.querySelectorAll<HTMLTimeElement>('time[data-local]')) {
    const at = new Date(element.dateTime);
    element.textContent = at.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
    element.title = at.toLocaleString(undefined, { dateStyle: 'full', timeStyle: 'long' });
    delete element.dataset.local;
  }
}

localTimes(document);
