/** How right an answer is, by the gate's kind of answer. Pure functions. */
import type { AnswerScores } from '../../protocol/evidence.js';
import { answerKind, type Gate } from '../../protocol/gate.js';

/** Text has no score of its own: it is measured by the log-probability of the reference. */
export function scoreAnswer(gate: Gate, answer: string, expected: string): AnswerScores {
  switch (answerKind(gate.metric)) {
    case 'record':
      return scoreRecord(answer, expected, Object.keys((gate.schema?.properties ?? {}) as object));
    case 'label':
      return { accuracy: normalizedLabel(answer) === normalizedLabel(expected) ? 1 : 0 };
    case 'text':
      return {};
  }
}

/** Case, Unicode form, quotes around it and a full stop after it do not make another label. */
function normalizedLabel(text: string): string {
  const label = text.normalize('NFKC').trim().toLowerCase().replace(/\s+/g, ' ');
  return label.replace(/^["'`]+|["'`.]+$/g, '').trim();
}

/**
 * @param fields the names that are compared; a record with another field besides is not exact
 * @param expected the reference answer, JSON
 */
export function scoreRecord(answer: string, expected: string, fields: string[]): AnswerScores {
  const reference = parseRecord(expected);
  const record = parseRecord(answer);
  if (!record || !reference) return { valid_json: record ? 1 : 0, exact_fields: 0, exact_match: 0 };
  const right = fields.filter((field) => field in record === field in reference && isSame(record[field], reference[field]));
  const hasOthers = Object.keys(record).some((field) => !fields.includes(field));
  return {
    valid_json: 1,
    exact_fields: right.length / fields.length,
    exact_match: right.length === fields.length && !hasOthers ? 1 : 0,
  };
}

/** The JSON object that a text is, or null. */
export function parseRecord(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
