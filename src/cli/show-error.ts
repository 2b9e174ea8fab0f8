/** An error on the terminal: what is wrong, what to do, and the catalogue's exit code. */
import { styleText } from 'node:util';
import { asAppError } from '../protocol/errors.js';

export function showError(thrown: unknown, isJson: boolean): void {
  const error = asAppError(thrown);
  if (isJson) {
    const { code, message, hint, data } = error;
    process.stdout.write(`${JSON.stringify({ error: { code, message, hint, data } })}\n`);
  } else {
    process.stderr.write(
      `${styleText('red', `error (${error.code})`)} ${error.message}\n${styleText('bold', 'what to do:')} ${error.hint}\n`,
    );
  }
  if (process.env.SLIPWAY_DEBUG) console.error(error.cause ?? error);
  process.exitCode = error.exit_code;
}
