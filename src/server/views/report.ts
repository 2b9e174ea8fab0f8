/** The report of a comparison as the text of one HTML file. */
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { rowResults } from '../../compare/row-results.js';
import { AppError } from '../../protocol/errors.js';
import { packageRoot, packageVersion } from '../../store/package.js';
import { ReportPage } from '../../web/pages/compare/report-page.js';
import { renderPage } from '../../web/render-page.js';
import { comparisonView, judgedComparison } from './comparison-view.js';

/**
 * @param hasRows all test rows and answers; else the examples of the page alone
 * @throws AppError not-judged, not-verified
 */
export function reportText(folder: string, hasRows: boolean): string {
  const judged = judgedComparison(folder);
  const view = comparisonView(folder);
  if (!judged || !view) throw new AppError('not-judged', { comparison: basename(folder) });
  const { gate, comparison, evidence, ordered } = judged;
  const candidates = ordered.map(({ name }) => name);
  const rows = rowResults({ gate, test: comparison.test, evidence, candidates, baseline: candidates[1] as string });
  return renderPage(
    ReportPage({
      ...view,
      style: readFileSync(join(packageRoot(), 'dist', 'web', 'style.css'), 'utf8'),
      made_at: new Date().toISOString(),
      slipway_version: packageVersion(),
      rows: hasRows ? rows : null,
    }),
  );
}
