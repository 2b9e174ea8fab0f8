/** Following a run from a terminal: the first Ctrl-C asks for a checkpoint, the second kills; and how it ended. */
import { basename } from 'node:path';
import type { Reporter } from '../flow/reporter.js';
import { Artifact } from '../protocol/artifact.js';
import { AppError } from '../protocol/errors.js';
import type { RunStatus } from '../protocol/run.js';
import { readJson } from '../store/files.js';
import { runFiles } from '../store/home.js';
import { readRunStatus } from '../store/runs.js';
import type { Ending } from '../tune/follow.js';
import { killRun, stopRun } from '../tune/stop-run.js';
import { printJson } from './options.js';

/** While a run is followed, Ctrl-C is about the run; at any other time it ends the command as usual. */
export function interruptibleRun(reporter: Reporter): { onRun: (run: string) => void; end: () => void } {
  let run: string | null = null;
  let numInterrupts = 0;
  const onInterrupt = () => {
    if (!run || readRunStatus(run) !== 'running') process.exit(130);
    numInterrupts++;
    if (numInterrupts === 1) {
      stopRun(run, 'Ctrl-C');
      reporter.note('stopping after this step, with a checkpoint; Ctrl-C again kills it');
    } else {
      killRun(run);
    }
  };
  process.on('SIGINT', onInterrupt);
  return {
    onRun: (folder) => {
      run = folder;
    },
    end: () => process.off('SIGINT', onInterrupt),
  };
}

/** @throws AppError when it failed or was lost */
export function reportEnding(run: string, ending: Ending, isJson: boolean): void {
  const id = basename(run);
  if (ending.reason === 'failed') throw ending.error;
  if (ending.reason === 'lost') {
    throw new AppError('worker-failed', { problem: 'it does not run any more and has not recorded why it ended', log: run, run: id });
  }
  const next = {
    done: isAdapter(run)
      ? `serve it: slipway serve ${id}`
      : `import it: slipway pull ${runFiles(run).artifactFolder} --name ${id} --license ID`,
    stopped: `continue it: slipway resume ${id}`,
  };
  report(id, ending.reason, next[ending.reason], isJson);
}

/** For a run that nobody follows. */
export function reportStarted(run: string, isJson: boolean): void {
  const id = basename(run);
  report(id, 'running', `its state: slipway show ${id}`, isJson);
}

function report(id: string, status: RunStatus, next: string, isJson: boolean): void {
  if (isJson) printJson({ run: id, status });
  else process.stdout.write(`run ${id} is ${status}; ${next}\n`);
}

function isAdapter(run: string): boolean {
  return readJson(runFiles(run).artifact, Artifact).kind === 'adapter';
}
