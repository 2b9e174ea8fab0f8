/** What is risky in rows, as `check` prints it. */
import type { LintReport } from '../protocol/lint.js';
import { count } from '../protocol/units.js';
import { style } from './style.js';

export function lintLines({ warnings }: LintReport): string[] {
  return warnings.flatMap((warning) => [
    `  ${style('yellow', '!')} ${warning.kind}: ${count(warning.count)}`,
    ...warning.examples.map(({ file, line, excerpt }) => style('dim', `      ${file}:${line}  ${excerpt}`)),
  ]);
}
