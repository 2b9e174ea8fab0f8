/** The sample task for preferences: one sentence for the shift log, calm rather than alarmed. Anyone can see which is the better one. */
import type { LabelledRow, Message, PreferenceRow } from '../../protocol/row.js';
import { generateReports, type Report, type SampleSizes, type SplitName } from './incident-reports.js';
import { type Random, seededRandom } from './random.js';
import { ALARMED, CALM } from './summary-phrases.js';

const INSTRUCTION = 'Summarise the incident for the shift log.';

interface Pair {
  prompt: Message[];
  calm: string;
  alarmed: string;
  group: string;
}

/** Pairs of the three splits, the same for the same seed on every machine; phrases of dev and test occur nowhere in train. */
export function generateIncidentSummaries(seed: number, sizes: SampleSizes): Record<SplitName, PreferenceRow[]> {
  return eachSplit(seed, sizes, ({ prompt, calm, alarmed, group }) => ({ prompt, chosen: says(calm), rejected: says(alarmed), group }));
}

/** Of each pair one answer, good and bad by turns. */
export function generateLabelledSummaries(seed: number, sizes: SampleSizes): Record<SplitName, LabelledRow[]> {
  return eachSplit(seed, sizes, ({ prompt, calm, alarmed, group }, index) => {
    const label = index % 2 === 0;
    return { prompt, completion: says(label ? calm : alarmed), label, group };
  });
}

const says = (content: string): Message[] => [{ role: 'assistant', content }];

function eachSplit<R>(seed: number, sizes: SampleSizes, rowOf: (pair: Pair, index: number) => R): Record<SplitName, R[]> {
  const reports = generateReports(seed, sizes);
  const rowsOf = (split: SplitName) => {
    const random = seededRandom(`${split === 'test' ? (sizes.test_seed ?? seed) : seed}/${split} summaries`);
    return reports[split].map((report, index) => rowOf(pairOf(report, split, random), index));
  };
  return { train: rowsOf('train'), dev: rowsOf('dev'), test: rowsOf('test') };
}

function pairOf({ template, text, record }: Report, split: SplitName, random: Random): Pair {
  const fill = (phrase: string) => phrase.replace('{asset}', record.asset ?? 'a machine').replace('{site}', record.site ?? 'the site');
  // Each has one or two sentences by chance: which is the longer one says nothing.
  const answer = ({ openings, closings }: (typeof CALM)[SplitName]) =>
    [random.pick(openings), ...(random.chance(0.5) ? [random.pick(closings)] : [])].map(fill).join(' ');
  return {
    prompt: [
      { role: 'system', content: INSTRUCTION },
      { role: 'user', content: text },
    ],
    calm: answer(CALM[split]),
    alarmed: answer(ALARMED[split]),
    group: `${split}: ${template}`,
  };
}
