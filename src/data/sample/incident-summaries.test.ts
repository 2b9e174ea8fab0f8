import { describe, expect, test } from 'vitest';
import { generateIncidentReports } from './incident-reports.js';
import { generateIncidentSummaries, generateLabelledSummaries } from './incident-summaries.js';
import { ALARMED, CALM } from './summary-phrases.js';

const SIZES = { train: 240, dev: 60, test: 80 };
const splits = generateIncidentSummaries(7, SIZES);
const text = (messages: { content: string }[]) => messages.map(({ content }) => content).join(' ');

describe('incident summaries', () => {
  test('are the same for the same seed, and test rows can be others alone', () => {
    expect(generateIncidentSummaries(7, SIZES)).toEqual(splits);
    const fresh = generateIncidentSummaries(7, { ...SIZES, test_seed: 8 });
    expect([fresh.train, fresh.dev]).toEqual([splits.train, splits.dev]);
    expect(fresh.test).not.toEqual(splits.test);
  });

  test('are pairs of a calm and an alarmed answer to the reports of the other sample', () => {
    expect([splits.train.length, splits.dev.length, splits.test.length]).toEqual([240, 60, 80]);
    for (const { chosen, rejected } of [...splits.train, ...splits.dev, ...splits.test]) {
      expect(text(chosen)).not.toMatch(/[!{]/);
      expect(text(rejected)).toMatch(/!/);
      expect(text(rejected)).not.toMatch(/\{/);
    }
    const { test: reports } = generateIncidentReports(7, SIZES);
    expect(splits.test.map(({ prompt }) => prompt[1])).toEqual(reports.map(({ messages }) => messages[1]));
  });

  test('do not teach a length: neither answer is nearly always the longer one', () => {
    const longer = splits.train.filter(({ chosen, rejected }) => text(chosen).length > text(rejected).length).length;
    expect(longer / splits.train.length).toBeGreaterThan(0.25);
    expect(longer / splits.train.length).toBeLessThan(0.75);
  });

  test('use phrases in one split only', () => {
    for (const phrases of [CALM, ALARMED]) {
      const all = Object.values(phrases).flatMap(({ openings, closings }) => [...openings, ...closings]);
      expect(new Set(all).size).toBe(all.length);
    }
  });

  test('as labelled answers have one for each report, good and bad by turns', () => {
    const labelled = generateLabelledSummaries(7, SIZES);
    expect(labelled.train.slice(0, 2).map(({ completion, label }) => [completion, label])).toEqual([
      [splits.train[0]?.chosen, true],
      [splits.train[1]?.rejected, false],
    ]);
  });
});
