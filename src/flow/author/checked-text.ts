/** What is wrong with a text that is being edited, or what would happen with it. */
import { AppError } from '../../protocol/errors.js';

export interface CheckedText {
  problems: string[];
  /** Where there are no problems: one fact a line. */
  facts: string[];
}

/** Of an error of the catalogue; another one is thrown. */
export function problemsOf(file: string, error: unknown): CheckedText {
  if (!(error instanceof AppError)) throw error;
  const lines = String(error.data.problems ?? error.message).split('\n');
  return { problems: lines.map((line) => line.trim().replace(`${file}:`, 'line ')).filter(Boolean), facts: [] };
}
