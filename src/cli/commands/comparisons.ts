/** slipway comparisons */
import { metricModule } from '../../protocol/metrics/metrics.js';
import { listComparisons } from '../../server/views/comparison-view.js';
import { slipwayHome } from '../../store/home.js';
import { noteUnreadable, printJson } from '../options.js';
import { table } from '../table.js';

export async function comparisonsCommand(options: { json?: boolean }): Promise<void> {
  const { comparisons, unreadable } = listComparisons(slipwayHome());
  noteUnreadable(unreadable);
  if (options.json) return printJson(comparisons);
  if (comparisons.length === 0)
    process.stdout.write('No comparisons yet. `slipway go RECIPE` ends with one; `slipway compare A B` makes one.\n');
  const rows = comparisons.map(({ id, status, verdict, is_changed, num_evidence, challenger, baselines }) => {
    const strongest = verdict?.baselines[0];
    const lead =
      verdict && strongest ? `${metricModule(verdict.metric).amount(strongest.difference.estimate)} ahead of ${strongest.baseline}` : '';
    return [
      id,
      status,
      verdict?.decision ?? (is_changed ? 'changed' : '—'),
      String(num_evidence),
      lead || `${challenger} against ${baselines.join(', ')}`,
    ];
  });
  if (rows.length > 0) process.stdout.write(`${table([['comparison', 'status', 'verdict', 'evidence', ''], ...rows], '')}\n`);
}
