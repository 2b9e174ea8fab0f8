/** Addresses of pages. Ids may have any letters: they are percent-encoded here and nowhere else. */
import { RowQuery } from '../protocol/row-result.js';

export const runPath = (id: string, part = '') => `/runs/${encodeURIComponent(id)}${part}`;
export const comparisonIdPath = (id: string, part = '') => `/comparisons/${encodeURIComponent(id)}${part}`;
/** The rows of a comparison as they are asked for; what is the default is left out. */
export function rowsPath(id: string, query: RowQuery, ending: '' | '.csv' = ''): string {
  const plain = RowQuery.parse({});
  const asked = Object.entries(query).filter(([name, value]) => value !== plain[name as keyof RowQuery] && !(ending && name === 'page'));
  const search = new URLSearchParams(asked.map(([name, value]) => [name, String(value)]));
  return comparisonIdPath(id, `/rows${ending}${search.size > 0 ? `?${search}` : ''}`);
}

export const reportPath = (id: string, hasRows: boolean) => comparisonIdPath(id, `/report.html${hasRows ? '?rows=all' : ''}`);
export const slugPath = (slug: string, id: string | undefined) =>
  `/compare/${encodeURIComponent(slug)}${id === undefined ? '' : `?v=${encodeURIComponent(id)}`}`;
export const dataFilePath = (path: string) => `/data/file?path=${encodeURIComponent(path)}`;
export const modelPath = (id: string) => `/models#${encodeURIComponent(id)}`;
/** The rule by which a recipe's model is judged; of a run that is done, it is compared under it. */
export const gatePath = (recipe: string, run?: string) => `/gate?${new URLSearchParams({ recipe, ...(run === undefined ? {} : { run }) })}`;
/** @param first a model, a run or an endpoint */
export const newComparisonPath = (first: string) => `/comparisons/new?a=${encodeURIComponent(first)}`;
export const startPath = (recipe: string) => `/start?recipe=${encodeURIComponent(recipe)}`;
/** @param id a model or a run */
export const servePath = (id: string, part = '') => `/serve/${encodeURIComponent(id)}${part}`;
export const chatPath = (model: string) => `/chat?a=${encodeURIComponent(model)}`;

/** First parts of all addresses that a browser may be sent to. */
const KNOWN = ['data', 'runs', 'comparisons', 'compare', 'models', 'chat', 'start', 'starting', 'gate', 'endpoints', 'serve'];

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
