/** The worker's command line: one process directly, more through torchrun. */
import type { Plan } from '../../protocol/plan.js';

/** torchrun imports torch once more and puts each rank into a session of its own, so one process goes without it. */
export function workerCommand(python: string, plan: Plan, attempt: string): string[] {
  const worker = ['-m', 'worker', plan.method, attempt];
  const numProcesses = plan.values.run.num_processes;
  if (numProcesses === 1) return [python, ...worker];
  // Without --local-addr torchrun hangs in silence where the host name does not resolve.
  const torchrun = ['--standalone', '--local-addr', '127.0.0.1', '--nproc-per-node', String(numProcesses)];
  return [python, '-m', 'worker.launch', attempt, ...torchrun, ...worker];
}
