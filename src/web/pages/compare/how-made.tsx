/** Where every figure comes from, the gate, and what was not measured. */

import type { EngineFacts } from '../../../protocol/endpoint.js';
import { QUIET_CORES } from '../../../protocol/evidence.js';
import { shipSentence } from '../../../protocol/gate-words.js';
import { answerKind, metricModule } from '../../../protocol/metrics/metrics.js';
import type { BaselineVerdict, Verdict } from '../../../protocol/verdict.js';
import { FoldingTable } from '../../parts/folding-table.js';
import { Time } from '../../parts/small-parts.js';
import type { ComparePageProps } from './compare-page-props.js';

export function HowMade({ id, gate, verdicts, candidates, first_evidence_at, num_evidence, num_test_rows }: ComparePageProps) {
  const verdict = verdicts[0] as Verdict;
  const facts = candidates[0]?.facts;
  // What writes nothing has no speed, and forgets nothing that could be asked.
  const isScored = answerKind(verdict.metric) === 'score';
  return (
    <>
      <section className="no-print">
        <h2>How each figure was made</h2>
        <p>
          Every figure again, from the files on this machine: <code className="command">slipway verify {id}</code>
        </p>
        <ul className="plain">
          <li>
            <strong>Quality.</strong> Each candidate {isScored ? 'scored' : 'answered'} the same {num_test_rows} test rows, which nothing
            was trained or chosen on; {num_evidence} lines of evidence, each with the hash of the gate.
          </li>
          <li>
            <strong>Bounds.</strong> The difference is taken row by row. Rows of one group are not independent; the bounds are the wider of
            Student’s t over groups and of a worst case for groups that were not seen.
          </li>
          {!isScored && <SpeedAndPrice gate={gate} facts={facts} candidates={candidates} />}
          {verdict.guardrails.some(({ guardrail }) => guardrail === 'forgetting_nats') && (
            <li>
              <strong>Forgetting.</strong> How much less likely the base’s own answers to the forgetting probes are under the challenger.
            </li>
          )}
        </ul>
        <h3>Shown, not deciding</h3>
        <FoldingTable
          label="Statistics that do not decide"
          heads={['against', 'rows better', 'rows worse', 'McNemar p', 'bootstrap, 95 %']}
          rows={verdict.baselines.map(({ baseline, shown }) => ({
            key: baseline,
            cells: [
              baseline,
              shown.wins,
              shown.losses,
              shown.mcnemar_p < 1e-4 ? '< 0.0001' : shown.mcnemar_p.toFixed(4),
              bootstrapText(shown, verdict),
            ],
          }))}
        />
      </section>
      <section className="no-print">
        <h2>The gate, as it was before the evidence</h2>
        <p>
          Hash <code>{verdict.gate_sha256.slice(0, 16)}…</code>
          {first_evidence_at && (
            <>
              ; the first line of evidence came <Time at={first_evidence_at} />
            </>
          )}
          . {shipSentence(gate)}.
        </p>
        <details>
          <summary>The whole gate</summary>
          <pre tabIndex={0}>{JSON.stringify(gate, null, 2)}</pre>
        </details>
      </section>
      <section>
        <h2>What was not measured</h2>
        <ul className="plain">
          {verdict.not_measured.map((text) => (
            <li key={text}>{text}</li>
          ))}
          <li>What people think: nobody has voted, and no person has reviewed an answer.</li>
          <li>Rows of another kind than the {num_test_rows} test rows; other languages, other lengths, attacks.</li>
          <li>More than one caller at a time, and any other machine than this one.</li>
          {!isScored && gate.guardrails.forgetting_nats === undefined && <li>What the challenger has forgotten: the gate does not ask.</li>}
        </ul>
      </section>
    </>
  );
}

type SpeedProps = Pick<ComparePageProps, 'gate' | 'candidates'> & { facts: EngineFacts | null | undefined };

function SpeedAndPrice({ gate, facts, candidates }: SpeedProps) {
  return (
    <>
      <li>
        <strong>Speed.</strong> Ten rows, one at a time{loadText(candidates)}
        {facts ? `; ${facts.engine}, ${facts.num_threads} thread, ${facts.quantization}` : ''}. Cold: no part of the prompt in the cache.
        Medians.
      </li>
      <li>
        <strong>Price.</strong> {gate.price_per_hour} {gate.currency} an hour of this machine
        {gate.price_set_on && `, set on ${gate.price_set_on}`}, divided by the decoding speed, one answer at a time. A machine that is busy
        a fifth of the time costs five times as much.
      </li>
    </>
  );
}

/** What else ran meanwhile, as it was measured; a row that was disturbed was timed up to three times. */
function loadText(candidates: ComparePageProps['candidates']): string {
  const loads = candidates.flatMap(({ figures }) => figures.other_cores ?? []);
  if (loads.length === 0) return '';
  const most = Math.max(...loads);
  return most > QUIET_CORES
    ? `, measured under load: other programs used up to ${most.toFixed(1)} cores`
    : `, with nothing else running (other programs used at most ${most.toFixed(2)} cores)`;
}

function bootstrapText({ bootstrap }: BaselineVerdict['shown'], verdict: Verdict): string {
  const { amount } = metricModule(verdict.metric);
  return `${amount(bootstrap.low)} to ${amount(bootstrap.high)}`.replaceAll('-', '−');
}
