import { expect, test } from 'vitest';
import type { Plan } from '../../protocol/plan.js';
import { workerCommand } from './worker-command.js';

const plan = (processes: number) => ({ method: 'sft', values: { run: { num_processes: processes } } }) as unknown as Plan;

test('one process goes without torchrun, more through it', () => {
  expect(workerCommand('python', plan(1), '/run/attempts/1')).toEqual(['python', '-m', 'worker', 'sft', '/run/attempts/1']);
  const two = workerCommand('python', plan(2), '/run/attempts/1');
  expect(two.slice(0, 4)).toEqual(['python', '-m', 'worker.launch', '/run/attempts/1']);
  expect(two.join(' ')).toContain('--nproc-per-node 2 -m worker sft /run/attempts/1');
});
