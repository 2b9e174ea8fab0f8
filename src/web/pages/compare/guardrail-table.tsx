/** Guardrails: limits that the challenger must keep, whatever its lead. */
import { GUARDRAIL_TEXTS } from '../../../protocol/quality.js';
import type { Verdict } from '../../../protocol/verdict.js';
import { WideTable } from '../../parts/small-parts.js';

const STATES = { holds: '✓ holds', fails: '✗ fails', open: '… open' };

export function GuardrailTable({ verdict }: { verdict: Verdict }) {
  if (verdict.guardrails.length === 0) return null;
  return (
    <section>
      <h2>Guardrails</h2>
      <p className="muted">Limits that {verdict.challenger} must keep, whatever its lead.</p>
      <WideTable label="Guardrails">
        <table>
          <thead>
            <tr>
              <th scope="col">Guardrail</th>
              <th scope="col">Limit</th>
              <th scope="col">Measured</th>
              <th scope="col">95 % bounds</th>
              <th scope="col">State</th>
            </tr>
          </thead>
          <tbody>
            {verdict.guardrails.map(({ guardrail, limit, measured, state }) => {
              const { name, show } = GUARDRAIL_TEXTS[guardrail];
              return (
                <tr key={guardrail}>
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
