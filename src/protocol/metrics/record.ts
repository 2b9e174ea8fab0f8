/** Answers that are JSON records. */

/** The JSON object that a text is, or null. */
export function parseRecord(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** Share of the fields that are as in the reference, absent ones too; 0 where one of both is no record. */
export function rightFields(answer: string, expected: string, fields: string[]): number {
  const [record, reference] = [parseRecord(answer), parseRecord(expected)];
  if (!record || !reference) return 0;
  const right = fields.filter((field) => field in record === field in reference && isSame(record[field], reference[field]));
  return right.length / fields.length;
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
