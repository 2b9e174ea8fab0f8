/** How the rows fall out, with the way to each of them; by label or field. */
import { metricModule } from '../../../protocol/metrics/metrics.js';
import { outcomeText, type RowQuery } from '../../../protocol/row-result.js';
import { rowsPath } from '../../paths.js';
import { Breakdowns } from './breakdowns.js';
import type { ComparePageProps } from './compare-page-props.js';

const PLAIN: RowQuery = { show: 'all', group: '', text: '', sort: 'row', page: 1 };

export function RowSummary({
  id,
  candidates,
  row_counts,
  is_count,
  breakdowns,
  num_test_rows,
  gate,
  hasLinks,
}: ComparePageProps & { hasLinks: boolean }) {
  const names = candidates.map(({ candidate }) => candidate.name);
  const [challenger, baseline] = names as [string, string];
  const shown: [RowQuery['show'], string][] = [
    ...(['challenger-ahead', 'baseline-ahead', 'both-right', 'both-wrong', 'equal'] as const).map((outcome): [RowQuery['show'], string] => [
      outcome,
      outcomeText(outcome, challenger, baseline, is_count),
    ]),
    ['invalid', 'an answer is invalid'],
  ];
  return (
    <section>
      <h2>Row by row</h2>
      <ul className="counts">
        {shown
          .filter(([show]) => row_counts[show] > 0)
          .map(([show, text]) => (
            <li key={show}>
              <strong>{row_counts[show]}</strong> {hasLinks ? <a href={rowsPath(id, { ...PLAIN, show })}>{text}</a> : text}
            </li>
          ))}
        <li>
          <strong>{num_test_rows}</strong> {hasLinks ? <a href={rowsPath(id, PLAIN)}>all rows</a> : 'rows'}
        </li>
      </ul>
      <Breakdowns
        breakdowns={breakdowns}
        confusion={null}
        candidates={names}
        challenger={challenger}
        figure={metricModule(gate.metric).figure}
      />
    </section>
  );
}
