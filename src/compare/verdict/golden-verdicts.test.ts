/** Whole verdicts, every figure: computed apart from this code, by the formulas of docs/compare.md, in Python. */
import { describe, expect, test } from 'vitest';
import type { Evidence } from '../../protocol/evidence.js';
import { Gate } from '../../protocol/gate.js';
import { reachVerdict } from './reach-verdict.js';

const gate = (changes: object = {}) =>
  Gate.parse({
    challenger: 'new',
    baselines: ['old'],
    metric: 'exact_match',
    margin: 0.1,
    guardrails: {},
    price_per_hour: 0.36,
    candidates: { new: { model: 'tuned' }, old: { model: 'base' } },
    schema: { type: 'object', properties: { a: { type: 'string' } } },
    ...changes,
  });

const base = (candidate: string, example_id: string, group: string) => ({
  id: `${candidate} ${example_id}`,
  at: '2026-11-26T12:00:00Z',
  channel: 'measured' as const,
  producer: 'test',
  gate_sha256: 'g',
  candidates: [{ name: candidate, identity: candidate }],
  example_id,
  group,
  repeat: 0,
  facts: null,
});

/** Two rows in each group. */
function answers(candidate: string, groups: number, isRight: (group: number) => boolean, validJson = 1): Evidence[] {
  return Array.from({ length: groups * 2 }, (_, i) => {
    const right = Number(isRight(Math.floor(i / 2)));
    return {
      kind: 'answer' as const,
      ...base(candidate, `row ${i}`, `group ${Math.floor(i / 2)}`),
      answer: '{}',
      finish_reason: 'stop',
      scores: { valid_json: validJson, exact_fields: (1 + right) / 2, exact_match: right },
      prompt_tokens: 10,
      completion_tokens: 5,
      duration_ms: 100,
    };
  });
}

const timings = (candidate: string, firsts: number[], is_cold: boolean, completion_tokens = 41): Evidence[] =>
  firsts.map((first, i) => ({
    kind: 'timing' as const,
    ...base(candidate, `row ${i}`, 'c'),
    is_cold,
    text_at_ms: [first],
    ended_at_ms: first + 400,
    time_to_first_token_ms: first,
    decode_ms: 400,
    prompt_tokens: 10,
    completion_tokens,
  }));

const likelihoods = (losses: number[], candidate = 'new'): Evidence[] =>
  losses.map((loss, i) => ({
    kind: 'likelihood' as const,
    ...base(candidate, `question ${i}`, `question ${i}`),
    reference_sha256: 'r',
    base_token_logprobs: [-1],
    token_logprobs: [-1 - loss],
    base_logprob: -1,
    logprob: -1 - loss,
  }));

/** Figures to nine digits, so that sums in another order are the same. */
const rounded = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_, one) => (typeof one === 'number' ? Number(one.toPrecision(9)) : one)));
const first = { attempt: 1, planned: 1 };
const nothing = {
  tokens_per_second: null,
  time_to_first_token_cold_ms: null,
  time_to_first_token_warm_ms: null,
  cost_per_million_tokens: null,
  forgetting_nats: null,
};

test('a ship: 16 of 20 groups against 4', () => {
  const evidence = [
    ...answers('new', 20, (group) => group < 16),
    ...answers('old', 20, (group) => group < 4),
    ...timings('new', [300, 100, 900, 200, 500], false),
    ...timings('new', [5000, 7000], true),
    ...timings('old', [50], false, 1),
    ...likelihoods([0.1, 0.2, 0.3]),
  ];
  expect(rounded(reachVerdict(gate(), evidence, first))).toEqual(
    rounded({
      decision: 'ship',
      channel: 'measured',
      challenger: 'new',
      metric: 'exact_match',
      margin: 0.1,
      is_noninferiority: false,
      attempt: 1,
      planned_attempts: 1,
      would_be: null,
      because:
        'exact_match: 60.0 points (95 %: 33.1 points to 83.5 points) against old clears the margin of 10.0 points, and every guardrail holds',
      baselines: [
        {
          baseline: 'old',
          // Low by the groups that were not seen, high by Student’s t.
          difference: { estimate: 0.6, low: 0.3305064464270634, high: 0.8352355959191518 },
          standard_deviation: 0.5026246899500347,
          num_rows: 40,
          num_groups: 20,
          decision: 'ship',
          more_groups: null,
          shown: { wins: 24, losses: 0, mcnemar_p: 1.1920928955078125e-7, bootstrap: { estimate: 0.6, low: 0.4, high: 0.8 } },
        },
      ],
      guardrails: [],
      candidates: [
        {
          candidate: 'new',
          num_rows: 40,
          exact_match: 0.8,
          exact_match_wilson: { estimate: 0.8, low: 0.652426936536005, high: 0.895000102745623 },
          exact_fields: 0.9,
          valid_json: 1,
          // Five answers of 41 tokens: 40 after the first in 0.4 s each.
          tokens_per_second: 100,
          time_to_first_token_cold_ms: 6000,
          time_to_first_token_warm_ms: 300,
          // 0.36 an hour, 100 tokens a second.
          cost_per_million_tokens: 1,
          forgetting_nats: 0.2,
        },
        {
          candidate: 'old',
          num_rows: 40,
          exact_match: 0.2,
          exact_match_wilson: { estimate: 0.2, low: 0.10499989725437703, high: 0.347573063463995 },
          exact_fields: 0.6,
          valid_json: 1,
          ...nothing,
          tokens_per_second: 0,
          time_to_first_token_warm_ms: 50,
        },
      ],
      currency: 'USD',
      not_measured: [],
    }),
  );
});

test('a hold: a third of twelve groups against none', () => {
  const evidence = [...answers('new', 12, (group) => group % 3 === 0), ...answers('old', 12, () => false)];
  const verdict = reachVerdict(gate(), evidence, first);
  expect(rounded(verdict.baselines)).toEqual(
    rounded([
      {
        baseline: 'old',
        difference: { estimate: 1 / 3, low: -0.01953129252940164, high: 0.646167741879504 },
        standard_deviation: 0.49236596391733095,
        num_rows: 24,
        num_groups: 12,
        decision: 'hold',
        // 42 groups settle it by t, 20 by groups that were not seen.
        more_groups: 30,
        shown: {
          wins: 8,
          losses: 0,
          mcnemar_p: 0.0078125,
          bootstrap: { estimate: 1 / 3, low: 0.08333333333333333, high: 0.6666666666666666 },
        },
      },
    ]),
  );
  expect(verdict.because).toBe(
    'exact_match: 33.3 points (95 %: -2.0 points to 64.6 points) against old does not settle the margin of 10.0 points; 30 more groups would settle it',
  );
});

describe('what a verdict says', () => {
  const better = [...answers('new', 40, () => true), ...answers('old', 40, () => false)];
  const because = (changes: object, evidence: Evidence[], plan = first) => reachVerdict(gate(changes), evidence, plan).because;

  test.each<[string, () => string, string]>([
    [
      'a skip names the baseline that it lost to',
      () => because({}, [...answers('new', 40, (g) => g < 4), ...answers('old', 40, (g) => g < 4)]),
      'exact_match: 0.0 points (95 %: -8.8 points to 8.8 points) against old stays under the margin of 10.0 points',
    ],
    [
      'groups that were not seen decide: ln 0.025 / ln (1 − 0.04 / 2) = 183',
      () => because({ margin: 0.96 }, better),
      'exact_match: 100.0 points (95 %: 82.4 points to 100.0 points) against old does not settle the margin of 96.0 points; 143 more groups would settle it',
    ],
    [
      'too close to call',
      () => because({ margin: 0.99 }, better),
      'exact_match: 100.0 points (95 %: 82.4 points to 100.0 points) against old does not settle the margin of 99.0 points; too close to call',
    ],
    ['nothing measured', () => because({}, []), 'exact_match: no row was measured of both new and old'],
    [
      'a guardrail that fails',
      () => because({ guardrails: { valid_json: 0.9 } }, [...answers('new', 40, () => true, 0), ...better.slice(80)]),
      'the guardrail valid_json fails: measured 0.00, limit 0.9',
    ],
    ['a guardrail that is open', () => because({ guardrails: { valid_json: 0.95 } }, better), 'the guardrail valid_json is not settled'],
    [
      'a guardrail that was not measured',
      () => because({ guardrails: { forgetting_nats: 1 } }, better),
      'the guardrail forgetting_nats was not measured',
    ],
    [
      'beyond the plan',
      () => because({}, better, { attempt: 3, planned: 2 }),
      'these rows are used up: 3 attempts, 2 planned; within the plan it would have been ship: exact_match: 100.0 points (95 %: 79.2 points to 100.0 points) against old clears the margin of 10.0 points, and every guardrail holds',
    ],
    [
      'beyond the plan, not settled',
      () => because({ margin: 0.9 }, better, { attempt: 2, planned: 1 }),
      'these rows are used up: 2 attempts, 1 planned; within the plan it would have been hold: exact_match: 100.0 points (95 %: 82.4 points to 100.0 points) against old does not settle the margin of 90.0 points; 32 more groups would settle it',
    ],
  ])('%s', (_, said, expected) => {
    expect(said()).toBe(expected);
  });

  test('a gate with a margin below zero says so', () => {
    expect(reachVerdict(gate({ margin: -0.1, noninferiority: true }), better, first).is_noninferiority).toBe(true);
    expect(reachVerdict(gate(), better, first).is_noninferiority).toBe(false);
  });

  test('one lost baseline of two skips; one that is open holds', () => {
    const two = { baselines: ['old', 'strong'], candidates: { new: { model: 'a' }, old: { model: 'b' }, strong: { model: 'c' } } };
    const lost = reachVerdict(
      gate(two),
      [...answers('new', 60, () => false), ...answers('old', 60, () => false), ...answers('strong', 60, () => true)],
      first,
    );
    expect([lost.decision, lost.candidates.map(({ candidate }) => candidate)]).toEqual(['skip', ['new', 'strong', 'old']]);
    expect(lost.because).toContain('against strong stays under');
    const half = [...answers('new', 60, (g) => g < 30), ...answers('old', 60, () => false), ...answers('strong', 60, () => true)];
    const mixed = reachVerdict(gate(two), half, first);
    expect([mixed.decision, mixed.baselines.map(({ decision }) => decision)]).toEqual(['skip', ['skip', 'ship']]);
    const open = reachVerdict(gate(two), [...better, ...answers('strong', 40, (g) => g % 2 === 0)], first);
    expect([open.decision, open.baselines.map(({ decision }) => decision)]).toEqual(['ship', ['ship', 'ship']]);
  });

  test('exactly ten groups can ship, and the margin itself is enough', () => {
    const ten = [...answers('new', 10, () => true), ...answers('old', 10, () => false)];
    const low = reachVerdict(gate(), ten, first).baselines[0]?.difference.low as number;
    expect(low).toBeCloseTo(1 - 2 * (1 - 0.025 ** 0.1), 12);
    expect(reachVerdict(gate({ margin: low }), ten, first).decision).toBe('ship');
    expect(reachVerdict(gate({ margin: low + 1e-9 }), ten, first).decision).toBe('hold');
    const nine = [...answers('new', 9, () => true), ...answers('old', 9, () => false)];
    const held = reachVerdict(gate({ margin: 0 }), nine, first);
    expect([held.decision, held.baselines[0]?.more_groups]).toEqual(['hold', 1]);
  });

  test('a difference that is all below is no skip at the margin itself', () => {
    const lost = [...answers('new', 40, () => false), ...answers('old', 40, () => true)];
    const high = reachVerdict(gate(), lost, first).baselines[0]?.difference.high as number;
    const judged = (margin: number) => reachVerdict(gate({ margin, noninferiority: true }), lost, first).decision;
    expect([judged(high), judged(high + 1e-9)]).toEqual(['hold', 'skip']);
  });

  test('rows better and rows worse are counted apart, ties in neither', () => {
    const evidence = [...answers('new', 20, (g) => g < 5 || g >= 17), ...answers('old', 20, (g) => g >= 15)];
    // Groups 0–4 better, 15 and 16 worse, 17–19 both right, the others both wrong.
    const shown = reachVerdict(gate(), evidence, first).baselines[0]?.shown;
    expect([shown?.wins, shown?.losses]).toEqual([10, 4]);
    expect(shown?.mcnemar_p).toBeCloseTo((2 * (1 + 14 + 91 + 364 + 1001)) / 2 ** 14, 12);
  });
});

describe('guardrails at their limits', () => {
  const better = [...answers('new', 40, () => true), ...answers('old', 40, () => false)];
  const firsts = [100, 200, 300, 400, 500, 600, 700, 800, 900, 1000];
  const stateOf = (guardrails: object, more: Evidence[]) => reachVerdict(gate({ guardrails }), [...better, ...more], first).guardrails[0];

  test('the median’s bounds are the second and the ninth of ten; the limit itself holds', () => {
    const measured = { estimate: 550, low: 200, high: 900 };
    const of = (time_to_first_token_ms: number) => stateOf({ time_to_first_token_ms }, timings('new', firsts, false));
    expect(of(900)).toEqual({ guardrail: 'time_to_first_token_ms', limit: 900, measured, state: 'holds' });
    expect([of(899.9)?.state, of(200)?.state, of(199.9)?.state]).toEqual(['open', 'open', 'fails']);
  });

  test('cold times and other candidates’ do not count; five are too few to bound', () => {
    const mixed = [...timings('new', firsts, false), ...timings('old', [9000, 9000, 9000], false), ...timings('new', [8000, 8000], true)];
    expect(stateOf({ time_to_first_token_ms: 900 }, mixed)?.state).toBe('holds');
    expect(stateOf({ time_to_first_token_ms: 900 }, timings('new', [1, 2, 3, 4, 5], false))).toEqual({
      guardrail: 'time_to_first_token_ms',
      limit: 900,
      measured: null,
      state: 'open',
    });
  });

  test('forgetting by Student’s t over questions', () => {
    // 0.1 and 0.3 by turns, twenty: s² = 20 · 0.01 / 19, standard error √(s² / 20), t = 2.093.
    const losses = Array.from({ length: 20 }, (_, i) => (i % 2 ? 0.3 : 0.1));
    const reach = 2.09302405441 * Math.sqrt((20 * 0.01) / 19 / 20);
    const measured = stateOf({ forgetting_nats: 0.3 }, likelihoods(losses))?.measured;
    expect([measured?.estimate, measured?.low, measured?.high].map((value) => value?.toFixed(8))).toEqual(
      [0.2, 0.2 - reach, 0.2 + reach].map((value) => value.toFixed(8)),
    );
    expect(stateOf({ forgetting_nats: 0.3 }, likelihoods([0.2]))?.state).toBe('open');
  });

  test('valid JSON is bounded like a share, its limit itself holds', () => {
    const low = 1 - (1 - 0.025 ** (1 / 40));
    expect(stateOf({ valid_json: low }, [])?.state).toBe('holds');
    expect(stateOf({ valid_json: Math.min(1, low + 1e-9) }, [])?.state).toBe('open');
  });
});

describe('free text', () => {
  const references = (candidate: string, logprob: (i: number) => number, count = 40): Evidence[] =>
    Array.from({ length: count }, (_, i) => ({
      kind: 'reference' as const,
      ...base(candidate, `row ${i}`, `group ${i}`),
      token_logprobs: [logprob(i)],
      logprob: logprob(i),
    }));
  const text = { metric: 'reference_logprob', margin: 0, schema: undefined };

  test('figures are means of the log-probabilities, answers have none', () => {
    const verdict = reachVerdict(
      gate(text),
      [...references('new', (i) => -1 - (i % 2)), ...references('old', () => -3), ...answers('new', 3, () => true)],
      first,
    );
    expect(verdict.candidates).toEqual([
      { candidate: 'new', num_rows: 6, reference_logprob: -1.5, ...nothing },
      { candidate: 'old', num_rows: 0, reference_logprob: -3, ...nothing },
    ]);
    // t alone: there is no worst value. s² = 40 · 0.25 / 39.
    const reach = 2.02269092004 * Math.sqrt((40 * 0.25) / 39 / 40);
    const difference = verdict.baselines[0]?.difference;
    expect([difference?.estimate, difference?.low, difference?.high].map((value) => value?.toFixed(8))).toEqual(
      [1.5, 1.5 - reach, 1.5 + reach].map((value) => value.toFixed(8)),
    );
  });

  test('one row, or none of both, bounds nothing', () => {
    const unbounded = { estimate: 2, low: -Number.MAX_VALUE, high: Number.MAX_VALUE };
    const one = reachVerdict(gate(text), [...references('new', () => -1, 1), ...references('old', () => -3, 1)], first);
    expect(one.baselines[0]).toMatchObject({
      difference: unbounded,
      standard_deviation: 0,
      num_rows: 1,
      num_groups: 1,
      decision: 'hold',
      more_groups: null,
    });
    const none = reachVerdict(
      gate(text),
      references('new', () => -1),
      first,
    );
    const anything = { ...unbounded, estimate: 0 };
    expect(none.baselines[0]).toEqual({
      baseline: 'old',
      difference: anything,
      standard_deviation: 0,
      num_rows: 0,
      num_groups: 0,
      decision: 'hold',
      more_groups: null,
      shown: { wins: 0, losses: 0, mcnemar_p: 1, bootstrap: anything },
    });
    expect(none.candidates[1]).toEqual({ candidate: 'old', num_rows: 0, reference_logprob: null, ...nothing });
    // Of shares the range is known.
    const shares = reachVerdict(
      gate(),
      answers('new', 40, () => true),
      first,
    ).baselines[0]?.difference;
    expect(shares).toEqual({ estimate: 0, low: -1, high: 1 });
  });
});
