/** Reading a gate file, and refusing one that cannot be judged by. */
import { dirname, resolve } from 'node:path';
import { AppError, counted, type Problem, problemLines } from '../protocol/errors.js';
import { Gate } from '../protocol/gate.js';
import { answerKind } from '../protocol/metrics/metrics.js';
import { isObject } from '../protocol/metrics/record.js';
import { gatePrice, type Price } from '../protocol/price.js';
import { sha256Value } from '../store/hash.js';
import { parseYaml, readTextFile } from '../store/read-yaml.js';

export interface LoadedGate {
  gate: Gate;
  /** Stands on every line of evidence. */
  sha256: string;
}

/**
 * @param price of the home, for a gate that names none
 * @throws AppError gate-invalid with all problems, gate-margin-negative
 */
export function readGate(file: string, price: Price | null = null): LoadedGate {
  return parseGate(file, readTextFile(file), price);
}

/** As `readGate`, for a text instead of the file. @throws AppError gate-invalid, gate-margin-negative */
export function parseGate(file: string, text: string, price: Price | null = null): LoadedGate {
  const whole = (value: unknown) => (isObject(value) ? withFunction(file, withPrice(value, price)) : value);
  const result = parseYaml(file, text, Gate, whole);
  const problems = result.value ? contradictions(file, result.value) : result.problems;
  if (problems.length > 0) {
    throw new AppError('gate-invalid', { file, count: counted(problems.length, 'problem'), problems: problemLines(problems) });
  }
  return checkedGate(result.value as Gate);
}

function withPrice(value: Record<string, unknown>, price: Price | null): Record<string, unknown> {
  return 'price_per_hour' in value ? value : { ...gatePrice(price), ...value };
}

/** With the text of the file that it names. @throws AppError file-not-found, data-limit */
function withFunction(file: string, value: Record<string, unknown>): Record<string, unknown> {
  const { function: scoring } = value;
  if (!isObject(scoring) || typeof scoring.file !== 'string' || 'source' in scoring) return value;
  return { ...value, function: { ...scoring, source: readTextFile(resolve(dirname(file), scoring.file)) } };
}

/** @throws AppError gate-margin-negative */
export function checkedGate(gate: Gate): LoadedGate {
  if (gate.margin < 0 && gate.noninferiority !== true) throw new AppError('gate-margin-negative', { margin: gate.margin });
  return { gate, sha256: sha256Value(gate) };
}

function contradictions(file: string, gate: Gate): Problem[] {
  const problems: Problem[] = [];
  const say = (field: string, problem: string) => problems.push({ file, line: 1, field, problem });
  const names = Object.keys(gate.candidates);
  for (const name of [gate.challenger, ...gate.baselines]) {
    if (!names.includes(name)) say('candidates', `${name} is named but not described; described are ${names.join(', ')}`);
  }
  if (gate.candidates[gate.challenger]?.constant !== undefined)
    say('challenger', `${gate.challenger} is no model: a constant answer can only be a baseline`);
  if (gate.baselines.includes(gate.challenger)) say('baselines', `${gate.challenger} is the challenger and cannot be its own baseline`);
  for (const [name, candidate] of Object.entries(gate.candidates)) {
    if ((candidate.model === undefined) === (candidate.constant === undefined))
      say(`candidates.${name}`, 'needs `model` or `constant`, and one of them only');
    if (candidate.decoding.choice && !gate.labels) say('labels', `${name} is constrained to them: list them`);
  }
  if (gate.metric === 'reward_win_rate' && gate.reward_model === undefined)
    say('reward_model', 'name the run of the reward model that scores the answers');
  if (answerKind(gate.metric) === 'score' && gate.reward_model !== undefined)
    say('reward_model', `${gate.metric} is of models that write nothing: there are no answers to score`);
  if (answerKind(gate.metric) === 'score' && Object.keys(gate.guardrails).length > 0)
    say('guardrails', `${gate.metric} is of models that write nothing: none can be measured`);
  if (answerKind(gate.metric) === 'record' && !gate.schema?.properties)
    say('schema', 'needs `properties`: they are the fields that are compared');
  return [...problems, ...ruleProblems(gate).map(({ field, problem }) => ({ file, line: 1, field, problem }))];
}

/** What only one metric reads, missing there or said elsewhere. */
function ruleProblems({ metric, pattern, tolerance, function: scoring }: Gate): { field: string; problem: string }[] {
  const problems: { field: string; problem: string }[] = [];
  if (metric === 'function' && scoring === undefined)
    problems.push({
      field: 'function',
      problem: 'name the file with `score(answer, expected, question)`, as `function: { file: score.py }`',
    });
  if (metric !== 'function' && scoring !== undefined)
    problems.push({ field: 'function', problem: `is of metric function, and this is ${metric}` });
  if (metric === 'regex' && pattern === undefined) problems.push({ field: 'pattern', problem: 'write the regular expression' });
  if (metric !== 'regex' && pattern !== undefined)
    problems.push({ field: 'pattern', problem: `is of metric regex, and this is ${metric}` });
  if (metric !== 'numeric' && tolerance !== undefined)
    problems.push({ field: 'tolerance', problem: `is of metric numeric, and this is ${metric}` });
  try {
    new RegExp(pattern ?? '', 'u');
  } catch (error) {
    problems.push({ field: 'pattern', problem: (error as Error).message });
  }
  return problems;
}
