/** How a model is told what answers are wanted, from what the reference answers are. Pure functions. */
import type { Decoding } from '../protocol/candidate.js';
import type { ComparedRow } from '../protocol/row.js';
import type { MetricChoice } from './choose-metric.js';

/** With more characters than this a list of labels is written line by line. */
const MAX_LABEL_LINE = 200;

/** The rows' own system prompt, where they share one, and what is wanted; null where nothing can be said of the answers. */
export function systemPrompt(rows: ComparedRow[], choice: MetricChoice): string | null {
  const systems = new Set(rows.map((row) => (row.messages[0]?.role === 'system' ? row.messages[0].content : '')));
  const own = systems.size === 1 ? [...systems][0] : '';
  const rule = answerRule(choice);
  return rule && own ? `${own}\n${rule}` : rule;
}

function answerRule(choice: MetricChoice): string | null {
  switch (choice.metric) {
    case 'exact_match':
      return `Answer with one JSON object and nothing else. Its keys are: ${choice.fields.join(', ')}.`;
    case 'accuracy': {
      const line = choice.labels.join(', ');
      const labels = line.length <= MAX_LABEL_LINE ? `${line}.` : `\n${choice.labels.join('\n')}`;
      return `Answer with one of these labels and nothing else: ${labels}`;
    }
    case 'numeric':
      return choice.is_reasoned ? 'End your answer with the number.' : 'Answer with one number and nothing else.';
    case 'normalized_match':
      return 'Answer in as few words as possible, and with nothing else.';
    default:
      return null;
  }
}

/** What decoding is constrained to, where the answers have a form. */
export function decodingConstraint({ metric }: MetricChoice): Partial<Decoding> {
  if (metric === 'exact_match') return { json_schema: true };
  return metric === 'accuracy' ? { choice: true } : {};
}

/** Low on purpose: names and numbers are cut finer than words. */
export const CHARACTERS_PER_TOKEN = 2.5;
const MAX_ANSWER_TOKENS = 512;

/** Room for the longest reference answer and half of it more. */
export function answerTokens(rows: ComparedRow[]): number {
  const longest = rows.reduce((most, row) => Math.max(most, (row.messages.at(-1)?.content ?? '').length), 0);
  return Math.min(MAX_ANSWER_TOKENS, Math.max(16, Math.ceil((longest / CHARACTERS_PER_TOKEN) * 1.5)));
}
