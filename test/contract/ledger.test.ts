/** The ledger with several writers at once, and after one that died. */
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { resolveCandidates } from '../../src/compare/candidates.js';
import { Gate } from '../../src/protocol/gate.js';
import { ledgerFile } from '../../src/store/home.js';
import { readLedger, recordInLedger, recordsOf } from '../../src/store/ledger.js';
import { withLock } from '../../src/store/lock.js';
import { identifyProcess } from '../../src/store/processes.js';
import { failure } from '../support/failure.js';
import { root, temporaryFolder } from '../support/home.js';
import { outcomeOf } from '../support/slipway.js';

const erasure = (id: string) => ({ kind: 'erasure' as const, job: 'run' as const, id, tombstone_sha256: 'x' });
const write = (home: string, id: string) => recordInLedger(home, () => ({ records: [erasure(id)], result: undefined }));

/** A gate of two whose candidates stand for nothing. */
const TWO = Gate.parse({
  challenger: 'a',
  baselines: ['b'],
  metric: 'accuracy',
  margin: 0,
  guardrails: {},
  candidates: { a: { model: 'a' }, b: { model: 'b' } },
  labels: ['yes', 'no'],
});

const modelOf = (model: string) => ({ model, model_ref: model, model_sha256: model, adapter_sha256: null });

/** A process that writes so many lines. */
const writer = (home: string, name: string, count: number) =>
  outcomeOf([
    process.execPath,
    '--input-type=module',
    '-e',
    `import { recordInLedger } from ${JSON.stringify(join(root, 'dist', 'store', 'ledger.js'))};
     for (let i = 0; i < ${count}; i++)
       recordInLedger(${JSON.stringify(home)}, () => ({
         records: [{ kind: 'erasure', job: 'run', id: '${name} ' + i, tombstone_sha256: 'x' }], result: undefined }));`,
  ]);

describe('the ledger', () => {
  test('four processes at once: every line is there, in one chain', async () => {
    const home = temporaryFolder('writers');
    const outcomes = await Promise.all(['a', 'b', 'c', 'd'].map((name) => writer(home, name, 25)));
    expect(outcomes.map(({ code, stderr }) => [code, stderr])).toEqual(Array.from({ length: 4 }, () => [0, '']));
    const ids = readLedger(home).entries.map(({ record }) => (record.kind === 'erasure' ? record.id : ''));
    expect(new Set(ids).size).toBe(100);
    expect(readdirSync(home)).toEqual(['ledger.jsonl']);
  });

  test('four processes open the same comparison at once: all have the one that the ledger knows', async () => {
    const home = temporaryFolder('openers');
    const dist = (file: string) => JSON.stringify(join(root, 'dist', file));
    const opener = () =>
      outcomeOf([
        process.execPath,
        '--input-type=module',
        '-e',
        `import { openComparison } from ${dist('compare/comparison.js')};
         import { recordOpening } from ${dist('compare/ledger-records.js')};
         const [gate, candidates] = ${JSON.stringify([TWO, resolveCandidates(TWO, modelOf, [])])};
         const sha256 = 'x', local = [], endpoints = [], challengers = ['a'], caveats = [];
         for (let i = 0; i < 25; i++) {
           const test = [{ messages: [{ role: 'user', content: 'Question ' + i }, { role: 'assistant', content: 'yes' }] }];
           const name = 'same', request = { name, gate: { gate, sha256 }, candidates, test, local, endpoints, challengers, caveats };
           recordOpening(openComparison(${JSON.stringify(home)}, request));
         }`,
      ]);
    const outcomes = await Promise.all([opener(), opener(), opener(), opener()]);
    expect(outcomes.map(({ code, stderr }) => [code, stderr])).toEqual(Array.from({ length: 4 }, () => [0, '']));
    expect(recordsOf(readLedger(home), 'test-opened')).toHaveLength(25);
    expect(readdirSync(join(home, 'locks'))).toEqual([]);
  });

  test('the lock of a process that died is taken over, once', async () => {
    const home = temporaryFolder('dead');
    const dead = { ...identifyProcess(process.pid), start_time: '1', nonce: 'dead-one' };
    writeFileSync(`${ledgerFile(home)}.lock`, JSON.stringify(dead));
    const outcomes = await Promise.all(['a', 'b', 'c'].map((name) => writer(home, name, 5)));
    expect(outcomes.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(readLedger(home).entries).toHaveLength(15);
  });

  test('locked: what another machine holds is never taken over', async () => {
    const file = join(temporaryFolder('elsewhere'), 'held.lock');
    writeFileSync(file, JSON.stringify({ ...identifyProcess(1), host: 'another', nonce: 'theirs' }));
    const refused = await failure(() => withLock(file, () => undefined, 50));
    expect(refused).toMatchObject({ code: 'locked', message: expect.stringContaining('"host":"another"') });
    expect(readdirSync(dirname(file))).toEqual(['held.lock']);
  });

  test('a lock is given back when the work fails', () => {
    const file = join(temporaryFolder('fails'), 'held.lock');
    const broken = () => {
      throw new Error('no');
    };
    expect(() => withLock(file, broken)).toThrow('no');
    expect(withLock(file, () => 'done')).toBe('done');
  });

  test('a file that can grow no more takes a part of a line without an error: what was acknowledged is there', async () => {
    const home = temporaryFolder('full');
    const script = `import { recordInLedger } from ${JSON.stringify(join(root, 'dist', 'store', 'ledger.js'))};
      for (let i = 0; i < 200; i++)
        console.log(recordInLedger(${JSON.stringify(home)}, () => ({
          records: [{ kind: 'erasure', job: 'run', id: 'run ' + i, tombstone_sha256: 'x'.repeat(300) }], result: i })));`;
    // Blocks of 512 or 1024 bytes, as the shell counts them.
    const outcome = await outcomeOf(['sh', '-c', 'ulimit -f 8; exec "$0" --input-type=module -e "$1"', process.execPath, script]);
    const acknowledged = outcome.stdout.split('\n').slice(0, -1);
    expect(outcome.code).not.toBe(0);
    expect(acknowledged.length).toBeGreaterThan(3);
    expect(readLedger(home).entries).toHaveLength(acknowledged.length);
    write(home, 'after');
    expect(readLedger(home).entries).toHaveLength(acknowledged.length + 1);
  });

  test('a torn last line was never acknowledged: it is cut off before the next', () => {
    const home = temporaryFolder('torn');
    write(home, 'one');
    appendFileSync(ledgerFile(home), '{"at":"2026-11-26T');
    expect(readLedger(home).entries).toHaveLength(1);
    write(home, 'two');
    expect(readLedger(home).entries.map(({ record }) => record)).toEqual([erasure('one'), erasure('two')]);
    expect(readFileSync(ledgerFile(home), 'utf8').split('\n')).toHaveLength(3);
    expect(dirname(ledgerFile(home))).toBe(home);
  });
});
