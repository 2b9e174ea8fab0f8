/** Following a run or a comparison from a terminal: the first Ctrl-C asks for a checkpoint, the second kills; and how it ended. */
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import type { Reporter } from '../flow/reporter.js';
import { Artifact } from '../protocol/artifact.js';
import { AppError } from '../protocol/errors.js';
import { isActive, type JobStatus } from '../protocol/run.js';
import { shellWord } from '../protocol/shell-word.js';
import { readJson } from '../store/files.js';
import { runFiles } from '../store/home.js';
import type { Ending } from '../tune/follow.js';
import { readStatus } from '../tune/launch/attempts.js';
import { killJob, stopJob } from '../tune/launch/stop-job.js';
import { printJson } from './options.js';
import { INTERRUPTED_EXIT_CODE } from './until-interrupted.js';

/** While a job is followed, Ctrl-C is about the job; at any other time it ends the command as usual. */
export function interruptibleJob(reporter: Reporter): { onJob: (folder: string) => void; end: () => void } {
  let job: string | null = null;
  let numInterrupts = 0;
  const onInterrupt = () => {
    if (!job || !isActive(readStatus(job))) process.exit(INTERRUPTED_EXIT_CODE);
    numInterrupts++;
    if (numInterrupts === 1) {
      stopJob(job, 'Ctrl-C');
      reporter.note('stopping after this step; what is done is kept. Ctrl-C again kills it');
    } else {
      killJob(job);
    }
  };
  process.on('SIGINT', onInterrupt);
  return {
    onJob: (folder) => {
      job = folder;
      numInterrupts = 0;
    },
    end: () => process.off('SIGINT', onInterrupt),
  };
}

/**
 * A job that was stopped ends the command as Ctrl-C does.
 * @param goOn the command that goes on with what was stopped
 * @throws AppError when it failed or was lost
 */
export function reportEnding(job: string, ending: Ending, isJson: boolean, goOn = `slipway resume ${basename(job)}`): void {
  const id = basename(job);
  if (ending.reason === 'failed') throw ending.error;
  if (ending.reason === 'lost') {
    throw new AppError('worker-failed', { problem: 'it does not run any more and has not recorded why it ended', log: job, run: id });
  }
  const next = {
    done: nextOf(job),
    stopped: `continue it: ${goOn}`,
  };
  if (ending.reason === 'stopped') process.exitCode = INTERRUPTED_EXIT_CODE;
  report(id, ending.reason, next[ending.reason], isJson);
}

/** For a job in the background. */
export function reportStarted(job: string, isJson: boolean): void {
  const id = basename(job);
  report(id, 'running', `its state: slipway show ${id}`, isJson);
}

function report(id: string, status: JobStatus, next: string, isJson: boolean): void {
  if (isJson) printJson({ run: id, status, next });
  else process.stdout.write(`${id} is ${status}; ${next}\n`);
}

/** What to do with what a finished job has left. */
function nextOf(job: string): string {
  const id = basename(job);
  const { artifact, artifactFolder } = runFiles(job);
  if (!existsSync(artifact)) return `recompute it: slipway verify ${id}`;
  if (readJson(artifact, Artifact).kind !== 'model') return `serve it: slipway serve ${id}`;
  return `import it: slipway pull ${shellWord(artifactFolder)} --name ${id} --license ID`;
}
