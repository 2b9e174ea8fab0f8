/** What went wrong and what to do, in the words of the catalogue. */
import { type Frame, Layout } from '../layout.js';
import { Problem } from '../parts/small-parts.js';

const TITLES: Record<string, string> = {
  'page-not-found': 'There is no such page',
  'run-not-found': 'There is no such run',
  'comparison-not-found': 'There is no such comparison',
  erased: 'It was erased',
};

export function ErrorPage({ frame, error }: { frame: Frame; error: { message: string; hint: string; code: string } }) {
  const title = TITLES[error.code] ?? 'That is not possible';
  return (
    <Layout frame={frame} title={title}>
      <h1>{title}</h1>
      <Problem message={error.message} hint={error.hint} alert />
      <p className="muted small">{error.code}</p>
      <p>
        <a href="/runs">Runs</a> · <a href="/comparisons">Comparisons</a>
      </p>
    </Layout>
  );
}
