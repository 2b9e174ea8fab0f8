/** Floors: what the challenger may not fall under, whatever its lead. */
import { milliseconds, percent } from '../../../protocol/units.js';
import type { FloorVerdict, Verdict } from '../../../protocol/verdict.js';
import { WideTable } from '../../parts/small-parts.js';

const FLOORS: Record<FloorVerdict['floor'], { name: string; show: (value: number) => string }> = {
  valid_json: { name: 'Valid JSON, at least', show: percent },
  time_to_first_token_ms: { name: 'First token, at most', show: milliseconds },
  forgetting_nats: { name: 'Forgotten a token, at most', show: (value) => `${value.toFixed(3)} nats` },
};
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
              const { name, show } = FLOORS[floor];
              return (
                <tr key={floor}>
                  <th scope="row">{name}</th>
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
