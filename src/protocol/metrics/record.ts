/** Answers that are JSON records. */

/** The JSON object that a text is, or null. */
export function parseRecord(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
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

/** JSON values that differ in the order of their keys are equal (RFC 8259, section 4), nested ones too; lists have an order. */
function isSame(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((member, index) => isSame(member, b[index]));
  if (!isObject(a) || !isObject(b)) return a === b;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && isSame(a[key], b[key]));
}

/** An object, and no list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
