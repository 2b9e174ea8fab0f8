/** Starting an attempt: a supervisor of its own session, so that training outlives the terminal. */
import { spawn } from 'node:child_process';
import { existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../protocol/errors.js';
import { attemptFiles } from '../../store/home.js';
import { programFile } from '../../store/package.js';

const START_TIMEOUT_MS = 20_000;

/**
 * Returns as soon as the supervisor has recorded itself.
 * @param command the worker's command line, the environment's interpreter first
 */
export async function startSupervisor(attempt: string, command: string[]): Promise<void> {
  const output = openSync(join(attempt, 'supervisor.log'), 'a', 0o600);
  const supervisor = spawn(process.execPath, [programFile('tune/launch/supervise'), attempt, ...command], {
    detached: true,
    stdio: ['ignore', output, output],
  });
  supervisor.unref();
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!existsSync(attemptFiles(attempt).supervisor)) {
    if (supervisor.exitCode !== null || Date.now() > deadline) {
      const problem = readFileSync(join(attempt, 'supervisor.log'), 'utf8').slice(-500) || 'the supervisor did not start';
      throw new AppError('worker-failed', { problem, log: join(attempt, 'supervisor.log'), run: '' });
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
