import { describe, expect, test } from 'vitest';
import type { Evidence } from '../../protocol/evidence.js';
import { Gate } from '../../protocol/gate.js';
import { reachVerdict as reachVerdictBy } from './reach-verdict.js';

/** As the first attempt of one that was planned. */
const reachVerdict = (rule: Gate, evidence: Evidence[]) => reachVerdictBy(rule, evidence, { attempt: 1, planned: 1 });

const gate = (changes: object = {}) =>
  Gate.parse({
    challenger: 'new',
    baselines: ['old'],
    metric: 'exact_match',
    margin: 0.1,
    guardrails: {},
    candidates: { new: { model: 'tuned' }, old: { model: 'base' } },
    schema: { type: 'object', properties: { a: { type: 'string' } } },
    ...changes,
  });

const base = (candidate: string, example_id: string, group: string) => ({
  id: `${candidate}-${example_id}-${Math.random()}`,
  at: '2026-11-24T12:00:00Z',
  channel: 'measured' as const,
  producer: 'test',
  gate_sha256: 'g',
  candidates: [{ name: candidate, identity: candidate }],
  example_id,
  group,
  repeat: 0,
  facts: null,
});

/** Answers of a candidate: `right` says for group and row whether the record is exact. */
function answers(candidate: string, groups: number, right: (group: number, row: number) => boolean, isJson = true): Evidence[] {
  return Array.from({ length: groups * 2 }, (_, i) => {
    const [group, row] = [Math.floor(i / 2), i % 2];
    const exact = Number(right(group, row));
    return {
      kind: 'answer' as const,
      ...base(candidate, `row ${i}`, `group ${group}`),
      answer: '{}',
      finish_reason: 'stop',
      scores: { valid_json: Number(isJson), exact_fields: exact, exact_match: exact },
      prompt_tokens: 10,
      completion_tokens: 5,
      duration_ms: 100,
    };
  });
}

const timing = (milliseconds: number): Evidence[] =>
  Array.from({ length: 10 }, (_, i) => ({
    kind: 'timing' as const,
    ...base('new', `row ${i}`, 'c'),
    is_cold: false,
    text_at_ms: [milliseconds + i],
    ended_at_ms: milliseconds + i + 400,
    time_to_first_token_ms: milliseconds + i,
    decode_ms: 400,
    prompt_tokens: 10,
    completion_tokens: 41,
  }));

const likelihood = (loss: number): Evidence[] =>
  Array.from({ length: 20 }, (_, i) => ({
    kind: 'likelihood' as const,
    ...base('new', `question ${i}`, `question ${i}`),
    reference_sha256: 'r',
    base_token_logprobs: [-0.5],
    token_logprobs: [-0.5 - loss - (i % 2) * 0.01],
    base_logprob: -0.5,
    logprob: -0.5 - loss - (i % 2) * 0.01,
  }));

describe('the decision', () => {
  const most = answers('new', 40, (group) => group % 5 !== 0);
  const few = answers('old', 40, (group) => group % 10 === 1);

  test('ships when the lower bound clears the margin', () => {
    const verdict = reachVerdict(gate(), [...most, ...few]);
    expect(verdict.decision).toBe('ship');
    expect(verdict.channel).toBe('measured');
    expect(verdict.baselines[0]?.difference.low).toBeGreaterThan(0.1);
  });

  test('skips when the upper bound stays under the margin', () => {
    expect(reachVerdict(gate(), [...answers('new', 40, () => false), ...few]).decision).toBe('skip');
  });

  test('holds between, and says how many more groups would settle it', () => {
    const verdict = reachVerdict(gate(), [...answers('new', 12, (group) => group % 3 === 0), ...answers('old', 12, () => false)]);
    expect(verdict.decision).toBe('hold');
    expect(verdict.baselines[0]?.more_groups).toBeGreaterThan(0);
    expect(verdict.because).toContain('more groups would settle it');
  });

  test('holds with fewer than ten groups, however clear it looks', () => {
    expect(reachVerdict(gate(), [...answers('new', 9, () => true), ...answers('old', 9, () => false)]).decision).toBe('hold');
  });

  test('every baseline must be beaten, and the strongest leads', () => {
    const two = gate({ baselines: ['old', 'strong'], candidates: { new: { model: 'a' }, old: { model: 'b' }, strong: { model: 'c' } } });
    const verdict = reachVerdict(two, [...most, ...few, ...answers('strong', 40, (group) => group % 5 !== 0)]);
    expect(verdict.decision).not.toBe('ship');
    expect(verdict.baselines.map(({ baseline }) => baseline)).toEqual(['strong', 'old']);
  });
});

describe('the level', () => {
  // 40 groups that all agree: the bounds are those of unseen groups, 1 − (α/2)^(1/40) of them as bad as can be.
  const all = [...answers('new', 40, () => true), ...answers('old', 40, () => false)];
  const none = [...answers('new', 40, () => false), ...answers('old', 40, () => true)];
  const lowOf = (alpha: number) => 1 - 2 * (1 - (alpha / 2) ** (1 / 40));

  test.each([1, 2, 20])('of %i planned attempts each is judged at 1 − 0.05 / that', (planned) => {
    const { baselines } = reachVerdictBy(gate(), all, { attempt: 1, planned });
    expect(baselines[0]?.difference.low).toBeCloseTo(lowOf(0.05 / planned), 12);
  });

  test('a skip against one of k baselines is at 1 − 0.05 / k; the figure shown is at 95 %', () => {
    const names = ['old', 'two', 'three', 'four', 'five'];
    const five = gate({
      baselines: names,
      candidates: Object.fromEntries([['new', { model: 'tuned' }], ...names.map((name) => [name, { model: name }])]),
    });
    const others = names.slice(1).flatMap((name) => answers(name, 40, () => false));
    // The upper bound against `old` is −lowOf(α): a margin between those of 0.05 and of 0.05 / 5 skips alone and holds among five.
    const between = (-lowOf(0.05) + -lowOf(0.05 / 5)) / 2;
    const margins = { margin: between, noninferiority: true };
    expect(reachVerdict(gate(margins), none).decision).toBe('skip');
    const verdict = reachVerdict({ ...five, ...margins, noninferiority: true }, [...none, ...others]);
    const against = verdict.baselines.find(({ baseline }) => baseline === 'old');
    expect([against?.decision, verdict.decision]).toEqual(['hold', 'hold']);
    expect(against?.difference.high).toBeCloseTo(-lowOf(0.05), 12);
  });

  test('guardrails share the level too', () => {
    const guardrails = { valid_json: lowOf(0.05) / 2 + 0.5 };
    expect(reachVerdictBy(gate({ guardrails }), all, { attempt: 1, planned: 1 }).guardrails[0]?.state).toBe('holds');
    expect(reachVerdictBy(gate({ guardrails }), all, { attempt: 1, planned: 20 }).guardrails[0]?.state).toBe('open');
  });
});

test('a hold names the baseline that needs the most further groups', () => {
  const two = gate({ baselines: ['near', 'far'], candidates: { new: { model: 'a' }, near: { model: 'b' }, far: { model: 'c' } } });
  const isMine = (group: number) => group % 3 !== 1;
  const mine = answers('new', 30, isMine);
  // The lead over `near` is smaller and steady, the lead over `far` is larger and scatters: far needs more groups.
  const near = answers('near', 30, (group) => isMine(group) && group % 5 >= 2);
  const far = answers('far', 30, (group) => !isMine(group));
  const { decision, because, baselines } = reachVerdict(two, [...mine, ...near, ...far]);
  expect([decision, baselines.map(({ baseline }) => baseline)]).toEqual(['hold', ['near', 'far']]);
  expect(because).toContain('against far');
});

describe('guardrails', () => {
  const better = [...answers('new', 40, () => true), ...answers('old', 40, () => false)];
  const guardrails = { valid_json: 0.85, time_to_first_token_ms: 3000, forgetting_nats: 0.5 };

  test('hold when their bound clears them', () => {
    const verdict = reachVerdict(gate({ guardrails }), [...better, ...timing(200), ...likelihood(0.1)]);
    expect(verdict.guardrails.map(({ state }) => state)).toEqual(['holds', 'holds', 'holds']);
    expect(verdict.decision).toBe('ship');
    expect(verdict.candidates[0]?.tokens_per_second).toBeCloseTo(100, 5);
    expect(verdict.candidates[0]?.cost_per_million_tokens).toBeCloseTo((0.05 / 360_000) * 1e6, 8);
  });

  test.each([
    ['time_to_first_token_ms', [...timing(4000), ...likelihood(0.1)], better],
    ['forgetting_nats', [...timing(200), ...likelihood(2)], better],
    ['valid_json', [...timing(200), ...likelihood(0.1)], [...answers('new', 40, () => true, false), ...answers('old', 40, () => false)]],
  ])('%s failing means skip, whatever the answers', (guardrail, others, answered) => {
    const verdict = reachVerdict(gate({ guardrails }), [...answered, ...others]);
    expect(verdict.decision).toBe('skip');
    expect(verdict.because).toContain(guardrail);
  });

  test('what was not measured holds the verdict', () => {
    const unmeasured: Evidence = {
      kind: 'not-measured',
      ...base('new', 'forgetting', 'f'),
      what: 'forgetting',
      reason: 'the endpoint does not score',
    };
    const verdict = reachVerdict(gate({ guardrails }), [...better, ...timing(200), unmeasured]);
    expect(verdict.decision).toBe('hold');
    expect(verdict.not_measured).toEqual(['new: forgetting (the endpoint does not score)']);
    const rows = [1, 2, 3].map((row) => ({ ...unmeasured, example_id: `row ${row}` }));
    expect(reachVerdict(gate({ guardrails }), [...better, ...timing(200), ...rows]).not_measured).toEqual([
      'new: forgetting (the endpoint does not score), 3 rows',
    ]);
  });
});

describe('labels and free text', () => {
  const labels = (candidate: string, right: (group: number) => boolean): Evidence[] =>
    answers(candidate, 40, right).map((line) =>
      line.kind === 'answer' ? { ...line, scores: { accuracy: line.scores.exact_match ?? 0 } } : line,
    );
  const references = (candidate: string, logprob: (i: number) => number): Evidence[] =>
    Array.from({ length: 40 }, (_, i) => ({
      kind: 'reference' as const,
      ...base(candidate, `row ${i}`, `group ${i}`),
      token_logprobs: [logprob(i)],
      logprob: logprob(i),
    }));

  test('labels are judged by accuracy, and figures are those of labels', () => {
    const evidence = [...labels('new', () => true), ...labels('old', (group) => group % 3 === 0)];
    const verdict = reachVerdict(gate({ metric: 'accuracy', schema: undefined }), evidence);
    expect(verdict).toMatchObject({ decision: 'ship', metric: 'accuracy' });
    expect(verdict.candidates[0]).toMatchObject({ accuracy: 1, accuracy_wilson: { estimate: 1 } });
    expect(verdict.candidates[0]).not.toHaveProperty('exact_match');
  });

  const text = { metric: 'reference_logprob', margin: 0, schema: undefined };

  test('that the reference is likelier never ships, however large the lead', () => {
    const verdict = reachVerdict(gate(text), [...references('new', (i) => -0.1 - i / 1000), ...references('old', () => -9)]);
    expect(verdict.decision).toBe('hold');
    expect(verdict.because).toMatch(/\+8\.88 nats a token .* not a measure of quality/);
    expect(verdict.baselines[0]?.more_groups).toBeNull();
  });

  test('that it is less likely skips', () => {
    const verdict = reachVerdict(gate(text), [...references('new', (i) => -5 - i / 1000), ...references('old', () => -1)]);
    expect(verdict.decision).toBe('skip');
  });

  test('without a measurement it holds, and no figure is infinite', () => {
    const verdict = reachVerdict(gate(text), references('new', () => -1).slice(0, 1));
    expect(verdict.decision).toBe('hold');
    expect(verdict.because).toContain('no row was measured of both new and old');
    expect(Object.values(verdict.baselines[0]?.difference ?? {}).every(Number.isFinite)).toBe(true);
    expect(Object.values(verdict.baselines[0]?.shown.bootstrap ?? {}).every(Number.isFinite)).toBe(true);
  });
});

describe('rewards', () => {
  const scored = (candidate: string, isRight: (i: number) => boolean): Evidence[] =>
    Array.from({ length: 40 }, (_, i) => ({
      kind: 'scored-pair' as const,
      ...base(candidate, `row ${i}`, `group ${i}`),
      chosen_reward: isRight(i) ? 1.5 : -0.5,
      rejected_reward: 0,
    }));
  const likelier = (candidate: string, isRight: (i: number) => boolean): Evidence[] =>
    Array.from({ length: 40 }, (_, i) => ({
      kind: 'preference' as const,
      ...base(candidate, `row ${i}`, `group ${i}`),
      chosen_token_logprobs: [-1],
      rejected_token_logprobs: [isRight(i) ? -2 : -0.5],
      chosen_logprob: -1,
      rejected_logprob: isRight(i) ? -2 : -0.5,
    }));
  const rewarded = (candidate: string, lead: (i: number) => number): Evidence[] =>
    Array.from({ length: 40 }, (_, i) => ({
      kind: 'reward' as const,
      ...base(candidate, `row ${i}`, `group ${i}`),
      reward_model_sha256: 'm',
      answer_sha256: 'a',
      reward: 0.25 + lead(i),
      reference_reward: 0.25,
    }));

  test('a reward model ships on pairs that it scores in the right order, against a base by likelihood', () => {
    const rule = gate({ metric: 'reward_accuracy', schema: undefined });
    const verdict = reachVerdict(rule, [...scored('new', () => true), ...likelier('old', (i) => i % 2 === 0)]);
    expect(verdict.decision).toBe('ship');
    expect(verdict.candidates).toMatchObject([
      { candidate: 'new', num_rows: 40, reward_accuracy: 1, reward_accuracy_wilson: { estimate: 1 } },
      { candidate: 'old', num_rows: 40, reward_accuracy: 0.5 },
    ]);
    expect(verdict.candidates[0]).not.toHaveProperty('preference_accuracy');
    const lost = reachVerdict(rule, [...scored('new', (i) => i % 4 === 0), ...likelier('old', () => true)]);
    expect(lost.decision).toBe('skip');
  });

  test('answers that a reward model prefers ship, and the figure is the chance that it prefers them to the reference', () => {
    const rule = gate({ metric: 'reward_win_rate', reward_model: 'run', schema: undefined });
    // Log-odds of 3 to 1, and of 1 to 3.
    const evidence = [...rewarded('new', () => Math.log(3)), ...rewarded('old', () => -Math.log(3))];
    const verdict = reachVerdict(rule, evidence);
    expect(verdict.decision).toBe('ship');
    expect(verdict.candidates[0]?.reward_win_rate).toBeCloseTo(0.75, 12);
    expect(verdict.candidates[1]?.reward_win_rate).toBeCloseTo(0.25, 12);
    expect(verdict.baselines[0]?.difference.estimate).toBeCloseTo(0.5, 12);
    expect(verdict.because).toContain('50.0 points');
  });
});
