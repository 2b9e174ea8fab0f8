/** Which weights carry an adapter, by class of module. */
import type { ModuleCoverage } from '../../../protocol/event.js';
import { count, percent } from '../../../protocol/units.js';
import { ShareBar, WideTable } from '../../parts/small-parts.js';

export function Coverage({ coverage }: { coverage: ModuleCoverage[] }) {
  return (
    <section>
      <h2>What is trained</h2>
      <p className="muted">Reached: the share of a class whose weights carry an adapter, or are trained themselves.</p>
      {coverage.length === 0 ? (
        <p className="muted">Available as soon as there is a plan.</p>
      ) : (
        <WideTable label="What is trained">
          <table>
            <thead>
              <tr>
                <th scope="col">Module class</th>
                <th scope="col">Parameters</th>
                <th scope="col">Reached</th>
                <th scope="col">Trained</th>
              </tr>
            </thead>
            <tbody>
              {coverage.map((entry) => {
                const share = entry.num_parameters ? entry.num_reached_parameters / entry.num_parameters : 0;
                return (
                  <tr key={entry.module_class}>
                    <th scope="row">{entry.module_class}</th>
                    <td>{count(entry.num_parameters)}</td>
                    <td>
                      {percent(share)}
                      <ShareBar share={share} label={`${entry.module_class}: ${percent(share)}`} />
                    </td>
                    <td>{count(entry.num_trained_parameters)}</td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </WideTable>
      )}
    </section>
  );
}
