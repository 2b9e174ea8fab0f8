/** Examples in a candidate's prompt, as a good engineer would choose them. Pure functions. */
import { answerForm, type Gate } from '../protocol/gate.js';
import { answerKind } from '../protocol/metrics/metrics.js';
import { parseRecord } from '../protocol/metrics/record.js';
import type { Message, Row } from '../protocol/row.js';

/**
 * Each adds something that the ones before it lack (another value of a closed list, a missing fact), and among equals
 * the shortest, so that many fit.
 */
export function pickFewShot(train: Row[], count: number, gate: Gate): Message[] {
  const usable = train.flatMap((row) => {
    const features = featuresOf(row.messages.at(-1)?.content ?? '', gate);
    return features ? [{ row, features, length: JSON.stringify(row.messages).length }] : [];
  });
  const seen = new Set<string>();
  const picked: Row[] = [];
  while (picked.length < count && usable.length > 0) {
    const news = (features: string[]) => features.filter((feature) => !seen.has(feature)).length;
    usable.sort((a, b) => news(b.features) - news(a.features) || a.length - b.length);
    const next = usable.shift() as (typeof usable)[number];
    for (const feature of next.features) seen.add(feature);
    picked.push(next.row);
  }
  return picked.flatMap((row) => row.messages.filter(({ role }) => role !== 'system'));
}

/** What an example would show of its kind of answer; null for an answer that is no example. */
function featuresOf(answer: string, gate: Gate): string[] | null {
  switch (answerKind(gate.metric)) {
    case 'label':
      return [answer];
    case 'scored-text':
    case 'text':
    case 'pair':
    case 'score':
      return [];
    case 'record': {
      const { fields } = answerForm(gate);
      const required = (gate.schema?.required ?? fields) as string[];
      const closed = closedFields(gate);
      const record = parseRecord(answer);
      if (!record || !required.every((field) => field in record)) return null;
      return fields.flatMap((field) => (record[field] === null || closed.includes(field) ? [`${field}=${String(record[field])}`] : []));
    }
  }
}

function closedFields(gate: Gate): string[] {
  const properties = (gate.schema?.properties ?? {}) as Record<string, { enum?: unknown }>;
  return Object.keys(properties).filter((name) => Array.isArray(properties[name]?.enum));
}
