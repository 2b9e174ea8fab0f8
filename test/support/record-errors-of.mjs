/** Which errors of the catalogue a test run raises: `npm run verify` wants every one. */
import { appendFileSync } from 'node:fs';

const file = process.env.SLIPWAY_RAISED_ERRORS;
const known = new Set();

/** Appends the code of each error that is made from now on, once a process, to the file that verify names; else does nothing. */
export function recordErrorsOf(AppError) {
  if (!file) return;
  Object.defineProperty(AppError.prototype, 'name', {
    configurable: true,
    get: () => 'AppError',
    // The constructor sets the name before the code.
    set() {
      queueMicrotask(() => {
        if (known.has(this.code)) return;
        known.add(this.code);
        appendFileSync(file, `${this.code}\n`);
      });
    },
  });
}
