/** Of two that were judged in turn, the verdict with the other one as the challenger. */
import type { Verdict } from '../../../protocol/verdict.js';
import { FoldingTable } from '../../parts/folding-table.js';
import { writtenIn } from '../../parts/interval-plot.js';
import { DecisionBadge } from '../../parts/small-parts.js';
import { sentenceOf } from './verdict-sentence.js';

export function OtherWay({ verdict }: { verdict: Verdict }) {
  const written = writtenIn(verdict.metric);
  return (
    <section>
      <h2>The other way round</h2>
      <p>
        <DecisionBadge decision={verdict.decision} /> {sentenceOf(verdict)}
      </p>
      <FoldingTable
        label="Differences the other way round"
        heads={[`${verdict.challenger} minus`, 'difference', 'from', 'to']}
        rows={verdict.baselines.map(({ baseline, difference }) => ({
          key: baseline,
          cells: [baseline, written(difference.estimate), written(difference.low), written(difference.high)],
        }))}
      />
    </section>
  );
}
