/** Every error that Slipway tells a person about: one class, one catalogue by job. `docs/errors.md` is generated from it. */
import { COMPARE_ERRORS } from './errors/compare-errors.js';
import { DATA_ERRORS } from './errors/data-errors.js';
import { RUN_ERRORS } from './errors/run-errors.js';
import { SURFACE_ERRORS } from './errors/surface-errors.js';
import { TUNE_ERRORS } from './errors/tune-errors.js';
import { shellWord } from './shell-word.js';

/** The catalogue by job, under the headings of docs/errors.md. */
export const ERROR_GROUPS = {
  'Rows and data sets': DATA_ERRORS,
  'Recipes, plans and runs': TUNE_ERRORS,
  'Weights, engines and serving': RUN_ERRORS,
  'Gates, evidence and verdicts': COMPARE_ERRORS,
  'Command line, pages and files': SURFACE_ERRORS,
};

export const ERROR_CATALOGUE = { ...DATA_ERRORS, ...TUNE_ERRORS, ...RUN_ERRORS, ...COMPARE_ERRORS, ...SURFACE_ERRORS };

export type ErrorCode = keyof typeof ERROR_CATALOGUE;
/** A list is the words of a command line. */
export type ErrorData = Record<string, string | number | string[]>;

/** The one error class. `data` fills the placeholders of the catalogue's message and hint. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly data: ErrorData;
  readonly hint: string;
  readonly exit_code: number;
  readonly http_status: number;

  constructor(code: ErrorCode, data: ErrorData = {}, options?: { cause?: unknown }) {
    const row = ERROR_CATALOGUE[code];
    super(fillPlaceholders(row.message, data), options);
    this.name = 'AppError';
    this.code = code;
    this.data = data;
    this.hint = fillHint(row.hint, data);
    this.exit_code = row.exit_code;
    this.http_status = row.http_status;
  }
}

function fillPlaceholders(template: string, data: ErrorData, wordOf: (text: string) => string = String): string {
  const textOf = (value: ErrorData[string] | undefined) =>
    [value]
      .flat()
      .map((word) => wordOf(String(word)))
      .join(' ');
  return template.replace(/\{(\w+)\}/g, (slot, name: string) => (name in data ? textOf(data[name]) : slot));
}

/** Between backticks stands a command, whose words are quoted for a shell, or what is to be written into a file: `name: value`. */
function fillHint(template: string, data: ErrorData): string {
  return template
    .split('`')
    .map((span, index) => fillPlaceholders(span, data, index % 2 === 1 && !/^\w+: /.test(span) ? shellWord : String))
    .join('`');
}

/** What the system says when no byte more can be written (errno(3)); a user's own limit on a disk is as full. */
const DISK_FULL = ['ENOSPC', 'EDQUOT'];

export const isDiskFull = (thrown: unknown) => DISK_FULL.includes(String((thrown as { code?: unknown } | null)?.code));

/** Any thrown value as an AppError, so that a surface has one thing to show. */
export function asAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const problem = thrown instanceof Error ? thrown.message : String(thrown);
  if (isDiskFull(thrown)) return new AppError('disk-full', { problem, run: 'RUN' }, { cause: thrown });
  return new AppError('internal', { problem }, { cause: thrown });
}

/** One problem of a file, shown together with all others of it. */
export interface Problem {
  file: string;
  line: number;
  field: string;
  problem: string;
}

export function problemLines(problems: Problem[]): string {
  return problems.map(({ file, line, field, problem }) => `  ${file}:${line}: ${field ? `${field}: ` : ''}${problem}`).join('\n');
}

/** `counted(1, 'row')` is "1 row", `counted(3, 'row')` is "3 rows". */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
