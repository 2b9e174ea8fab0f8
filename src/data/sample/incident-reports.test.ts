import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Row } from '../../protocol/row.js';
import { promptKey } from '../row-keys.js';
import { rowLines } from '../splits.js';
import { DEV_REPORTS } from './dev-templates.js';
import { FACTS, generateIncidentReports } from './incident-reports.js';
import { TEST_REPORTS } from './test-templates.js';
import { DEV_VALUES, type SplitValues, TEST_VALUES, TRAIN_VALUES } from './values.js';

const SIZES = { train: 400, dev: 60, test: 80 };
const record = (row: Row) => JSON.parse(row.messages.at(-1)?.content ?? '') as Record<string, string | null>;
const reports = (rows: Row[]) => rows.filter(({ messages }) => messages[0]?.role === 'system');
/** Five words in a row of a wording, its slots as words. */
const fiveWords = (wording: string) => {
  const words =
    wording
      .replace(/[[\]]/g, ' ')
      .toLowerCase()
      .match(/\{\w+\}|[\w’']+/g) ?? [];
  return words.slice(4).map((_, i) => words.slice(i, i + 5).join(' '));
};

describe('incident reports', () => {
  const splits = generateIncidentReports(7, SIZES);

  test('are the same for the same seed and others for another', () => {
    expect(generateIncidentReports(7, SIZES)).toEqual(splits);
    expect(generateIncidentReports(8, SIZES).test).not.toEqual(splits.test);
  });

  test('are the rows whose figures the README shows', () => {
    const { train, dev, test } = generateIncidentReports(11, { train: 440, dev: 60, test: 80 });
    expect([train, dev, test].map((rows) => createHash('sha256').update(rowLines(rows)).digest('hex'))).toEqual([
      '49af82cb64235c6bb317ab244454a4d0006d8ea11e3e7745d5b97b4a34762b18',
      '577cc23b06d0c328daf91e1c9503203967eb92eaeee8403c9538a37d685e8a11',
      '3e3f9ccf153a8e0a197efd29b9d2c6aabb5b190d52d3e3d33e619609588c0995',
    ]);
  });

  test('have the sizes that were asked for, and no row twice', () => {
    expect([splits.train.length, splits.dev.length, splits.test.length]).toEqual([400, 60, 80]);
    expect(new Set([...reports(splits.train), ...splits.dev, ...splits.test].map(promptKey)).size).toBe(reports(splits.train).length + 140);
  });

  test('name every fact in fixed order; what the text does not tell is null', () => {
    for (const row of [...splits.dev, ...splits.test]) {
      expect(Object.keys(record(row))).toEqual([...FACTS]);
      const text = row.messages[1]?.content ?? '';
      for (const fact of ['site', 'asset', 'reporter', 'action'] as const) {
        const value = record(row)[fact];
        if (value !== null) expect(text).toContain(value);
      }
    }
    const missing = splits.test.filter((row) => Object.values(record(row)).includes(null)).length;
    expect(missing).toBeGreaterThan(10);
    expect(missing).toBeLessThan(60);
  });

  test('test has at least 30 wordings, each its own group', () => {
    expect(TEST_REPORTS.length).toBeGreaterThanOrEqual(30);
    expect(new Set(splits.test.map(({ group }) => group)).size).toBe(TEST_REPORTS.length);
  });

  test('names, sites and tags of dev and test occur nowhere in train, those of test nowhere in dev', () => {
    const values = (rows: Row[], fact: string) =>
      new Set(
        reports(rows)
          .map((row) => record(row)[fact])
          .filter((value) => value !== null),
      );
    for (const fact of ['site', 'asset', 'reporter']) {
      const [train, dev, test] = [splits.train, splits.dev, splits.test].map((rows) => values(rows, fact)) as [
        Set<string>,
        Set<string>,
        Set<string>,
      ];
      expect([...dev].filter((value) => train.has(value))).toEqual([]);
      expect([...test].filter((value) => train.has(value) || dev.has(value))).toEqual([]);
    }
    for (const list of ['firstNames', 'lastStems', 'siteStems', 'siteKinds'] satisfies (keyof SplitValues)[]) {
      const [train, dev, test] = [TRAIN_VALUES, DEV_VALUES, TEST_VALUES].map((split) => split[list]) as [string[], string[], string[]];
      expect([...dev, ...test].filter((value) => train.includes(value))).toEqual([]);
      expect(test.filter((value) => dev.includes(value))).toEqual([]);
    }
  });

  test('no five words in a row of a test wording occur in a train or dev wording', () => {
    const wordings = [1, 2, 3, 4, 5].flatMap((seed) =>
      reports(generateIncidentReports(seed, SIZES).train).map(({ group }) => group?.replace(/^train: /, '') ?? ''),
    );
    const seen = new Set([...wordings, ...DEV_REPORTS].flatMap(fiveWords));
    expect(TEST_REPORTS.flatMap(fiveWords).filter((words) => seen.has(words))).toEqual([]);
  });

  test('everyday chats stand among the train rows only', () => {
    expect(splits.train.length - reports(splits.train).length).toBe(33);
    expect(reports(splits.test).length).toBe(80);
  });
});
