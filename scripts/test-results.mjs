// What the two test runners report: their counts and times. A runner that did not end well has failed, whatever its file says.
import { existsSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { root } from './setup.mjs';

/** @param status the runner's exit code; null when it was killed */
export function vitestCounts(file, status) {
  const results = existsSync(file)
    ? JSON.parse(readFileSync(file, 'utf8'))
    : { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, success: false };
  const { numPassedTests, numFailedTests, numPendingTests, success } = results;
  // A file that does not even load has no failed test of its own.
  return { passed: numPassedTests, failed: withRunner(numFailedTests, success && status === 0), skipped: numPendingTests };
}

/** @param status the runner's exit code; null when it was killed */
export function pytestCounts(file, status) {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const attribute = (name) => Number(new RegExp(`<testsuite [^>]*${name}="(\\d+)"`).exec(text)?.[1] ?? 0);
  const [tests, failures, errors, skipped] = ['tests', 'failures', 'errors', 'skipped'].map(attribute);
  return { passed: tests - failures - errors - skipped, failed: withRunner(failures + errors, status === 0 && tests > 0), skipped };
}

function withRunner(failed, isWell) {
  return isWell ? failed : Math.max(1, failed);
}

export function vitestTimes(file) {
  if (!existsSync(file)) return [];
  return JSON.parse(readFileSync(file, 'utf8')).testResults.flatMap(({ name, startTime, endTime, assertionResults }) => {
    const tests = assertionResults.map(({ fullName, duration }) => ({
      seconds: (duration ?? 0) / 1000,
      name: `${relative(root, name)}: ${fullName}`,
    }));
    // What a file does before its first test is a cost of the file.
    const own = (endTime - startTime) / 1000 - tests.reduce((sum, { seconds }) => sum + seconds, 0);
    return [...tests, { seconds: own, name: `${relative(root, name)}: set-up` }];
  });
}

export function pytestTimes(file) {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  return [...text.matchAll(/<testcase classname="([^"]+)" name="([^"]+)" time="([\d.]+)"/g)].map(([, place, name, time]) => ({
    seconds: Number(time),
    name: `${place.replaceAll('.', '/')}.py: ${name}`,
  }));
}
