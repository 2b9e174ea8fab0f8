/** Guardrails: limits that the challenger must keep, whatever its lead. */
import { GUARDRAIL_TEXTS } from '../../../protocol/quality.js';
import type { Verdict } from '../../../protocol/verdict.js';
import { FoldingTable } from '../../parts/folding-table.js';

const STATES = { holds: '✓ holds', fails: '✗ fails', open: '… open' };

export function GuardrailTable({ verdict }: { verdict: Verdict }) {
  if (verdict.guardrails.length === 0) return null;
  return (
    <section>
      <h2>Guardrails</h2>
      <p className="muted">Limits that {verdict.challenger} must keep, whatever its lead.</p>
      <FoldingTable
        label="Guardrails"
        heads={['Guardrail', 'Limit', 'Measured', '95 % bounds', 'State']}
        rows={verdict.guardrails.map(({ guardrail, limit, measured, state }) => {
          const { name, show } = GUARDRAIL_TEXTS[guardrail];
          return {
            key: guardrail,
            cells: [
              name.charAt(0).toUpperCase() + name.slice(1),
              show(limit),
              measured ? show(measured.estimate) : 'not measured',
              measured ? `${show(measured.low)} to ${show(measured.high)}` : '—',
              <span key="state" className={`state ${state}`}>
                {STATES[state]}
              </span>,
            ],
          };
        })}
      />
    </section>
  );
}
