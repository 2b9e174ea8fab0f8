/** Answers side by side, picked by a rule; the challenger's failures are among them. */
import type { Example } from '../../../protocol/example.js';

export function Examples({ examples, rule, challenger }: { examples: Example[]; rule: string; challenger: string }) {
  const kinds = [...new Set(examples.map(({ kind }) => kind))];
  return (
    <section>
      <h2>{examples.some(({ worse, kind }) => worse !== undefined && kind !== 'free text') ? 'Example pairs' : 'Example answers'}</h2>
      <p className="muted">{rule}</p>
      {examples.length === 0 && <p>No row has been answered by both yet.</p>}
      {examples.length > 0 &&
        !kinds.some((kind) => kind !== 'both right' && kind !== `only ${challenger} right`) &&
        kinds[0] !== 'free text' && <p className="note">There is no row that {challenger} has wrong.</p>}
      {kinds.map((kind) => (
        <div key={kind}>
          <h3>{kind.charAt(0).toUpperCase() + kind.slice(1)}</h3>
          {examples
            .filter((example) => example.kind === kind)
            .map((example) => (
              <ExampleRow key={example.example_id} example={example} />
            ))}
        </div>
      ))}
    </section>
  );
}

function ExampleRow({ example }: { example: Example }) {
  return (
    <article className="example">
      <p className="question">{example.question}</p>
      <dl>
        <div className="reference">
          <dt>{example.worse === undefined ? 'Reference' : 'Better answer'}</dt>
          <dd>{example.reference}</dd>
        </div>
        {example.worse !== undefined && (
          <div className="reference">
            <dt>Worse answer</dt>
            <dd>{example.worse}</dd>
          </div>
        )}
        {example.answers.map(({ candidate, answer, note, right }) => (
          <div key={candidate} className={right === null ? '' : right ? 'right' : 'wrong'}>
            <dt>
              {candidate}
              {note !== undefined && <span className="muted small"> {note}</span>}
              {right !== null && <span className="mark">{right ? ' ✓ right' : ' ✗ wrong'}</span>}
            </dt>
            <dd>{answer === '' ? <em className="muted">an empty answer</em> : answer}</dd>
          </div>
        ))}
      </dl>
    </article>
  );
}
