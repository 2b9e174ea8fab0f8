import { expect, test } from 'vitest';
import { groupBounds, largestShownShare, leastLead } from '../../compare/verdict/bounds.js';
import { Gate } from '../../protocol/gate.js';
import { gateSentences } from './gate-sentences.js';

const gate = (more: object) =>
  Gate.parse({
    challenger: 'tuned',
    baselines: ['bare'],
    metric: 'normalized_match',
    margin: 0.1,
    candidates: { tuned: { model: 'tuned' }, bare: { model: 'base' } },
    ...more,
  });
const rows = (numGroups: number) =>
  Array.from({ length: 2 * numGroups }, (_, i) => ({
    messages: [
      { role: 'user' as const, content: `Question ${i}` },
      { role: 'assistant' as const, content: 'Answer' },
    ],
    group: `site ${i % numGroups}`,
  }));

test('the rule is said with its baselines, and guardrails only where there are some', () => {
  expect(gateSentences(gate({}), rows(40))[0]).toBe(
    'tuned ships only if the lower bound of its lead in answers equal to the reference is at least 10.0 points against bare',
  );
  const guarded = gate({ baselines: ['prompted', 'bare', 'majority'], guardrails: { valid_json: 0.9, time_to_first_token_ms: 1500 } });
  expect(gateSentences(guarded, rows(40))).toEqual([
    expect.stringMatching(/against each of prompted, bare, and majority, and every guardrail holds$/),
    'guardrail: at least 90 % of its answers are valid JSON',
    'guardrail: the median time to its first token is at most 1,500 ms',
    '80 test rows in 40 groups: a lead below 20.6 points cannot ship, a larger one may',
  ]);
});

test('what so many groups cannot show is said before anything is measured', () => {
  expect(gateSentences(gate({}), rows(9)).at(-1)).toBe(
    '18 test rows in 9 groups: a verdict needs at least 10 groups, with fewer it is hold',
  );
  expect(gateSentences(gate({ margin: 0.8 }), rows(12)).at(-1)).toContain('too few for this margin, no lead can ship');
  expect(gateSentences(gate({ guardrails: { valid_json: 0.95 } }), rows(30)).at(-1)).toBe(
    'with 30 groups at most 88 % of valid JSON can be shown: the guardrail stays open',
  );
  // Without a range there is no worst case of groups that were not seen.
  expect(gateSentences(gate({ metric: 'reference_logprob' }), rows(40)).at(-1)).toBe('80 test rows in 40 groups');
});

test('the least lead is where the bounds of groups that all agree reach the margin', () => {
  for (const [groups, margin, alpha] of [
    [40, 0.1, 0.05],
    [12, 0, 0.05],
    [100, 0.3, 0.01],
  ] as const) {
    const lead = leastLead(groups, margin, alpha) as number;
    const low = (value: number) =>
      groupBounds(
        Array.from({ length: groups }, (_, i) => ({ value, group: `${i}` })),
        { least: -1, largest: 1 },
        alpha,
      ).low;
    expect(low(lead)).toBeCloseTo(margin, 10);
    expect(low(lead - 0.01)).toBeLessThan(margin);
  }
  const faultless = Array.from({ length: 30 }, (_, i) => ({ value: 1, group: `${i}` }));
  expect(groupBounds(faultless, { least: 0, largest: 1 }, 0.05).low).toBeCloseTo(largestShownShare(30, 0.05), 10);
});
