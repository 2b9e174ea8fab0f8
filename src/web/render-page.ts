/** A page as HTML text, complete without JavaScript. React escapes every text, whoever wrote it. */
import type { ReactElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';

export function renderPage(page: ReactElement): string {
  return `<!doctype html>${renderToStaticMarkup(page)}`;
}

/** A part of a page, for one that changes while it is looked at. */
export function renderPart(part: ReactElement): string {
  return renderToStaticMarkup(part);
}
