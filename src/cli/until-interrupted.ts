/** Serving until Ctrl-C, or until someone ends the process in order; a second Ctrl-C ends it at once. */

/** What a shell sees of a command that Ctrl-C has ended: 128 and the number of SIGINT. */
export const INTERRUPTED_EXIT_CODE = 130;

export function untilInterrupted(): Promise<'SIGINT' | 'SIGTERM'> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(signal));
  });
}
