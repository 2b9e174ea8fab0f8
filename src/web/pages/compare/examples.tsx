/** Answers side by side, picked by a rule; the challenger's failures are among them. */
import { type Outcome, outcomeText, type RowResult } from '../../../protocol/row-result.js';
import { AnswerList } from './answer-list.js';
import type { ComparePageProps } from './compare-page-props.js';

interface ExamplesProps extends ComparePageProps {
  challenger: string;
  baseline: string;
}

export function Examples({ examples, example_rule, is_count, gate, challenger, baseline }: ExamplesProps) {
  const outcomes = [...new Set(examples.map(({ outcome }) => outcome))];
  const isText = outcomes[0] === 'unscored';
  const isBehind = (outcome: Outcome) => outcome === 'baseline-ahead' || outcome === 'both-wrong';
  return (
    <section className="no-print">
      <h2>{examples.some(({ worse }) => worse !== undefined) && !isText ? 'Example pairs' : 'Example answers'}</h2>
      <p className="muted">{example_rule}</p>
      {examples.length === 0 && <p>No row has been answered by both yet.</p>}
      {examples.length > 0 && is_count && !isText && !outcomes.some(isBehind) && (
        <p className="note">There is no row that {challenger} has wrong.</p>
      )}
      {outcomes.map((outcome) => {
        const title = outcomeText(outcome, challenger, baseline, is_count);
        return (
          <div key={outcome}>
            <h3>{title.charAt(0).toUpperCase() + title.slice(1)}</h3>
            {examples
              .filter((example) => example.outcome === outcome)
              .map((example) => (
                <ExampleRow key={example.example_id} example={example} metric={gate.metric} />
              ))}
          </div>
        );
      })}
    </section>
  );
}

function ExampleRow({ example, metric }: { example: RowResult; metric: ComparePageProps['gate']['metric'] }) {
  return (
    <article className="example">
      <p className="question">{example.question}</p>
      <AnswerList result={example} metric={metric} />
    </article>
  );
}
