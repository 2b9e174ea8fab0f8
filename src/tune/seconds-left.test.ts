import { expect, test } from 'vitest';
import type { RunProgress } from './fold-events.js';
import { secondsLeft } from './seconds-left.js';

const FORECAST = { num_steps: 20, duration_s: 120 };
const after = (step: number, seconds_left: number) => ({ steps: [{ step, seconds_left }] }) as unknown as RunProgress;

test('from the first second: what is forecast, then what steps take, and nothing after the last one', () => {
  expect(secondsLeft(FORECAST, { steps: [] }, null)).toBe(120);
  expect(secondsLeft(FORECAST, { steps: [] }, 30)).toBe(90);
  expect(secondsLeft(FORECAST, { steps: [] }, 500)).toBe(0);
  expect(secondsLeft({ num_steps: 20, duration_s: null }, { steps: [] }, 3)).toBeNull();
  expect(secondsLeft(FORECAST, after(5, 44), 30)).toBe(44);
  expect(secondsLeft(FORECAST, after(20, 0), 100)).toBeNull();
  expect(secondsLeft(null, { steps: [] }, 3)).toBeNull();
});
