/** The verdict as a page: which one to ship, how that is known, and what is not known. */
import { type Frame, Layout } from '../../layout.js';
import { slugPath } from '../../paths.js';
import { CompareBody } from './compare-body.js';
import type { ComparePageProps } from './compare-page-props.js';

interface PageProps extends ComparePageProps {
  frame: Frame;
  /** Ids of other comparisons of the same two, newest first. */
  others: string[];
}

export function ComparePage({ frame, others, ...props }: PageProps) {
  const { title, slug, id } = props;
  return (
    <Layout frame={frame} title={title} section="comparisons">
      <nav aria-label="Breadcrumb" className="breadcrumb">
        <a href="/comparisons">Comparisons</a> / {title}
      </nav>
      <CompareBody {...props} hasLinks />
      {others.length > 0 && (
        <section className="no-print">
          <h2>Other comparisons of these two</h2>
          <ul>
            {others.map((other) => (
              <li key={other}>
                <a href={slugPath(slug, other)}>{other}</a>
              </li>
            ))}
          </ul>
        </section>
      )}
      <p className="muted small">
        This page: <code>{id}</code>
      </p>
    </Layout>
  );
}
