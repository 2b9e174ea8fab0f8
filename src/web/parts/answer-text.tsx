/** An answer with what differs from the reference marked: by field for records, by word for text. */
import { diffWords } from 'diff';
import { isObject, parseRecord, rightFields } from '../../protocol/metrics/record.js';

/** With more changes than this an answer is another text, and marks would say nothing. */
const MAX_CHANGES = 200;

interface AnswerTextProps {
  answer: string;
  /** Null: there is none to compare with. */
  reference: string | null;
  /** Characters after which it is cut. */
  most?: number;
}

export function AnswerText({ answer, reference, most = Number.POSITIVE_INFINITY }: AnswerTextProps) {
  if (answer === '') return <em className="muted">an empty answer</em>;
  const record = parseRecord(answer);
  const wanted = reference === null ? null : parseRecord(reference);
  if (record && wanted) return <Fields answer={answer} record={record} reference={reference as string} />;
  const shown = answer.length > most ? `${answer.slice(0, most)}…` : answer;
  const changes = reference === null || answer === reference ? null : diffWords(reference, answer, { maxEditLength: MAX_CHANGES });
  if (!changes || answer.length > most) return <span className="said">{shown}</span>;
  return (
    <span className="said">
      {changes
        .filter(({ removed }) => !removed)
        .map(({ value, added }, index) => {
          const key = `${index} ${value}`;
          return added ? (
            <mark className="differs" key={key}>
              {value}
            </mark>
          ) : (
            <span key={key}>{value}</span>
          );
        })}
    </span>
  );
}

/** A line a field, those that the reference has differently marked; fields that are missing are named. */
function Fields({ answer, record, reference }: { answer: string; record: Record<string, unknown>; reference: string }) {
  const wanted = parseRecord(reference) ?? {};
  const names = [...new Set([...Object.keys(wanted), ...Object.keys(record)])];
  return (
    <span className="said">
      {names.map((name) => {
        const text = `${name}: ${name in record ? valueText(record[name]) : '(missing)'}`;
        const isRight = name in wanted && rightFields(answer, reference, [name]) === 1;
        return (
          <span className="field" key={name}>
            {isRight ? text : <mark className="differs">{text}</mark>}
          </span>
        );
      })}
    </span>
  );
}

function valueText(value: unknown): string {
  return typeof value === 'string' ? value : isObject(value) || Array.isArray(value) ? JSON.stringify(value) : String(value);
}
