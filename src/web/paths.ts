/** Addresses of pages. Ids may have any letters: they are percent-encoded here and nowhere else. */

export const runPath = (id: string, part = '') => `/runs/${encodeURIComponent(id)}${part}`;
export const comparisonIdPath = (id: string, part = '') => `/comparisons/${encodeURIComponent(id)}${part}`;
export const slugPath = (slug: string, id: string | undefined) =>
  `/compare/${encodeURIComponent(slug)}${id === undefined ? '' : `?v=${encodeURIComponent(id)}`}`;
export const modelPath = (id: string) => `/models#${encodeURIComponent(id)}`;
export const chatPath = (model: string) => `/chat?a=${encodeURIComponent(model)}`;

/** First parts of all addresses that a browser may be sent to. */
const KNOWN = ['runs', 'comparisons', 'compare', 'models', 'chat', 'start', 'starting'];

/**
 * An address that came with a request, as a path of these pages; `/` for any other. Browsers read `//host`, `/\host` and
 * `/<tab>/host` as another server: only what is still a known page when it was parsed as they do is kept.
 */
export function ownPath(asked: string): string {
  if (!URL.canParse(asked, 'http://own.invalid')) return '/';
  const { host, pathname, search } = new URL(asked, 'http://own.invalid');
  const [, first] = pathname.split('/');
  return host === 'own.invalid' && KNOWN.includes(first as string) ? pathname + search : '/';
}
