/** slipway pull MODEL */
import { ModelRecord } from '../../protocol/model-record.js';
import { refuseProblems } from '../../protocol/refuse-problems.js';
import { shellWord } from '../../protocol/shell-word.js';
import { changedFiles } from '../../run/weights/check-build.js';
import { fetchDataset } from '../../run/weights/fetch-dataset.js';
import { listModels, resolveModel } from '../../run/weights/resolve-model.js';
import { readJson } from '../../store/files.js';
import { modelFiles, slipwayHome } from '../../store/home.js';
import { ensureEnvironment } from '../../tune/environment.js';
import { printJson } from '../options.js';
import { terminalReporter } from '../terminal-reporter.js';

interface PullOptions {
  license?: string;
  name?: string;
  offline?: boolean;
  json?: boolean;
}

export async function pullCommand(model: string, options: PullOptions): Promise<void> {
  const home = slipwayHome();
  const offline = options.offline === true;
  const reporter = terminalReporter(options.json ? process.stderr : process.stdout);
  reporter.stage('pull', model);
  if (model.startsWith('hub:')) {
    const path = await fetchDataset(home, model.slice('hub:'.length), { offline, onProgress: reporter.progress });
    reporter.done(path);
    reporter.end();
    if (options.json) return printJson({ folder: path });
    process.stdout.write(`  look at it: slipway check ${shellWord(path)}\n  in a recipe: data: { file: ${model}, dev: 0.1, test: 0.1 }\n`);
    return;
  }
  const known = new Set(listModels(home).map(({ id }) => id));
  const folder = await resolveModel(home, model, {
    offline,
    ...(options.license === undefined ? {} : { license: options.license }),
    ...(options.name === undefined ? {} : { id: options.name }),
    python: () => ensureEnvironment(home, { offline, onProgress: reporter.progress }),
    onProgress: reporter.progress,
  });
  const record = readJson(modelFiles(folder).record, ModelRecord);
  const isKnown = known.has(record.id);
  if (isKnown) refuseProblems(record.id, await changedFiles(record.id, folder, [...(record.gguf ? [record.gguf] : []), ...record.files]));
  const text = `${record.id}, ${record.quantization}, licence ${record.license.id}, in ${folder}`;
  reporter.done(isKnown ? `already there, with the same hashes: ${text}` : text);
  reporter.end();
  if (options.json) return printJson(record);
  const next = record.gguf ? `talk to it: slipway chat ${record.id}` : `for training only: ${record.training_only}`;
  process.stdout.write(`  ${next}\n`);
}
