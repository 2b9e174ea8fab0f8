/** What went wrong and what to do, in the words of the catalogue. */
import { type Frame, Layout } from '../layout.js';
import { Problem } from '../parts/small-parts.js';

export function ErrorPage({ frame, error }: { frame: Frame; error: { message: string; hint: string; code: string } }) {
  return (
    <Layout frame={frame} title="Not possible">
      <h1>That is not possible</h1>
      <Problem message={error.message} hint={error.hint} alert />
      <p className="muted small">{error.code}</p>
      <p>
        <a href="/runs">Runs</a> · <a href="/comparisons">Comparisons</a>
      </p>
    </Layout>
  );
}
