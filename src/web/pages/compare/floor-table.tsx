/** Floors: what the challenger may not fall under, whatever its lead. */
import { FLOOR_TEXTS } from '../../../protocol/quality.js';
import type { Verdict } from '../../../protocol/verdict.js';
import { WideTable } from '../../parts/small-parts.js';

const STATES = { holds: '✓ holds', fails: '✗ fails', open: '… open' };

export function FloorTable({ verdict }: { verdict: Verdict }) {
  if (verdict.floors.length === 0) return null;
  return (
    <section>
      <h2>Floors</h2>
      <p className="muted">What {verdict.challenger} may not fall under, however far it leads.</p>
      <WideTable label="Floors">
        <table>
          <thead>
            <tr>
              <th scope="col">Floor</th>
              <th scope="col">Limit</th>
              <th scope="col">Measured</th>
              <th scope="col">95 % bounds</th>
              <th scope="col">State</th>
            </tr>
          </thead>
          <tbody>
            {verdict.floors.map(({ floor, limit, measured, state }) => {
              const { name, show } = FLOOR_TEXTS[floor];
              return (
                <tr key={floor}>
                  <th scope="row">{name.charAt(0).toUpperCase() + name.slice(1)}</th>
                  <td>{show(limit)}</td>
                  <td>{measured ? show(measured.estimate) : 'not measured'}</td>
                  <td>{measured ? `${show(measured.low)} to ${show(measured.high)}` : '—'}</td>
                  <td className={`state ${state}`}>{STATES[state]}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </WideTable>
    </section>
  );
}
