/** Everything that decides, one row a figure and one column a candidate. */
import type { ReactNode } from 'react';
import { QUIET_CORES } from '../../../protocol/evidence.js';
import { answerKind } from '../../../protocol/metrics/metrics.js';
import { qualityFigures } from '../../../protocol/quality.js';
import { milliseconds } from '../../../protocol/units.js';
import type { CandidateFigures, Verdict } from '../../../protocol/verdict.js';
import { FoldingTable } from '../../parts/folding-table.js';
import { ShareBar } from '../../parts/small-parts.js';
import { checksText } from './candidate-cards.js';
import type { ComparePageProps, ShownCandidate } from './compare-page-props.js';
import { settingsOf } from './describe-candidate.js';

type Row = [string, (shown: ShownCandidate) => ReactNode];

export function DecisionTable({ candidates, gate, verdicts }: ComparePageProps) {
  const { metric } = verdicts[0] as Verdict;
  const qualities = qualityFigures(metric, (candidates[0] as ShownCandidate).figures).map(({ name }) => name);
  const rows: Row[] = [
    ['Checks', ({ reviews }) => checksText(reviews)],
    ...qualities.map(
      (name, index): Row => [
        name.charAt(0).toUpperCase() + name.slice(1),
        ({ figures, candidate }) => {
          const quality = qualityFigures(metric, figures)[index];
          return (
            <>
              {quality?.text}
              {quality?.share != null && (
                <ShareBar share={quality.share} interval={quality.interval} label={`${candidate.name}, ${name}: ${quality.text}`} />
              )}
            </>
          );
        },
      ],
    ),
    ...(answerKind(metric) === 'score' ? [] : whenItWrites(gate, candidates)),
    ...(candidates.some(({ facts }) => facts)
      ? [['Quantisation', ({ facts }: ShownCandidate) => orNone(facts, ({ quantization, engine }) => `${quantization}, ${engine}`)] as Row]
      : []),
    ['Asked with', ({ candidate }) => settingsOf(candidate).join(', ')],
  ];
  return (
    <section>
      <h2>Decision</h2>
      <FoldingTable
        className="decision"
        label="What was measured of each candidate"
        heads={['', ...candidates.map(({ candidate }) => candidate.name)]}
        rows={rows.map(([name, show]) => ({ key: name, cells: [name, ...candidates.map(show)] }))}
      />
    </section>
  );
}

/** Of models that write answers; a figure that was measured of none is left out. */
function whenItWrites(gate: ComparePageProps['gate'], candidates: ShownCandidate[]): Row[] {
  const price = `measured at ${gate.price_per_hour} ${gate.currency} an hour${gate.price_set_on ? `, set on ${gate.price_set_on}` : ''}`;
  const figures: [string, (figures: CandidateFigures) => number | null, (value: number) => string][] = [
    ['First token, warm', ({ time_to_first_token_warm_ms }) => time_to_first_token_warm_ms, milliseconds],
    ['First token, cold', ({ time_to_first_token_cold_ms }) => time_to_first_token_cold_ms, milliseconds],
    ['Decoding', ({ tokens_per_second }) => tokens_per_second, (value) => `${value.toFixed(0)} tokens/s`],
    [
      'Measured under load',
      ({ other_cores = 0 }) => (other_cores > QUIET_CORES ? other_cores : null),
      (value) => `others used up to ${value.toFixed(1)} cores`,
    ],
    [
      'Cost',
      ({ cost_per_million_tokens }) => cost_per_million_tokens,
      (value) => `Own weights, ${value.toFixed(2)} ${gate.currency} per 1M tokens, ${price}`,
    ],
    ['Loss on everyday answers', ({ forgetting_nats }) => forgetting_nats, (value) => `${value.toFixed(3)} nats a token`],
  ];
  return figures
    .filter(([, valueIn]) => candidates.some((shown) => valueIn(shown.figures) !== null))
    .map(([name, valueIn, show]): Row => [name, (shown) => orNone(valueIn(shown.figures), show)]);
}

function orNone<T>(value: T | null, show: (value: T) => string): ReactNode {
  return value === null ? <NoData why="not measured" /> : show(value);
}

function NoData({ why }: { why: string }) {
  return (
    <span title={why}>
      —<span className="sr-only"> {why}</span>
    </span>
  );
}
