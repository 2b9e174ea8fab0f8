/** What a form has started and is not there yet: its page is waited for, with the stages so far. */
import type { Reporter } from '../flow/reporter.js';
import { asAppError } from '../protocol/errors.js';
import { percent } from '../protocol/units.js';
import type { Preparing } from '../web/pages/preparing-page.js';

export interface Preparings {
  /** Started twice with one id, as by a double click, it is one. @param prepare resolves to the path of the page that comes next */
  start(id: string, shown: Pick<Preparing, 'title' | 'about' | 'back'>, prepare: (reporter: Reporter) => Promise<string>): void;
  find(id: string): (Preparing & { path: string | null }) | undefined;
}

export function createPreparings(): Preparings {
  const known = new Map<string, Preparing & { path: string | null }>();
  return {
    find: (id) => known.get(id),
    start(id, shown, prepare) {
      if (known.has(id)) return;
      const preparing: Preparing & { path: string | null } = { ...shown, lines: [], error: null, path: null };
      known.set(id, preparing);
      prepare(reporterInto(preparing.lines))
        .then((path) => {
          preparing.path = path;
        })
        .catch((thrown: unknown) => {
          const { message, hint } = asAppError(thrown);
          preparing.error = { message, hint };
        });
    },
  };
}

/** The stages so far, the last one with its progress. */
function reporterInto(lines: string[]): Reporter {
  const set = (text: string) => {
    lines[Math.max(0, lines.length - 1)] = text;
  };
  let stage = '';
  return {
    stage(name, text) {
      stage = `${name}: ${text}`;
      lines.push(stage);
    },
    progress: (text, share) => set(`${stage}: ${text}${share === undefined ? '' : ` ${percent(share)}`}`),
    note: (text) => lines.splice(-1, 0, text),
    event: () => undefined,
    done: (text) => set(`✓ ${stage}: ${text}`),
  };
}
