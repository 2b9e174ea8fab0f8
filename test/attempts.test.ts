/** Attempts, through the real ledger: what one is, and what it may say. */
import { describe, expect, test } from 'vitest';
import { seriesOf } from '../src/compare/attempts.js';
import { listComparisonIds } from '../src/compare/comparison.js';
import { judgeComparison } from '../src/compare/judge-comparison.js';
import { verifyComparison } from '../src/compare/verify/verify-comparison.js';
import { erase } from '../src/flow/keep/erase.js';
import { comparisonView } from '../src/server/views/comparison-view.js';
import { comparisonFolder } from '../src/store/home.js';
import { readLedger } from '../src/store/ledger.js';
import { temporaryFolder } from './support/home.js';
import { labelRows, type Measured, measuredComparison } from './support/measured-comparison.js';

const rows = labelRows(40);
const clear: Measured = { rows, adapter: 'one', isRight: (candidate, row) => candidate === 'tuned' || row % 10 === 0 };
/** Clear as it is, it is within the plan or beyond it. */
const judged = (home: string, changes: Partial<Measured> = {}) => judgeComparison(measuredComparison(home, { ...clear, ...changes }));

describe('an attempt is counted by rows', () => {
  test.each<[string, Partial<Measured>]>([
    ['another seed', { adapter: 'two' }],
    ['another margin', { gate: { margin: 0.3 } }],
    ['more looks, planned too late', { gate: { looks: 20 } }],
    ['another prompt for the baseline', { gate: { candidates: { tuned: { model: 'tuned' }, bare: { model: 'base', system: 'Well?' } } } }],
    ['a row more', { rows: labelRows(41) }],
    ['some of the rows', { rows: rows.slice(0, 20) }],
    [
      'the rows in other spelling',
      { rows: rows.map((row) => ({ messages: row.messages.map((m) => ({ ...m, content: `${m.content.toUpperCase()}. ` })) })) },
    ],
    ['another order', { rows: [...rows].reverse() }],
  ])('%s is a second attempt: hold, and what it would have been', (_, changes) => {
    const home = temporaryFolder('attempts');
    expect(judged(home)).toMatchObject({ decision: 'ship', attempt: 1, planned_attempts: 1, would_be: null });
    const second = judged(home, changes);
    expect(second).toMatchObject({ decision: 'hold', attempt: 2, planned_attempts: 1, would_be: 'ship' });
    expect(second.because).toContain('these rows are used up: 2 attempts, 1 planned');
  });

  test.each<[string, Partial<Measured>]>([
    ['fresh rows', { rows: labelRows(40, 'Fresh question') }],
    ['another base', { base: 'other bytes' }],
  ])('%s start anew', (_, changes) => {
    const home = temporaryFolder('attempts');
    judged(home);
    expect(judged(home, changes)).toMatchObject({ decision: 'ship', attempt: 1 });
  });

  test('the same comparison judged again is the same verdict, and no attempt', () => {
    const home = temporaryFolder('attempts');
    const comparison = measuredComparison(home, clear);
    const first = judgeComparison(comparison);
    const lines = readLedger(home).entries.length;
    expect([judgeComparison(comparison), readLedger(home).entries.length]).toEqual([first, lines]);
  });

  test('two planned attempts share 5 %, a third is beyond them; both gates are in the series', () => {
    const home = temporaryFolder('attempts');
    const gate = { looks: 2 };
    const verdicts = ['one', 'two', 'three'].map((adapter) => judged(home, { adapter, gate: adapter === 'two' ? { margin: 0.2 } : gate }));
    expect(verdicts.map(({ decision, attempt, planned_attempts }) => [decision, attempt, planned_attempts])).toEqual([
      ['ship', 1, 2],
      ['ship', 2, 2],
      ['hold', 3, 2],
    ]);
    const alone = judged(temporaryFolder('attempts'));
    const [planned] = verdicts;
    expect(planned?.baselines[0]?.difference.low).toBeLessThan(alone.baselines[0]?.difference.low as number);
    const [, second] = readLedger(home).entries.flatMap(({ record }) => (record.kind === 'gate-fixed' ? [record.comparison] : []));
    const { attempts, gates } = seriesOf(readLedger(home).entries, second as string, 'tuned');
    expect([attempts.length, new Set(gates.map(({ gate_sha256 }) => gate_sha256)).size]).toEqual([3, 2]);
  });

  test('a gate that was changed after evidence and before a verdict is the same plan', () => {
    const home = temporaryFolder('attempts');
    measuredComparison(home, clear);
    expect(judged(home, { gate: { looks: 20 } })).toMatchObject({ attempt: 1, planned_attempts: 1 });
  });

  test('an erased comparison is still an attempt, and the page says that it was erased', async () => {
    const home = temporaryFolder('attempts');
    const first = measuredComparison(home, clear);
    judgeComparison(first);
    await erase(home, { kind: 'comparison', folder: first.folder });
    const second = measuredComparison(home, { ...clear, adapter: 'two' });
    expect(judgeComparison(second)).toMatchObject({ decision: 'hold', attempt: 2 });
    expect(comparisonView(second.folder)?.attempts.map(({ is_erased }) => is_erased)).toEqual([true, false]);
    expect(readLedger(home).entries.map(({ record }) => record.kind)).toContain('erasure');
  });

  test('the same measured again after it was erased has an id of its own, and is a further attempt', async () => {
    const home = temporaryFolder('attempts');
    const first = measuredComparison(home, clear);
    judgeComparison(first);
    for (const attempt of [2, 3]) {
      const [folder] = listComparisonIds(home).map((id) => comparisonFolder(home, id));
      await erase(home, { kind: 'comparison', folder: folder as string });
      const again = measuredComparison(home, clear);
      expect(again.folder).not.toBe(first.folder);
      expect(judgeComparison(again)).toMatchObject({ decision: 'hold', attempt });
      expect(verifyComparison(again.folder).problems).toEqual([]);
      expect(measuredComparison(home, clear).folder).toBe(again.folder);
    }
  });

  test('what would be skipped beyond the plan is skipped', () => {
    const home = temporaryFolder('attempts');
    judged(home);
    const worse = judged(home, { adapter: 'two', isRight: (candidate, row) => candidate === 'bare' || row % 10 === 0 });
    expect(worse).toMatchObject({ decision: 'skip', attempt: 2, would_be: 'skip' });
  });
});
