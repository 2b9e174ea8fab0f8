/** slipway comparisons */
import { metricModule } from '../../protocol/metrics/metrics.js';
import { localTime } from '../../protocol/units.js';
import { listComparisons } from '../../server/views/comparison-view.js';
import { slipwayHome } from '../../store/home.js';
import { noteUnreadable, printJson } from '../options.js';
import { cut, table } from '../table.js';

/** Characters of a file's name. */
const MAX_DATA = 28;

export async function comparisonsCommand(options: { json?: boolean }): Promise<void> {
  const { comparisons, unreadable } = listComparisons(slipwayHome());
  noteUnreadable(unreadable);
  if (options.json) return printJson(comparisons);
  if (comparisons.length === 0)
    process.stdout.write('No comparisons yet. `slipway go RECIPE` ends with one; `slipway compare A B` makes one.\n');
  const rows = comparisons.map(({ id, data, num_test_rows, status, verdict, is_changed, challenger, baselines }) => {
    const strongest = verdict?.baselines[0];
    const lead =
      verdict && strongest ? `${metricModule(verdict.metric).amount(strongest.difference.estimate)} ahead of ${strongest.baseline}` : '';
    return [
      id,
      cut(data ?? '—', MAX_DATA),
      String(num_test_rows),
      verdict ? localTime(verdict.at) : status,
      verdict?.decision ?? (is_changed ? 'changed' : '—'),
      lead || `${challenger} against ${baselines.join(', ')}`,
    ];
  });
  if (rows.length > 0) process.stdout.write(`${table([['comparison', 'data', 'rows', 'judged', 'verdict', ''], ...rows], '')}\n`);
}
