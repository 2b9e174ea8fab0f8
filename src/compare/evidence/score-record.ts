/** How right a JSON answer is. Pure functions. */
import type { AnswerScores } from '../../protocol/evidence.js';

/**
 * @param fields the names that are compared; a record with another field besides is not exact
 * @param expected the reference answer, JSON
 */
export function scoreRecord(answer: string, expected: string, fields: string[]): AnswerScores {
  const reference = parseObject(expected);
  const record = parseObject(answer);
  if (!record || !reference) return { valid_json: record ? 1 : 0, exact_fields: 0, exact_record: 0 };
  const right = fields.filter((field) => field in record && isSame(record[field], reference[field]));
  const hasOthers = Object.keys(record).some((field) => !fields.includes(field));
  return {
    valid_json: 1,
    exact_fields: right.length / fields.length,
    exact_record: right.length === fields.length && !hasOthers ? 1 : 0,
  };
}

function parseObject(text: string): Record<string, unknown> | null {
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
