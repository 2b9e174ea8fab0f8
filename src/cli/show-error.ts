/** An error on the terminal: what is wrong, what to do, and the catalogue's exit code. */
import { type AppError, asAppError } from '../protocol/errors.js';
import { printable } from './printable.js';
import { style } from './style.js';

/** An error in a document that is printed as JSON. */
export const errorDocument = ({ code, message, hint, data }: AppError) => ({ code, message, hint, data });

export function showError(thrown: unknown, isJson: boolean): void {
  const error = asAppError(thrown);
  if (isJson) {
    process.stdout.write(`${JSON.stringify({ error: errorDocument(error) })}\n`);
  } else {
    process.stderr.write(
      `${style('red', `error (${error.code})`)} ${printable(error.message)}\n${style('bold', 'what to do:')} ${printable(error.hint)}\n`,
    );
  }
  if (process.env.SLIPWAY_DEBUG) console.error(error.cause ?? error);
  process.exitCode = error.exit_code;
}
