/** Which weights carry an adapter, by class of module. */
import type { ModuleCoverage } from '../../../protocol/event.js';
import { count, percent } from '../../../protocol/units.js';
import { FoldingTable } from '../../parts/folding-table.js';
import { ShareBar } from '../../parts/small-parts.js';

export function Coverage({ coverage }: { coverage: ModuleCoverage[] }) {
  return (
    <section>
      <h2>What is trained</h2>
      <p className="muted">Reached: the share of a class whose weights carry an adapter, or are trained themselves.</p>
      {coverage.length === 0 ? (
        <p className="muted">Available as soon as there is a plan.</p>
      ) : (
        <FoldingTable
          label="What is trained"
          heads={['Module class', 'Parameters', 'Reached', 'Trained']}
          rows={coverage.map((entry) => {
            const share = entry.num_parameters ? entry.num_reached_parameters / entry.num_parameters : 0;
            return {
              key: entry.module_class,
              cells: [
                entry.module_class,
                count(entry.num_parameters),
                <>
                  {percent(share)}
                  <ShareBar share={share} label={`${entry.module_class}: ${percent(share)}`} />
                </>,
                count(entry.num_trained_parameters),
              ],
            };
          })}
        />
      )}
    </section>
  );
}
