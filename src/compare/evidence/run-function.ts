/** A gate's scoring function, run on answers in a process of its own: no variables of this one, limited time, memory and output. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { AppError } from '../../protocol/errors.js';
import type { GateFunction } from '../../protocol/gate.js';

export interface FunctionInput {
  question: string;
  expected: string;
  answer: string;
}

export interface FunctionLimits {
  /** Of one answer; a parser of a long document takes seconds. */
  answer_ms: number;
  memory_mb: number;
}

const LIMITS: FunctionLimits = { answer_ms: 10_000, memory_mb: 2048 };
const KEPT_STDERR = 2000;

const Scored = z.union([z.strictObject({ value: z.number().min(0).max(1) }), z.strictObject({ error: z.string() })]);

/** What it prints goes to stderr: stdout has the scores. */
const PYTHON = `import json, resource, sys
memory = int(sys.argv[2]) << 20
resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
scores, sys.stdout = sys.stdout, sys.stderr
names = {"__name__": "scoring_function"}
exec(compile(open(sys.argv[1], encoding="utf-8").read(), sys.argv[1], "exec"), names)
for line in sys.stdin:
    row = json.loads(line)
    try:
        result = {"value": float(names["score"](row["answer"], row["expected"], row["question"]))}
    except BaseException as error:
        result = {"error": f"{type(error).__name__}: {error}"}
    scores.write(json.dumps(result) + "\\n")
    scores.flush()
`;
const JAVASCRIPT = `import { createInterface } from 'node:readline';
const write = process.stdout.write.bind(process.stdout);
console.log = console.info = console.error;
const { score, default: fallback } = await import(process.argv[2]);
for await (const line of createInterface({ input: process.stdin })) {
  const { answer, expected, question } = JSON.parse(line);
  let result;
  try {
    result = { value: Number(await (score ?? fallback)(answer, expected, question)) };
  } catch (error) {
    result = { error: String(error) };
  }
  write(JSON.stringify(result) + '\\n');
}
`;

/** @throws AppError function-failed naming what it did on which answer */
export async function runFunction(
  { file, source }: GateFunction,
  inputs: FunctionInput[],
  onScore: (index: number, value: number) => void,
  limits: FunctionLimits = LIMITS,
): Promise<void> {
  if (inputs.length === 0) return;
  const folder = mkdtempSync(join(tmpdir(), 'slipway-function-'));
  try {
    const [program, runner] = file.endsWith('.py')
      ? [join(folder, 'score.py'), join(folder, 'run.py')]
      : [join(folder, 'score.mjs'), join(folder, 'run.mjs')];
    writeFileSync(program, source);
    writeFileSync(runner, file.endsWith('.py') ? PYTHON : JAVASCRIPT);
    const command = file.endsWith('.py')
      ? ['python3', runner, program, String(limits.memory_mb)]
      : [process.execPath, `--max-old-space-size=${limits.memory_mb}`, runner, program];
    await ask(command, { folder, file, inputs, onScore, limits });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Asked {
  folder: string;
  file: string;
  inputs: FunctionInput[];
  onScore: (index: number, value: number) => void;
  limits: FunctionLimits;
}

function ask([program = '', ...words]: string[], { folder, file, inputs, onScore, limits }: Asked): Promise<void> {
  const child = spawn(program, words, { cwd: folder, env: { PATH: process.env.PATH, LANG: 'C.UTF-8' }, stdio: 'pipe' });
  return new Promise((resolve, reject) => {
    let index = 0;
    let stderr = '';
    let timer: NodeJS.Timeout;
    const fail = (problem: string) => {
      clearTimeout(timer);
      child.kill('SIGKILL');
      const asked = inputs[index]?.answer ?? '';
      reject(new AppError('function-failed', { file, problem, answer: asked.length > 80 ? `${asked.slice(0, 79)}…` : asked }));
    };
    const waitForNext = () => {
      clearTimeout(timer);
      timer = setTimeout(() => fail(`it took more than ${limits.answer_ms / 1000} seconds`), limits.answer_ms);
    };
    child.once('error', (error) => fail(`${program} does not start: ${error.message}`));
    child.stderr.on('data', (chunk: Buffer) => {
      stderr = (stderr + chunk.toString()).slice(-KEPT_STDERR);
    });
    child.stdin.on('error', () => undefined);
    createInterface({ input: child.stdout }).on('line', (line) => {
      const scored = Scored.safeParse(jsonOf(line));
      if (!scored.success) return fail('it gave no number from 0 to 1');
      if ('error' in scored.data) return fail(scored.data.error);
      onScore(index, scored.data.value);
      index++;
      if (index < inputs.length) return waitForNext();
      clearTimeout(timer);
      child.stdin.end();
      resolve();
    });
    child.once('exit', (code, signal) => {
      if (index < inputs.length)
        fail(`it ended (${signal ?? `code ${code}`})${stderr.trim() === '' ? '' : `: ${stderr.trim().split('\n').at(-1)}`}`);
    });
    waitForNext();
    child.stdin.end(inputs.map((input) => `${JSON.stringify(input)}\n`).join(''));
  });
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
