/** What was changed since it was recorded, as an error. */
import { AppError, counted } from './errors.js';

const MAX_SHOWN_PROBLEMS = 20;

/** @param what the run or comparison that they are of. @throws AppError not-verified, unless there are none */
export function refuseProblems(what: string, problems: string[]): void {
  if (problems.length === 0) return;
  const shown = problems.slice(0, MAX_SHOWN_PROBLEMS).map((problem) => `  ${problem}`);
  const more = problems.length - shown.length;
  const text = [...shown, ...(more > 0 ? [`  … and ${more} more`] : [])].join('\n');
  throw new AppError('not-verified', { count: counted(problems.length, 'problem'), problems: text, what });
}
