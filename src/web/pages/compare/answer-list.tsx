/** What each candidate answered to one row, beside the reference. */
import { type Metric, metricModule } from '../../../protocol/metrics/metrics.js';
import type { RowResult } from '../../../protocol/row-result.js';
import { AnswerText } from '../../parts/answer-text.js';

/** The reference and each candidate's answer below each other. */
export function AnswerList({ result, metric }: { result: RowResult; metric: Metric }) {
  const { reference, worse, answers } = result;
  // Of a pair neither answer is the one that is wanted word by word.
  const isComparable = worse === undefined;
  return (
    <dl>
      <div className="reference">
        <dt>{worse === undefined ? 'Reference' : 'Better answer'}</dt>
        <dd>
          <AnswerText answer={reference} reference={reference} />
        </dd>
      </div>
      {worse !== undefined && (
        <div className="reference">
          <dt>Worse answer</dt>
          <dd>{worse}</dd>
        </div>
      )}
      {answers.map(({ candidate, answer, note, value, right, invalid }) => (
        <div key={candidate} className={right === null ? '' : right ? 'right' : 'wrong'}>
          <dt>
            {candidate} <Score metric={metric} value={value} right={right} />
            {invalid !== null && invalid !== 'empty' && <span className="state fails">{invalid}</span>}
            {note !== undefined && <span className="muted small"> {note}</span>}
          </dt>
          <dd>
            <AnswerText answer={answer} reference={isComparable ? reference : null} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

export function Score({ metric, value, right }: { metric: Metric; value: number | null; right: boolean | null }) {
  if (right !== null) return <span className={`mark ${right ? 'right' : 'wrong'}`}>{right ? '✓ right' : '✗ wrong'} </span>;
  return value === null ? null : <span className="mark muted">{metricModule(metric).figure(value)} </span>;
}
