/** Following a run to its end. */
import { basename } from 'node:path';
import { duration, gigabytes } from '../../protocol/units.js';
import { runFiles } from '../../store/home.js';
import { type Ending, followAttempt } from '../../tune/follow.js';
import { lastBegun } from '../../tune/launch/attempts.js';
import { readPlan } from '../../tune/read-plan.js';
import type { Reporter } from '../reporter.js';

/** Reports the events of the last attempt, from its first. */
export async function followRun(run: string, reporter: Reporter): Promise<Ending> {
  const { num_steps, duration_s, memory_bytes } = readPlan(run).forecast;
  const time = duration_s === null ? '' : `${duration(duration_s)} and `;
  reporter.stage('tune', `run ${basename(run)}: ${num_steps} steps, forecast ${time}${gigabytes(memory_bytes)}`);
  const ending = await followAttempt(lastBegun(run) as string, (event) => reporter.event(event, num_steps));
  if (ending.reason === 'done') reporter.done(`written to ${runFiles(run).artifactFolder}`);
  return ending;
}
