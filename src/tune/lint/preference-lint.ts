/** What is risky in pairs and in labelled answers. One row at a time; of earlier ones hashes are kept. */
import { shortHash } from '../../data/row-keys.js';
import type { LintWarning } from '../../protocol/lint.js';
import type { DataRow, Message, PreferenceRow } from '../../protocol/row.js';

export const textOf = (turns: Message[]) => turns.map(({ content }) => content).join('\n');

type Kind = LintWarning['kind'];

/** With fewer pairs a share says nothing. */
const LEAST_PAIRS = 20;
/** From this share on a model may learn the length and nothing else: always taking the longer answer would be right as often. Our choice. */
const BIASED_SHARE = 0.75;

export function startPreferenceLint(maxRemembered: number) {
  const judged = new Set<number>();
  const counts = { pairs: 0, longer: 0, shorter: 0 };

  /** Whether the opposite was said of the same answers before. */
  const contradicts = (said: unknown, opposite: unknown): boolean => {
    if (judged.size < maxRemembered) judged.add(shortHash(JSON.stringify(said)));
    return judged.has(shortHash(JSON.stringify(opposite)));
  };

  const lookAtPair = ({ prompt, chosen, rejected }: PreferenceRow): { kind: Kind; excerpt: string }[] => {
    const [better, worse] = [textOf(chosen), textOf(rejected)];
    counts.pairs++;
    if (better.length > worse.length) counts.longer++;
    if (better.length < worse.length) counts.shorter++;
    const kinds: [Kind, boolean][] = [
      ['chosen equals rejected', better === worse],
      ['prompts differ inside a pair', chosen[0]?.role === 'user'],
      ['contradicts another row', better !== worse && contradicts([prompt, better, worse], [prompt, worse, better])],
      ['better answers are longer', better.length > worse.length],
      ['better answers are shorter', better.length < worse.length],
    ];
    return kinds.flatMap(([kind, isSo]) => (isSo ? [{ kind, excerpt: better }] : []));
  };

  return {
    look(read: DataRow): { kind: Kind; excerpt: string }[] {
      if (read.kind === 'preference') return lookAtPair(read.row);
      if (read.kind !== 'labelled') return [];
      const { prompt, completion, label } = read.row;
      const answer = textOf(completion);
      return contradicts([prompt, answer, label], [prompt, answer, !label]) ? [{ kind: 'contradicts another row', excerpt: answer }] : [];
    },
    /** Whether a warning of lengths is none, since the set is not biased. */
    isNoBias(kind: Kind): boolean {
      const count = { 'better answers are longer': counts.longer, 'better answers are shorter': counts.shorter }[kind as string];
      return count !== undefined && (counts.pairs < LEAST_PAIRS || count / counts.pairs < BIASED_SHARE);
    },
  };
}
