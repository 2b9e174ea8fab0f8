/** What no run can be made of: settings that contradict the model, and machines that lack something. Pure functions. */
import { AppError } from '../../protocol/errors.js';
import type { Plan } from '../../protocol/plan.js';
import { gigabytes } from '../../protocol/units.js';
import type { Machine } from './machine.js';

/** What is wrong on any machine. @throws AppError setting-unsupported */
export function refuseSettings({ method, values, device, data }: Plan): void {
  const { model, training, run } = values;
  if (method === 'kto' && training.per_device_train_batch_size < 2)
    throw unsupported(
      'per_device_train_batch_size',
      'KTO estimates how far the model has moved from the answers of a batch, two at least',
      2,
    );
  if (model.fsdp) refuseSharding(device, run.num_processes, model.load_in_4bit);
  if (training.load_best_model_at_end && (data.num_dev_rows === 0 || training.save_steps % training.eval_steps !== 0)) {
    const problem = data.num_dev_rows === 0 ? 'there are no dev rows' : 'save_steps is no multiple of eval_steps';
    throw unsupported('load_best_model_at_end', `${problem}: the best weights would not be kept`, 'false');
  }
}

/** What is wrong on this machine. @throws AppError gpu-insufficient, memory-too-small, setting-unsupported */
export function refuseMachine({ values, device, forecast }: Plan, machine: Machine): void {
  const { num_processes, num_threads } = values.run;
  if (device === 'cuda') {
    const largest = Math.max(0, ...machine.gpus.map(({ memory_bytes }) => memory_bytes));
    if (machine.gpus.length >= num_processes && largest >= forecast.memory_bytes) return;
    const here = machine.gpus.length === 0 ? 'none' : `${machine.gpus.length} with ${gigabytes(largest)}`;
    throw new AppError('gpu-insufficient', { count: num_processes, needed: gigabytes(forecast.memory_bytes), here });
  }
  if (values.model.precision === 'bfloat16' && !machine.has_bfloat16) {
    throw unsupported('precision', 'this CPU has no bfloat16 instructions, it would be slower than float32', 'float32');
  }
  const numThreads = num_threads * num_processes;
  if (numThreads > machine.num_cores) {
    const problem = `${numThreads} threads on ${machine.num_cores} cores spin and are many times slower`;
    throw unsupported('num_threads', problem, Math.max(1, Math.floor(machine.num_cores / num_processes)));
  }
  if (forecast.memory_bytes * num_processes > machine.free_memory_bytes) {
    throw new AppError('memory-too-small', { needed: gigabytes(forecast.memory_bytes), free: gigabytes(machine.free_memory_bytes) });
  }
}

/** What FSDP2 was not made for. */
function refuseSharding(device: Plan['device'], numProcesses: number, isQuantized: boolean): void {
  if (device === 'cpu') throw unsupported('fsdp', 'weights are sharded over GPUs only', 'false');
  if (numProcesses === 1) throw unsupported('fsdp', 'one process holds all weights', 'false');
  if (isQuantized) throw unsupported('load_in_4bit', '4-bit weights are not sharded', 'false');
}

function unsupported(setting: string, problem: string, suggestion: string | number): AppError {
  return new AppError('setting-unsupported', { setting, problem, suggestion });
}
