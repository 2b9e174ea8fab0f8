import { expect, test } from 'vitest';
import { fallingText, preferenceFigures } from './preference-figures.js';

test('a reward is beta times the change of an answer’s log-probability', () => {
  const metrics = { 'rewards/chosen': -0.2, 'rewards/rejected': -1.5, 'rewards/accuracies': 0.9 };
  const figures = preferenceFigures(metrics, 0.1);
  expect(figures).toEqual({ accuracy: 0.9, chosen_change: -2, rejected_change: -15 });
  expect(fallingText(figures as NonNullable<typeof figures>)).toMatch(
    /^the better answers are less likely than before training, by 2\.00 nats/,
  );
  expect(fallingText({ chosen_change: 0 })).toBeNull();
});

test('labelled answers have no pairs, and other methods no such figures', () => {
  expect(preferenceFigures({ 'rewards/chosen': 0.5, 'rewards/rejected': 0 }, 1)?.accuracy).toBeNull();
  expect(preferenceFigures({ mean_token_accuracy: 0.5 }, 1)).toBeNull();
});
