/** What was changed after it was recorded is found: by verify, before a verdict, and before a page shows one. */
import { appendFileSync, cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { approveVerdicts } from '../src/compare/approvals.js';
import { readComparison } from '../src/compare/comparison.js';
import { judgeComparison } from '../src/compare/judge-comparison.js';
import { verifyComparison } from '../src/compare/verify/verify-comparison.js';
import { Verdict } from '../src/protocol/verdict.js';
import { comparisonView, listComparisons } from '../src/server/views/comparison-view.js';
import { readLines } from '../src/store/files.js';
import { comparisonFiles, comparisonFolder, homeOf, ledgerFile } from '../src/store/home.js';
import { lineWithHead, readLedger } from '../src/store/ledger.js';
import { failure } from './support/failure.js';
import { fixtureHome } from './support/fixture-home.js';
import { temporaryFolder } from './support/home.js';

const original = fixtureHome();
const comparison = basename(original.comparisons.ship);

/** A home of its own, with the comparison as it was recorded. */
function copied(): string {
  const home = temporaryFolder('tampered');
  cpSync(original.home, home, { recursive: true });
  return comparisonFolder(home, comparison);
}

type Lines = Record<string, unknown>[];
const parsed = (file: string): Lines =>
  readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
const edit = (file: string, change: (lines: Lines) => Lines) =>
  writeFileSync(
    file,
    change(parsed(file))
      .map((line) => `${JSON.stringify(line)}\n`)
      .join(''),
  );
const replace = (file: string, from: string | RegExp, to: string) => {
  const text = readFileSync(file, 'utf8');
  expect(text.replace(from, to)).not.toBe(text);
  writeFileSync(file, text.replace(from, to));
};
const isOf = (line: Record<string, unknown>, name: string) => (line.candidates as { name: string }[])[0]?.name === name;
const isWrong = (line: Record<string, unknown>) => (line.scores as { exact_match?: number } | undefined)?.exact_match === 0;
const changed = (change: (line: Record<string, unknown>) => object, of: (line: Record<string, unknown>) => boolean) => (lines: Lines) =>
  lines.map((line) => (of(line) ? { ...line, ...change(line) } : line));

type Files = ReturnType<typeof comparisonFiles>;
/** @returns what verify says */
const ATTACKS: [string, (files: Files) => void, RegExp][] = [
  [
    'the challenger’s wrong rows deleted',
    ({ evidence }) => edit(evidence, (lines) => lines.filter((line) => !(isOf(line, 'tuned') && isWrong(line)))),
    /test rows have no answer of tuned/,
  ],
  [
    'rows regrouped in the evidence',
    ({ evidence }) =>
      edit(
        evidence,
        changed(
          () => ({ group: 'all' }),
          () => true,
        ),
      ),
    /has another group than its row/,
  ],
  [
    'rows regrouped in the test file',
    ({ test: file }) =>
      edit(
        file,
        changed(
          () => ({ group: 'all' }),
          () => true,
        ),
      ),
    /candidates or test rows are not/,
  ],
  [
    'timings edited',
    ({ evidence }) =>
      edit(
        evidence,
        changed(
          () => ({ time_to_first_token_ms: 5 }),
          ({ kind }) => kind === 'timing',
        ),
      ),
    /has other figures than its raw values give/,
  ],
  [
    'timings edited with their raw values',
    ({ evidence }) =>
      edit(
        evidence,
        changed(
          () => ({ text_at_ms: [5], ended_at_ms: 405, time_to_first_token_ms: 5 }),
          ({ kind }) => kind === 'timing',
        ),
      ),
    /lines of evidence are not the \d+ that the ledger has/,
  ],
  [
    'a line appended after the verdict',
    ({ evidence }) => edit(evidence, (lines) => [...lines, { ...(lines[0] as object), id: 'another' }]),
    /lines of evidence are not the/,
  ],
  ['a verdict’s date changed', ({ verdicts }) => replace(verdicts, /"at":"\d{4}/, '"at":"2020'), /is not the one that the ledger has/],
  ['a verdict’s attempt changed', ({ verdicts }) => replace(verdicts, '"attempt":1', '"attempt":2'), /is not the one that the ledger has/],
  ['a second copy of the verdict', ({ verdicts }) => appendFileSync(verdicts, readFileSync(verdicts)), /is there twice/],
  ['a verdict removed', ({ verdicts }) => rmSync(verdicts), /the verdict on tuned that the ledger has is missing/],
  [
    'a test row added',
    ({ test: file }) => edit(file, (lines) => [...lines, { ...(lines[0] as object), group: 'new' }]),
    /test rows are not those/,
  ],
  ['test rows reordered', ({ test: file }) => edit(file, (lines) => lines.reverse()), /test rows are not those/],
  [
    'a candidate’s model renamed',
    ({ candidates }) => replace(candidates, /"model": "[^"]+"/, '"model": "other"'),
    /are not those that the ledger has/,
  ],
  [
    'a candidate’s prompt edited',
    ({ candidates }) => replace(candidates, /"system": null/, '"system": "Cheat."'),
    /does not match its identity/,
  ],
  [
    'what is served edited',
    ({ record }) => replace(record, /"runs": \[[^\]]*\]/, '"runs": []'),
    /comparison\.json are not those that the ledger has/,
  ],
  ['the margin edited', ({ gate }) => replace(gate, '"margin": 0.1', '"margin": 0'), /was gathered under another gate/],
  ['a review removed', ({ reviews }) => edit(reviews, (lines) => lines.slice(1)), /the reviews are not those/],
];

describe('verify finds', () => {
  test('nothing, as it was recorded', () => {
    const { problems, checked } = verifyComparison(copied());
    expect([problems, checked.at(-1)]).toEqual([[], expect.stringMatching(/^the chain of \d+ lines of the ledger, head [0-9a-f]{16}…$/)]);
  });

  test.each(ATTACKS)('%s', (_, attack, found) => {
    const folder = copied();
    attack(comparisonFiles(folder));
    expect(verifyComparison(folder).problems.join('\n')).toMatch(found);
  });

  test.each(ATTACKS.filter(([name]) => name !== 'a verdict removed'))(
    '%s: the page shows no verdict, and the list says changed',
    async (_, attack) => {
      const folder = copied();
      attack(comparisonFiles(folder));
      expect((await failure(() => comparisonView(folder))).code).toBe('not-verified');
      const row = listComparisons(homeOf(folder)).comparisons.find(({ id }) => id === comparison);
      expect([row?.verdict, row?.is_changed]).toEqual([null, true]);
    },
  );
});

describe('a verdict is not reached on', () => {
  const judgedAgain = (folder: string) => failure(() => judgeComparison(readComparison(folder)));

  test('another margin, with the verdict deleted', async () => {
    const folder = copied();
    const { gate, verdicts } = comparisonFiles(folder);
    replace(gate, '"margin": 0.1', '"margin": 0');
    rmSync(verdicts);
    expect(await judgedAgain(folder)).toMatchObject({ code: 'not-verified', message: expect.stringContaining('another gate') });
  });

  test('answers and scores that were forged together, with the verdict deleted', async () => {
    const folder = copied();
    const { evidence, verdicts, test: file } = comparisonFiles(folder);
    const rows = parsed(file) as unknown as { messages: { content: string }[] }[];
    let row = 0;
    edit(evidence, (lines) =>
      lines.map((line) => {
        if (!isOf(line, 'tuned') || line.kind !== 'answer') return line;
        return { ...line, answer: rows[row++]?.messages.at(-1)?.content, scores: { valid_json: 1, exact_fields: 1, exact_match: 1 } };
      }),
    );
    rmSync(verdicts);
    expect((await judgedAgain(folder)).message).toMatch(/lines of evidence are not the/);
  });

  test('a verdict that was only deleted is the same again: nothing is judged a second time', () => {
    const folder = copied();
    const { verdicts } = comparisonFiles(folder);
    const before = readFileSync(verdicts, 'utf8');
    rmSync(verdicts);
    const lines = readLedger(homeOf(folder)).entries.length;
    judgeComparison(readComparison(folder));
    expect([readFileSync(verdicts, 'utf8'), readLedger(homeOf(folder)).entries.length]).toEqual([before, lines]);
  });
});

describe('the ledger', () => {
  test.each<[string, (lines: string[]) => string[]]>([
    ['a line changed', (lines) => lines.map((line, i) => (i === 1 ? line.replace('"looks":1', '"looks":9') : line))],
    ['a line removed', (lines) => lines.filter((_, i) => i !== 2)],
    ['two lines exchanged', ([first, second, ...rest]) => [second as string, first as string, ...rest]],
  ])('ledger-broken: %s', async (_, change) => {
    const folder = copied();
    const file = ledgerFile(homeOf(folder));
    const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
    writeFileSync(file, `${change(lines).join('\n')}\n`);
    for (const work of [() => verifyComparison(folder), () => judgeComparison(readComparison(folder)), () => comparisonView(folder)])
      expect((await failure(work)).code).toBe('ledger-broken');
  });

  test('its last lines removed: what they had is missing, and a head that was seen is not found', () => {
    const folder = copied();
    const home = homeOf(folder);
    const { head, entries } = readLedger(home);
    expect([lineWithHead(home, head), lineWithHead(home, head.slice(0, 16)), lineWithHead(home, head.slice(0, 8))]).toEqual([
      entries.length,
      entries.length,
      null,
    ]);
    const file = ledgerFile(home);
    const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
    const ours = lines.findIndex((line) => line.includes('"kind":"verdict"') && line.includes(comparison));
    writeFileSync(file, `${lines.slice(0, ours).join('\n')}\n`);
    expect(verifyComparison(folder).problems.join()).toContain('is not in the ledger');
    expect(lineWithHead(home, head)).toBeNull();
  });
});

describe('an approval', () => {
  const approved = () => {
    const folder = copied();
    const verdicts = readLines(comparisonFiles(folder).verdicts, Verdict);
    return { folder, approval: approveVerdicts(readComparison(folder), verdicts, 'Ana Ruiz') };
  };

  test('is signed over the verdict and the ledger as it was; the page shows it', () => {
    const { folder } = approved();
    const { checked, problems } = verifyComparison(folder);
    expect([problems, checked]).toEqual([[], expect.arrayContaining(['1 approval with signature'])]);
    expect(comparisonView(folder)?.approvals).toMatchObject([{ name: 'Ana Ruiz' }]);
  });

  test('under another name, with the chain made new, has no valid signature', () => {
    const { folder } = approved();
    const file = ledgerFile(homeOf(folder));
    // The last line: nothing after it would have to be chained again.
    replace(file, '"name":"Ana Ruiz"', '"name":"Bo Lind"');
    expect(verifyComparison(folder).problems.join()).toMatch(/the approval by Bo Lind is not signed by key [0-9a-f]{16}/);
  });

  test('not-judged: without a verdict there is nothing to approve', async () => {
    expect((await failure(() => approveVerdicts(readComparison(copied()), [], 'Ana Ruiz'))).code).toBe('not-judged');
  });

  test('the key is the owner’s alone', () => {
    const { folder } = approved();
    expect(readFileSync(join(homeOf(folder), 'approval-key.pem'), 'utf8')).toContain('PRIVATE KEY');
  });
});
