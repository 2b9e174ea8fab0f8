/** A person's own file, in three lines: looked at, taken the whole way, and judged as honestly as its answers allow. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { chooseMetric, type MetricChoice } from '../../src/compare/choose-metric.js';
import { readGate } from '../../src/compare/read-gate.js';
import { generateIncidentReports } from '../../src/data/sample/incident-reports.js';
import { seededRandom } from '../../src/data/sample/random.js';
import type { Verdict } from '../../src/protocol/verdict.js';
import { toGrammarSchema } from '../../src/run/api/json-schema.js';
import { comparisonFiles, comparisonFolder } from '../../src/store/home.js';
import { readRecipe } from '../../src/tune/read-recipe.js';
import { temporaryFolder, testHome, testModel, testPython } from '../support/home.js';
import { outcomeOf, slipwayProgram } from '../support/slipway.js';

const folder = temporaryFolder('own-data');
const slipwayHere = (...commandLine: string[]) =>
  outcomeOf([...slipwayProgram, ...commandLine], { cwd: folder, env: { ...process.env, SLIPWAY_HOME: testHome, NO_COLOR: '1' } });
const write = (name: string, rows: object[]) => writeFileSync(join(folder, name), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));

const MONTHS = ['January', 'March', 'April', 'June', 'July', 'August', 'October', 'November'];
const TAILS = ['Please help.', 'Thank you.', 'This is urgent.', 'I am waiting.', 'Kind regards.'];
const MESSAGES = {
  billing: [
    'I was charged twice for {month}.',
    'The invoice of {month} has the wrong amount.',
    'My card was debited in {month} although I cancelled.',
  ],
  delivery: [
    'The parcel sent in {month} has not arrived.',
    'My package from {month} came damaged.',
    'The box I ordered in {month} went to the wrong address.',
  ],
  technical: [
    'The app crashes when I log in since {month}.',
    'I get an error code after the {month} update.',
    'The password reset fails since {month}.',
  ],
};

/** 80 different messages with their department, in the columns of Alpaca. */
function tickets(): { instruction: string; input: string; output: string }[] {
  const random = seededRandom('tickets');
  const all = Object.entries(MESSAGES).flatMap(([output, texts]) =>
    texts.flatMap((text) =>
      MONTHS.flatMap((month) => TAILS.map((tail) => ({ input: `${text.replace('{month}', month)} ${tail}`, output }))),
    ),
  );
  return random
    .shuffle(all)
    .slice(0, 80)
    .map((row) => ({ instruction: 'Which department should handle this message?', ...row }));
}

async function go(recipe: string, ...options: string[]): Promise<Verdict> {
  await testModel();
  const { stdout, stderr } = await slipwayHere('go', recipe, '--offline', '--json', ...options);
  const { verdict } = JSON.parse(stdout) as { verdict?: Verdict };
  if (!verdict) throw new Error(stdout + stderr);
  return verdict;
}

describe('slipway new', () => {
  test('recognises labels, splits by hash, and writes a recipe and a gate that are right as they are', async () => {
    write('tickets.jsonl', tickets());
    const { stdout, code } = await slipwayHere('new', 'tickets.jsonl', '--json');
    expect(code).toBe(0);
    const found = JSON.parse(stdout) as { format: string; metric: string; num_rows: number; sizes: Record<string, number> };
    expect(found).toMatchObject({ format: 'alpaca', metric: 'accuracy', num_rows: 80 });
    expect(Object.values(found.sizes).reduce((sum, size) => sum + size)).toBe(80);
    expect(found.sizes.test).toBeGreaterThan(20);
    const { gate } = readGate(join(folder, 'tickets.gate.yaml'));
    expect(gate).toMatchObject({
      challenger: 'tuned',
      baselines: ['prompted', 'majority', 'bare'],
      labels: ['billing', 'delivery', 'technical'],
    });
    expect(readRecipe(join(folder, 'tickets.yaml')).recipe.data).toMatchObject({ file: 'tickets.jsonl' });
    expect(readFileSync(join(folder, 'tickets.yaml'), 'utf8')).toContain('# Now: ');
  });

  test('file-exists: nothing is written over unless it is said', async () => {
    const before = readFileSync(join(folder, 'tickets.yaml'), 'utf8');
    const { stdout, code } = await slipwayHere('new', 'tickets.jsonl', '--json');
    expect([code, JSON.parse(stdout).error.code]).toEqual([2, 'file-exists']);
    expect(readFileSync(join(folder, 'tickets.yaml'), 'utf8')).toBe(before);
    expect((await slipwayHere('new', 'tickets.jsonl', '--force')).code).toBe(0);
  });

  test('group-unsaid: an id that repeats is asked for; with it rows of one patient are one group, other columns are named and left', async () => {
    write(
      'visits.jsonl',
      tickets().map((row, i) => ({ ...row, patient_id: i % 23, visited: `2026-01-${1 + (i % 28)}` })),
    );
    const refused = await slipwayHere('new', 'visits.jsonl');
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('patient_id (23 values in 80 rows)');
    expect(refused.stderr).toContain('slipway new visits.jsonl --group patient_id');
    expect(JSON.parse((await slipwayHere('new', 'visits.jsonl', '--json')).stdout).error.code).toBe('group-unsaid');
    expect(existsSync(join(folder, 'visits.yaml'))).toBe(false);
    const grouped = await slipwayHere('new', 'visits.jsonl', '--group', 'patient_id', '--json');
    expect(JSON.parse(grouped.stdout)).toMatchObject({ num_groups: 23, columns: { group: 'patient_id', ignore: ['visited'] } });
    expect(readRecipe(join(folder, 'visits.yaml')).recipe.data).toMatchObject({ group: 'patient_id', ignore: ['visited'] });
    const single = await slipwayHere('new', 'visits.jsonl', '--no-group', '--name', 'single', '--json');
    expect(JSON.parse(single.stdout)).toMatchObject({ num_groups: 80, columns: { group: null } });
    const wrong = await slipwayHere('new', 'visits.jsonl', '--group', 'doctor', '--json');
    expect(JSON.parse(wrong.stdout).error).toMatchObject({
      code: 'option-invalid',
      message: expect.stringContaining('patient_id, visited'),
    });
  });

  test('near-duplicates: rows that are alike but for numbers are counted by new, refused by go, and allowed where it is said', async () => {
    await testModel();
    const problems = ['is broken', 'was charged twice', 'has not arrived', 'needs a new key', 'lost its data'];
    const rows = problems.flatMap((problem) =>
      Array.from({ length: 12 }, (_, i) => ({ prompt: `Ticket ${i}: it ${problem}`, completion: 'seen' })),
    );
    write('numbered.jsonl', rows);
    const made = await slipwayHere('new', 'numbered.jsonl');
    const [, numRows] = /(\d+) rows differ from rows of another split in digits or punctuation alone/.exec(made.stdout) ?? [];
    expect(Number(numRows)).toBeGreaterThan(10);
    expect(made.stdout).toContain('--allow-near-duplicates');
    const refused = await slipwayHere('go', 'numbered.yaml', '--offline');
    expect(refused.stderr).toMatch(/error \(near-duplicates\) \d+ rows of \w+ differ from rows of/);
    const allowed = await slipwayHere('new', 'numbered.jsonl', '--allow-near-duplicates', '--force');
    expect(allowed.stdout).not.toContain('rows differ from rows of another split');
    const checked = await slipwayHere('check', 'numbered.yaml', '--offline');
    expect([checked.code, checked.stdout]).toEqual([0, expect.stringContaining(`${numRows} rows of one split are near-duplicates`)]);
  });

  test('recognises records, with a schema that decoding can be held to', async () => {
    const rows = generateIncidentReports(3, { train: 60, dev: 1, test: 1 }).train.filter(({ messages }) =>
      messages.at(-1)?.content.startsWith('{'),
    );
    write(
      'reports.jsonl',
      rows.map(({ messages }) => ({ messages })),
    );
    const { stdout } = await slipwayHere('new', 'reports.jsonl', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ metric: 'exact_match' });
    const { gate } = readGate(join(folder, 'reports.gate.yaml'));
    expect(Object.keys(gate.schema?.properties as object)).toEqual(['site', 'asset', 'severity', 'reporter', 'date', 'action']);
    expect(() => toGrammarSchema(gate.schema)).not.toThrow();
    const nested = chooseMetric(
      rows.map(({ messages }) => ({
        messages: [...messages.slice(0, -1), { role: 'assistant', content: '{"parts": [{"id": 1}], "note": null}' }],
      })),
    );
    expect(() => toGrammarSchema((nested as Extract<MetricChoice, { metric: 'exact_match' }>).schema)).not.toThrow();
  });
});

describe('the whole way with a file as a newcomer has it, which nobody edits', () => {
  test('a help desk’s CSV with semicolons and columns of its own: 80 rows whose effect is large enough ship', async () => {
    const cells = tickets().map(({ input, output }) => `"${input}";${output}`);
    writeFileSync(join(folder, 'helpdesk.csv'), `\uFEFFtext;department\r\n${cells.join('\r\n')}\r\n`);
    const unknown = await slipwayHere('new', 'helpdesk.csv');
    const [, options = ''] = /slipway new \S+ (.*)`/.exec(unknown.stderr) ?? [];
    expect([unknown.code, options]).toEqual([2, '--prompt text --completion department']);
    const made = await slipwayHere('new', 'helpdesk.csv', ...options.split(' '));
    expect(made.stdout).toContain('cells separated by ;');
    expect(made.stdout).toContain('prompt is text; completion is department');
    const verdict = await go('helpdesk.yaml');
    console.log(`own data, 80 rows: ${verdict.decision}: ${verdict.because}`);
    expect(verdict.decision).toBe('ship');
    expect(verdict.baselines.map(({ baseline }) => baseline).sort()).toEqual(['bare', 'majority', 'prompted']);
    expect(verdict.candidates.find(({ candidate }) => candidate === 'majority')?.tokens_per_second).toBeNull();
  }, 600_000);

  test('the same rows judged by a function of one’s own: the run is reused, the figures recompute, and it is a further attempt', async () => {
    const gate = readFileSync(join(folder, 'helpdesk.gate.yaml'), 'utf8');
    writeFileSync(join(folder, 'score.py'), 'def score(answer, expected, question):\n    return answer.strip() == expected\n');
    writeFileSync(join(folder, 'helpdesk.gate.yaml'), gate.replace('metric: accuracy', 'metric: function\nfunction: { file: score.py }'));
    const verdict = await go('helpdesk.yaml');
    // Of the same model on the same rows a second verdict never ships, where one was planned.
    expect(verdict).toMatchObject({ metric: 'function', decision: 'hold', would_be: 'ship', attempt: 2 });
    const [{ id }] = JSON.parse((await slipwayHere('comparisons', '--json')).stdout) as [{ id: string }];
    expect(JSON.parse((await slipwayHere('verify', id, '--json')).stdout)).toMatchObject({ ok: true });
    const { evidence } = comparisonFiles(comparisonFolder(testHome, id));
    const kept = readFileSync(evidence, 'utf8');
    writeFileSync(evidence, kept.replace(/("kind":"function-score".*"value":)1/, '$10'));
    expect((await slipwayHere('verify', id)).code).toBe(6);
    writeFileSync(evidence, kept);
  }, 600_000);

  test('80 chats, two of them broken: a clean copy goes on; with shuffled labels it does not ship', async () => {
    const rows = tickets();
    const labels = seededRandom('labels').shuffle(rows.map(({ output }) => output));
    const chats = rows.map(({ input }, i) => ({
      messages: [
        { role: 'user', content: input },
        { role: 'assistant', content: i === 7 ? '' : labels[i] },
      ],
    }));
    write('chats.jsonl', chats);
    writeFileSync(join(folder, 'chats.jsonl'), readFileSync(join(folder, 'chats.jsonl'), 'utf8').replace(/\{"messages"/, '{"messages'));
    const refused = await slipwayHere('new', 'chats.jsonl');
    expect([refused.code, refused.stderr.includes('2 problems'), refused.stderr.includes('--write-clean')]).toEqual([2, true, true]);
    const cleaned = await slipwayHere('check', 'chats.jsonl', '--write-clean', 'clean.jsonl');
    expect(cleaned.stdout).toMatch(/clean\.jsonl: 78 rows\n.*2 rows, each with its reason in clean\.left-out\.txt/);
    expect((await slipwayHere('new', 'clean.jsonl')).code).toBe(0);
    const verdict = await go('clean.yaml', '--set', 'num_train_epochs=2');
    console.log(`own data, shuffled labels: ${verdict.decision}: ${verdict.because}`);
    // The help desk's rows were judged on before: what the verdict would have been counts too.
    expect([verdict.decision, verdict.would_be]).not.toContain('ship');
  }, 600_000);

  test('questions and answers in free text: an honest hold or skip, that says why', async () => {
    const things = 'crane pump valve roof gate lift pipe fan door tank'.split(' ');
    const questions = [
      'What should I check before the {x} is used?',
      'Who looks after the {x}?',
      'How do I report that the {x} is broken?',
    ];
    const rows = things.flatMap((x) => questions.map((question) => `"${question.replace('{x}', x)}","Ask at the ${x} desk."`));
    writeFileSync(join(folder, 'faq.csv'), `question,answer\n${rows.join('\n')}\n`);
    const made = await slipwayHere('new', 'faq.csv', '--prompt', 'question', '--completion', 'answer');
    expect(made.stdout).toContain('NOT a measure of quality');
    expect(readFileSync(join(folder, 'faq.gate.yaml'), 'utf8')).toContain('NOT A MEASURE OF QUALITY');
    const verdict = await go('faq.yaml', '--set', 'num_train_epochs=1');
    console.log(`own data, free text: ${verdict.decision}: ${verdict.because}`);
    expect(['hold', 'skip']).toContain(verdict.decision);
    expect(verdict.because).toMatch(/not a measure of quality|stays under|does not settle/);
  }, 600_000);

  test('a folder of Parquet with nested columns: answered by a template and a path, to a verdict', async () => {
    const parts = tickets()
      .slice(0, 40)
      .map(({ instruction, input, output }, id) => ({ id: `seed_${id}`, instruction, instances: [{ input, output }] }));
    write('parts.jsonl', parts);
    const program =
      'import sys, json, os, pyarrow as pa, pyarrow.parquet as pq; rows = [json.loads(line) for line in open("parts.jsonl")]; os.mkdir("seed"); [pq.write_table(pa.Table.from_pylist(rows[a:a + 20]), f"seed/part-{a}.parquet") for a in (0, 20)]';
    expect((await outcomeOf([testPython(), '-c', program], { cwd: folder })).code).toBe(0);
    const unknown = await slipwayHere('new', 'seed', '--json');
    expect(JSON.parse(unknown.stdout).error.data.options).toEqual([
      '--prompt',
      '{instruction}\\n\\n{instances.0.input}',
      '--completion',
      'instances.0.output',
    ]);
    const made = await slipwayHere('new', 'seed', ...(JSON.parse(unknown.stdout).error.data.options as string[]), '--json');
    expect(JSON.parse(made.stdout)).toMatchObject({ metric: 'accuracy', num_rows: 40, columns: { ignore: ['id'] } });
    const verdict = await go('seed.yaml', '--set', 'num_train_epochs=1');
    console.log(`own data, nested columns: ${verdict.decision}: ${verdict.because}`);
    expect(['ship', 'skip', 'hold']).toContain(verdict.decision);
  }, 600_000);
});
