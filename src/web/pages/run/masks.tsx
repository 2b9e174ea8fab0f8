/** The first rows as the model sees them, with the tokens that carry loss marked. */
import { answerName, type InspectedRow, type Inspection, type SplitInspection } from '../../../protocol/inspection.js';
import type { LintReport } from '../../../protocol/lint.js';
import { count } from '../../../protocol/units.js';

export function Masks({ inspection, lint, isScored }: { inspection: Inspection | null; lint: LintReport | null; isScored: boolean }) {
  return (
    <section>
      <h2>What is learnt from</h2>
      {inspection === null ? (
        <p className="muted">The rows have not been checked yet.</p>
      ) : (
        <>
          <ul className="plain">
            {inspection.splits.map((split) => (
              <li key={split.split}>
                <strong>{split.split}</strong>: {count(split.num_rows)} rows, {count(split.num_tokens)} tokens; supervised tokens per row{' '}
                {split.supervised_tokens.min} to {split.supervised_tokens.max}, median {split.supervised_tokens.median}; the end of turn is{' '}
                {split.is_end_of_turn_supervised ? 'learnt' : 'NOT learnt'}; {cutWords(split, inspection.max_length)}
              </li>
            ))}
          </ul>
          {lint && <Lint lint={lint} />}
          <p className="muted">
            {isScored ? (
              <>
                The score is read at the end of the <mark>marked answer</mark>; the rest is its prompt.
              </>
            ) : (
              <>
                Only <mark>marked text</mark> is learnt; the rest is context.
              </>
            )}
          </p>
          {inspection.first_rows.map((row) => (
            <figure className="row" key={`${row.row}${row.part}`}>
              {row.part && (
                <figcaption className="muted">
                  Row {row.row}, {answerName(row)}
                </figcaption>
              )}
              <pre className="rendered" tabIndex={0}>
                {marked(row).map(({ text, isLearnt, at }) => (isLearnt ? <mark key={at}>{text}</mark> : <span key={at}>{text}</span>))}
              </pre>
            </figure>
          ))}
        </>
      )}
    </section>
  );
}

/** What is risky in the rows: a warning, and never a verdict. */
function Lint({ lint: { warnings } }: { lint: LintReport }) {
  return (
    <>
      <p>No row occurs in two of train, dev and test. {warnings.length === 0 && 'No row is repeated, and none looks risky.'}</p>
      {warnings.map((warning) => (
        <details key={warning.kind}>
          <summary>
            {warning.kind}: {count(warning.count)}
          </summary>
          <ul className="plain">
            {warning.examples.map(({ file, line, excerpt }) => (
              <li key={`${file}${line}`}>
                {file} row {line}: <span className="muted">{excerpt}</span>
              </li>
            ))}
          </ul>
        </details>
      ))}
    </>
  );
}

/** What was cut from the ends of rows. */
function cutWords({ truncated_rows }: SplitInspection, maxLength: number): string {
  if (truncated_rows.length === 0) return 'no row is cut';
  const answers = truncated_rows.filter(({ num_answer_tokens_cut }) => num_answer_tokens_cut > 0).length;
  const first = truncated_rows[0];
  return `${count(truncated_rows.length)} cut to ${count(maxLength)} tokens, ${count(answers)} of them in the answer (the first is row ${first?.row}, ${count(first?.num_tokens ?? 0)} tokens)`;
}

/** The row's text cut where supervised spans begin and end. */
function marked(row: InspectedRow): { text: string; isLearnt: boolean; at: number }[] {
  const parts: { text: string; isLearnt: boolean; at: number }[] = [];
  let at = 0;
  for (const span of row.supervised_text) {
    const start = row.text.indexOf(span, at);
    if (start < 0) continue;
    parts.push({ text: row.text.slice(at, start), isLearnt: false, at }, { text: span, isLearnt: true, at: start });
    at = start + span.length;
  }
  return [...parts, { text: row.text.slice(at), isLearnt: false, at: at + 0.5 }];
}
