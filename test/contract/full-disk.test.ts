/** A home on a small file system of its own: what a full disk stops, what it leaves, and that it goes on when there is room. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readApart } from '../../src/flow/rows/read-apart.js';
import { AppError, asAppError } from '../../src/protocol/errors.js';
import { Exit } from '../../src/protocol/run.js';
import { appendLine, readJson, writeJson, writeWhole } from '../../src/store/files.js';
import { attemptFiles, lastCheckpoint } from '../../src/store/home.js';
import { followAttempt } from '../../src/tune/follow.js';
import { openAttempt, readStatus } from '../../src/tune/launch/attempts.js';
import { LOCAL } from '../../src/tune/launch/local.js';
import { root, temporaryFolder } from '../support/home.js';

const disk = temporaryFolder('disk');
const isMounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk]).status === 0;
const ballast = join(disk, 'ballast');
const plan = { values: 'x'.repeat(20_000) };

/** Leaves so many bytes free, in the blocks of 4 kB that the file system has. */
function leaveFree(bytes: number): void {
  rmSync(ballast, { force: true });
  const { bavail, bsize } = statfsSync(disk);
  writeFileSync(ballast, Buffer.alloc(Math.max(0, bavail * bsize - bytes)));
}

async function runUntilItEnds(run: string) {
  const { attempt } = openAttempt(run, (folder) => writeJson(attemptFiles(folder).plan, plan));
  await LOCAL.start(attempt, ['python3', join(root, 'test', 'fixtures', 'workers', 'fills_disk.py'), attempt]);
  return { attempt, ending: await followAttempt(attempt, () => undefined) };
}

beforeAll(() => {
  if (process.env.CI) expect(isMounted, 'CI may mount a file system').toBe(true);
});
afterAll(() => {
  if (isMounted) execFileSync('umount', [disk]);
});

test.skipIf(!isMounted).each([0, 4096, 1_000_000])(
  '%i bytes free: nothing is opened by halves, and it goes on when there is room',
  async (bytes) => {
    const run = join(disk, 'runs', `full-${bytes}`);
    mkdirSync(run, { recursive: true });
    leaveFree(bytes);
    const opened = await runUntilItEnds(run).catch((error: unknown) => asAppError(error));
    if (opened instanceof AppError) {
      expect(opened.code).toBe('disk-full');
      expect(bytes).toBeLessThan(1_000_000);
      expect(existsSync(join(run, 'attempts')) ? readdirSync(join(run, 'attempts')) : []).toEqual([]);
    } else {
      expect(opened.ending.reason).toBe('done');
    }
    leaveFree(2_000_000);
    const { ending, attempt } = opened instanceof AppError ? await runUntilItEnds(run) : opened;
    expect([ending.reason, readStatus(run)]).toEqual(['done', 'done']);
    expect(JSON.parse(readFileSync(attemptFiles(attempt).plan, 'utf8'))).toEqual(plan);
    rmSync(run, { recursive: true });
  },
);

test.skipIf(!isMounted).each([0, 4096, 200_000])(
  'filled to %i bytes while it trains: it ends with disk-full and keeps its checkpoint',
  async (bytes) => {
    process.env.STEP_SECONDS = '1.5';
    const run = join(disk, 'runs', `fills-${bytes}`);
    mkdirSync(run, { recursive: true });
    leaveFree(1_000_000);
    const ended = runUntilItEnds(run);
    while (!lastCheckpoint(run)) await new Promise((resolve) => setTimeout(resolve, 20));
    leaveFree(bytes);
    const { ending, attempt } = await ended;
    expect(ending).toMatchObject({ reason: 'failed', error: { code: 'disk-full' } });
    expect(readJson(attemptFiles(attempt).exit, Exit).error?.code).toBe('disk-full');
    expect([readStatus(run), lastCheckpoint(run)]).toEqual(['failed', join(run, 'checkpoints', 'checkpoint-1')]);
    for (const line of readFileSync(attemptFiles(attempt).events, 'utf8').split('\n').filter(Boolean)) JSON.parse(line);
    rmSync(ballast);
    process.env.STEP_SECONDS = '0';
    rmSync(join(run, 'checkpoints', 'checkpoint-2'), { recursive: true, force: true });
    expect((await runUntilItEnds(run)).ending.reason).toBe('done');
    expect(readStatus(run)).toBe('done');
    rmSync(run, { recursive: true });
  },
);

test.skipIf(!isMounted)('a file that cannot be replaced is as it was, and a line that does not fit is no line', () => {
  const folder = join(disk, 'files');
  const [file, lines] = [join(folder, 'plan.json'), join(folder, 'lines.jsonl')];
  writeWhole(file, 'as it was');
  appendLine(lines, { n: 1 });
  leaveFree(8192);
  expect(() => writeWhole(file, 'x'.repeat(50_000))).toThrowError(/ENOSPC/);
  expect(() => appendLine(lines, { text: 'x'.repeat(50_000) })).toThrowError(/ENOSPC/);
  expect([readFileSync(file, 'utf8'), readFileSync(lines, 'utf8'), readdirSync(folder)]).toEqual([
    'as it was',
    '{"n":1}\n',
    ['lines.jsonl', 'plan.json'],
  ]);
});

test.skipIf(!isMounted)('a clean copy that does not fit is disk-full by name, and leaves nothing behind', async () => {
  const file = join(temporaryFolder('rows'), 'rows.jsonl');
  const row = `${JSON.stringify({ prompt: 'q'.repeat(1000), completion: 'A' })}\n`;
  writeFileSync(file, row.repeat(2000));
  leaveFree(200_000);
  const copied = readApart('clean', { file, out: join(disk, 'clean.jsonl') });
  await expect(copied).rejects.toMatchObject({ code: 'disk-full' });
  expect(readdirSync(disk).filter((name) => name.startsWith('clean'))).toEqual([]);
  rmSync(ballast, { force: true });
  expect(await readApart('clean', { file, out: join(disk, 'clean.jsonl') })).toMatchObject({ num_written: 2000, num_left_out: 0 });
  expect(
    readdirSync(disk)
      .filter((name) => name.startsWith('clean'))
      .sort(),
  ).toEqual(['clean.jsonl', 'clean.left-out.txt']);
});
