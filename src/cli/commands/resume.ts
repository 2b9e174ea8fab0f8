/** slipway resume RUN */
import { resumeAndFollow } from '../../flow/tune-recipe.js';
import { Plan } from '../../protocol/plan.js';
import { importedModel } from '../../run/weights/resolve-model.js';
import { readJson } from '../../store/files.js';
import { attemptFiles, slipwayHome } from '../../store/home.js';
import { findRun, lastAttempt } from '../../store/runs.js';
import { ensureEnvironment } from '../../tune/environment.js';
import { interruptibleRun, reportEnding } from '../follow-run.js';
import { terminalReporter } from '../terminal-reporter.js';

export async function resumeCommand(id: string, options: { detach?: boolean; json?: boolean }): Promise<void> {
  const home = slipwayHome();
  const run = findRun(home, id);
  const plan = readJson(attemptFiles(lastAttempt(run) ?? '').plan, Plan);
  const reporter = terminalReporter(options.json ? process.stderr : process.stdout);
  const interrupt = interruptibleRun(reporter);
  try {
    const python = await ensureEnvironment(home, { offline: false, onProgress: reporter.progress });
    const ready = { python, model_folder: importedModel(home, plan.model.id) };
    const { ending } = await resumeAndFollow(run, ready, reporter, {
      offline: false,
      fresh: false,
      detach: options.detach === true,
      onRun: interrupt.onRun,
    });
    reporter.end();
    reportEnding(run, ending, options.json === true);
  } finally {
    interrupt.end();
  }
}
