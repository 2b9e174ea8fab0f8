/** A page as HTML text, complete without JavaScript. React escapes every text. */
import type { ReactElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';

export function renderPage(page: ReactElement): string {
  return `<!doctype html>${renderToStaticMarkup(page)}`;
}

/** A part of a page that is sent again when it changes. */
export function renderPart(part: ReactElement): string {
  return renderToStaticMarkup(part);
}
