/** What `npm run verify` counts: a runner that failed or was killed is never counted as passed. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { pytestCounts, vitestCounts } from '../scripts/test-results.mjs';
import { temporaryFolder } from './support/home.js';

const folder = temporaryFolder('results');
const written = (name: string, text: string) => {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
};
const vitest = (counts: object) =>
  written('vitest.json', JSON.stringify({ numPassedTests: 5, numFailedTests: 0, numPendingTests: 1, success: true, ...counts }));
const pytest = (attributes: string) =>
  written('pytest.xml', `<testsuites><testsuite name="pytest" ${attributes}></testsuite></testsuites>`);
const none = join(folder, 'none');

describe('the counts of a runner', () => {
  test('that ended well are those of its file', () => {
    expect(vitestCounts(vitest({}), 0)).toEqual({ passed: 5, failed: 0, skipped: 1 });
    expect(pytestCounts(pytest('errors="0" failures="0" skipped="2" tests="9"'), 0)).toEqual({ passed: 7, failed: 0, skipped: 2 });
  });

  test.each<[string, () => { failed: number }]>([
    ['a non-zero exit with a file of successes', () => vitestCounts(vitest({}), 1)],
    ['a killed runner with a file of successes', () => vitestCounts(vitest({}), null)],
    ['no file', () => vitestCounts(none, 0)],
    ['a file that did not load', () => vitestCounts(vitest({ success: false }), 0)],
    ['pytest killed', () => pytestCounts(pytest('errors="0" failures="0" skipped="0" tests="9"'), null)],
    ['pytest with exit code 5, no tests', () => pytestCounts(pytest('errors="0" failures="0" skipped="0" tests="0"'), 5)],
    ['pytest without a file', () => pytestCounts(none, 0)],
  ])('%s is a failure', (_, counted) => {
    expect(counted().failed).toBe(1);
  });

  test('failures are counted, not doubled', () => {
    expect(vitestCounts(vitest({ numFailedTests: 3, success: false }), 1).failed).toBe(3);
    expect(pytestCounts(pytest('errors="1" failures="2" skipped="0" tests="9"'), 1)).toEqual({ passed: 6, failed: 3, skipped: 0 });
  });
});
