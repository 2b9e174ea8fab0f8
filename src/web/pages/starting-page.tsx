/** A run that is being prepared: environment, weights, rows. It turns into the run's page. */
import { type Frame, Layout } from '../layout.js';
import { Problem } from '../parts/small-parts.js';

export interface Starting {
  recipe: string;
  lines: string[];
  error: { message: string; hint: string } | null;
}

const REFRESH_S = 2;

export function StartingPage({ frame, starting }: { frame: Frame; starting: Starting }) {
  return (
    <Layout frame={frame} title="Starting a run" section="runs" {...(starting.error ? {} : { refresh_s: REFRESH_S })}>
      <h1>{starting.error ? 'The run did not start' : 'Starting the run'}</h1>
      <p className="path">{starting.recipe}</p>
      {starting.error ? (
        <Problem message={starting.error.message} hint={starting.error.hint} alert />
      ) : (
        <ul className="plain" aria-live="polite">
          {starting.lines.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
      <p>
        <a href="/start">Back to the recipes</a>
      </p>
    </Layout>
  );
}
