/** Everything that decides, one row a figure and one column a candidate. */
import type { ReactNode } from 'react';
import { answerKind } from '../../../protocol/metrics/metrics.js';
import { qualityFigures } from '../../../protocol/quality.js';
import { milliseconds } from '../../../protocol/units.js';
import type { Verdict } from '../../../protocol/verdict.js';
import { ShareBar, WideTable } from '../../parts/small-parts.js';
import { panelOf } from './candidate-cards.js';
import type { ComparePageProps, ShownCandidate } from './compare-page-props.js';
import { settingsOf } from './describe-candidate.js';

export function DecisionTable({ candidates, gate, verdicts }: ComparePageProps) {
  const { metric } = verdicts[0] as Verdict;
  const qualities = qualityFigures(metric, (candidates[0] as ShownCandidate).figures).map(({ name }) => name);
  const rows: [string, (shown: ShownCandidate) => ReactNode][] = [
    ['Panel verdict', ({ reviews }) => panelText(reviews)],
    ['Community', () => <NoData why="no votes yet" />],
    ...qualities.map((name, index): [string, (shown: ShownCandidate) => ReactNode] => [
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
    ]),
    ...(answerKind(metric) === 'score' ? [] : whenItWrites(gate)),
    ['Quantisation', ({ facts }) => orNone(facts, ({ quantization, engine }) => `${quantization}, ${engine}`)],
    ['Asked with', ({ candidate }) => settingsOf(candidate).join(', ')],
  ];
  return (
    <section>
      <h2>Decision</h2>
      <WideTable label="Decision table">
        <table className="decision">
          <caption className="sr-only">What was measured of each candidate</caption>
          <thead>
            <tr>
              <td />
              {candidates.map(({ candidate }) => (
                <th key={candidate.name} scope="col">
                  {candidate.name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(([name, show]) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                {candidates.map((shown) => (
                  <td key={shown.candidate.name}>{show(shown)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </WideTable>
    </section>
  );
}

/** Of models that write answers. */
function whenItWrites(gate: ComparePageProps['gate']): [string, (shown: ShownCandidate) => ReactNode][] {
  return [
    ['First token, warm', ({ figures }) => orNone(figures.time_to_first_token_warm_ms, milliseconds)],
    ['First token, cold', ({ figures }) => orNone(figures.time_to_first_token_cold_ms, milliseconds)],
    ['Decoding', ({ figures }) => orNone(figures.tokens_per_second, (value) => `${value.toFixed(0)} tokens/s`)],
    [
      'Pricing',
      ({ figures }) =>
        orNone(
          figures.cost_per_million_tokens,
          (value) =>
            `Own weights, ${value.toFixed(2)} ${gate.currency}/1M tokens measured at ${gate.price_per_hour} ${gate.currency} an hour`,
        ),
    ],
    ['Forgotten a token', ({ figures }) => orNone(figures.forgetting_nats, (value) => `${value.toFixed(3)} nats`)],
  ];
}

function panelText(reviews: ShownCandidate['reviews']): string {
  const { badge, num, num_ship } = panelOf(reviews);
  return `${badge.charAt(0).toUpperCase()}${badge.slice(1)} · ${num_ship} ship / ${num - num_ship} skip`;
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
