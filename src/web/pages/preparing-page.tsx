/** A run or a comparison that is being prepared: environment, weights, rows. It turns into its page. */
import { type Frame, Layout } from '../layout.js';
import { Problem } from '../parts/small-parts.js';

export interface Preparing {
  /** What is being started: 'the run'. */
  title: string;
  /** The recipe, or what is compared. */
  about: string;
  /** Where the form was. */
  back: string;
  lines: string[];
  error: { message: string; hint: string } | null;
}

const REFRESH_S = 2;

export function PreparingPage({ frame, preparing }: { frame: Frame; preparing: Preparing }) {
  const { title, about, back, lines, error } = preparing;
  return (
    <Layout frame={frame} title={`Starting ${title}`} section="runs" {...(error ? {} : { refresh_s: REFRESH_S })}>
      <h1>{error ? `Not started: ${title}` : `Starting ${title}`}</h1>
      <p className="path">{about}</p>
      {error ? (
        <Problem message={error.message} hint={error.hint} alert />
      ) : (
        <ul className="plain" aria-live="polite">
          {lines.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
      <p>
        <a href={back}>Back</a>
      </p>
    </Layout>
  );
}
