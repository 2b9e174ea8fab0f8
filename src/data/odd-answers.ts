/** Answers that are no JSON objects where nearly all others are: one of them would turn a set of records into free text. */
import type { Problem } from '../protocol/errors.js';
import { parseRecord } from '../protocol/metrics/record.js';
import type { Row } from '../protocol/row.js';
import { type FileReading, type Place, refuseProblems } from './read-rows.js';

/** From this share on the set is one of records, and the rest are mistakes. Our choice: 79 of 80 is one, half of them is not. */
const LEAST_SHARE = 0.8;

const FENCED = /^\s*```\w*\s*\n([\s\S]*?)\n?\s*```\s*$/;

export interface AnswerCounts {
  num_answers: number;
  /** Meant as JSON objects: those in a code fence too. */
  num_records: number;
}

/** What is odd about an answer where records are wanted, or null. */
export function oddness(answer: string): string | null {
  if (parseRecord(answer)) return null;
  const inner = FENCED.exec(answer)?.[1];
  if (inner !== undefined && parseRecord(inner)) return 'a JSON object in a code fence, and a model would learn the fence: remove it';
  return 'not a JSON object, as nearly all other answers are: correct it or remove the row';
}

export function isRecord(answer: string): boolean {
  return parseRecord(answer) !== null || parseRecord(FENCED.exec(answer)?.[1] ?? '') !== null;
}

/** Whether the answers are meant as records, and what is none is a mistake. */
export function wantsRecords({ num_answers, num_records }: AnswerCounts): boolean {
  return num_answers > 0 && num_records / num_answers >= LEAST_SHARE;
}

export function oddProblem({ file, line }: Place, problem: string): Problem {
  return { file, line, field: 'the answer', problem };
}

/** @throws AppError data-row-invalid naming the rows whose answers are no JSON objects, where nearly all others are */
export function refuseOddAnswers(path: string, reading: FileReading, { rows, places }: { rows: Row[]; places: Place[] }): void {
  const answers = rows.map(({ messages }) => messages.at(-1)?.content ?? '');
  if (!wantsRecords({ num_answers: answers.length, num_records: answers.filter(isRecord).length })) return;
  const problems = answers.flatMap((answer, index) => {
    const problem = oddness(answer);
    return problem === null ? [] : [oddProblem(places[index] ?? { file: path, line: index + 1 }, problem)];
  });
  refuseProblems(path, reading, problems);
}
