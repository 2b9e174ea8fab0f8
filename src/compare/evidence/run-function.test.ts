import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { AppError } from '../../protocol/errors.js';
import { Gate } from '../../protocol/gate.js';
import type { Row } from '../../protocol/row.js';
import { metricValues } from '../verdict/metric-values.js';
import { gatherFunctionScores } from './gather-function-scores.js';
import { exampleId, type Measuring } from './measuring.js';
import { openRecorder } from './recorder.js';
import { runFunction } from './run-function.js';

const PYTHON = `import os
print("what it prints is no score")
def score(answer, expected, question):
    assert "HOME" not in os.environ
    return expected.lower() in answer.lower() and len(question) > 0
`;
const JAVASCRIPT = `console.log('what it prints is no score');
export function score(answer, expected) { return answer.toLowerCase().includes(expected.toLowerCase()); }
`;
const inputs = ['It is Paris.', 'London', 'PARIS é\n"'].map((answer) => ({ question: 'Which?', expected: 'paris', answer }));

async function scored(file: string, source: string, limits?: { answer_ms: number; memory_mb: number }): Promise<number[] | AppError> {
  const values: number[] = [];
  try {
    await runFunction({ file, source }, inputs, (index, value) => (values[index] = value), limits);
    return values;
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}

test.each([
  ['score.py', PYTHON],
  ['score.mjs', JAVASCRIPT],
  ['score.js', 'export default async (answer, expected) => (answer.toLowerCase().includes(expected) ? 1 : 0)'],
])('%s scores each answer, whatever it prints, and leaves nothing', async (file, source) => {
  const left = () => readdirSync(tmpdir()).filter((name) => name.startsWith('slipway-function-'));
  const before = left();
  expect(await scored(file, source)).toEqual([1, 0, 1]);
  expect(left().filter((name) => !before.includes(name))).toEqual([]);
});

describe('function-failed says on which answer, and why', () => {
  test.each([
    [
      'an exception',
      'score.py',
      'def score(answer, expected, question):\n    return 1 / (answer != "London")\n',
      /on the answer “London”: ZeroDivisionError/,
    ],
    ['no number', 'score.py', 'def score(*row):\n    return None\n', /TypeError/],
    ['a number that is none', 'score.py', 'def score(*row):\n    return float("nan")\n', /no number from 0 to 1/],
    ['beyond its range', 'score.js', 'export const score = () => 7;', /no number from 0 to 1/],
    ['no function', 'score.js', 'export const other = 1;', /TypeError|not a function/],
    ['a file that does not parse', 'score.py', 'def score(:\n', /SyntaxError|it ended/],
    ['an end in the middle', 'score.py', 'import os\ndef score(*row):\n    os._exit(3)\n', /it ended \(code 3\)/],
  ])('%s', async (_, file, source, problem) => {
    const error = (await scored(file, source)) as AppError;
    expect([error.code, error.message]).toEqual(['function-failed', expect.stringMatching(problem)]);
  });

  test('one that never ends, and one that takes all memory', async () => {
    const endless = (await scored('score.js', 'export const score = () => { for (;;); };', { answer_ms: 500, memory_mb: 512 })) as AppError;
    expect(endless.message).toContain('it took more than 0.5 seconds');
    const greedy = (await scored('score.py', 'def score(*row):\n    return len("x" * (4 << 30))\n', {
      answer_ms: 10_000,
      memory_mb: 512,
    })) as AppError;
    expect(greedy.message).toContain('MemoryError');
  });
});

test('each answer has a line with its score, and an answer that was scored before is not scored again', async () => {
  const gate = Gate.parse({
    challenger: 'new',
    baselines: ['old'],
    metric: 'function',
    margin: 0,
    guardrails: {},
    candidates: {},
    function: { file: 'score.py', source: PYTHON },
  });
  const rows: Row[] = inputs.map(({ question, expected }, index) => ({
    messages: [
      { role: 'user', content: `${question} ${index}` },
      { role: 'assistant', content: expected },
    ],
  }));
  const file = join(mkdtempSync(join(tmpdir(), 'slipway-scores-')), 'evidence.jsonl');
  const recorder = openRecorder({ file, gate_sha256: 'g', channel: 'measured' });
  const candidate = { name: 'new', identity: 'i' } as never;
  rows.forEach((row, index) => {
    const answer = inputs[index]?.answer ?? '';
    const counts = { finish_reason: 'stop', prompt_tokens: 1, completion_tokens: 1, duration_ms: 1 };
    recorder.add('answer', candidate, null, { example_id: exampleId(row), group: `${index}`, repeat: 0, answer, scores: {}, ...counts });
  });
  const measuring = { rows, recorder, shouldStop: () => false, onProgress: () => undefined } as unknown as Measuring;
  await gatherFunctionScores([candidate], measuring, gate.function as NonNullable<Gate['function']>);
  expect(metricValues('function', recorder.lines(), 'new').map(({ value }) => value)).toEqual([1, 0, 1]);
  const broken = { file: 'score.py', source: 'def score(:' };
  await gatherFunctionScores([candidate], measuring, broken);
  expect(recorder.lines().filter(({ kind }) => kind === 'function-score')).toHaveLength(3);
});
