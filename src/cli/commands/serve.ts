/** slipway serve [RUN…] */
import { basename } from 'node:path';
import { servedRun } from '../../flow/compare/served-run.js';
import { AppError } from '../../protocol/errors.js';
import { chatCommand, pythonLines, scoreCommand } from '../../protocol/how-to-ask.js';
import { shellWord } from '../../protocol/shell-word.js';
import { type RunningServer, randomApiKey } from '../../run/api/start-server.js';
import { serveModels } from '../../run/serve-models.js';
import { importedModel, listModels } from '../../run/weights/resolve-model.js';
import { modelFiles, runFiles, slipwayHome } from '../../store/home.js';
import { findRun } from '../../store/runs.js';
import { newestDoneRun } from '../../tune/newest-done-run.js';
import { readPlan } from '../../tune/read-plan.js';
import { printJson, wholeNumber } from '../options.js';
import { terminalReporter } from '../terminal-reporter.js';
import { INTERRUPTED_EXIT_CODE, untilInterrupted } from '../until-interrupted.js';

interface ServeOptions {
  model?: string;
  port: string;
  engines: string;
  threads: string;
  contextLength: string;
  /** false: `--no-api-key`. */
  apiKey?: string | boolean;
  json?: boolean;
}

export async function serveCommand(ids: string[], options: ServeOptions): Promise<void> {
  const home = slipwayHome();
  const runs =
    ids.length > 0 ? ids.map((id) => findRun(home, id)) : options.model ? [] : [newestDoneRun(home)].filter((run) => run !== null);
  const bases = runs.map((run) => readPlan(run).models.policy.id);
  const base = options.model ?? bases[0] ?? listModels(home)[0]?.id;
  if (!base)
    throw new AppError('model-not-found', { model: 'to serve', known: 'none yet: run `slipway go recipes/quickstart.yaml` first' });
  const other = bases.find((id) => id !== base);
  if (other)
    throw new AppError('option-invalid', {
      option: 'RUN',
      problem: `adapters of ${base} and of ${other} need two servers`,
      command: 'serve',
    });
  const reporter = terminalReporter(options.json ? process.stderr : process.stdout);
  reporter.stage('serve', base);
  const server = await serveModels(home, {
    model_folder: importedModel(home, base),
    runs: runs.map(servedRun),
    port: wholeNumber('--port', options.port, 0, 'serve'),
    api_key: typeof options.apiKey === 'string' ? options.apiKey : options.apiKey === false ? null : randomApiKey(),
    num_engines: wholeNumber('--engines', options.engines, 1, 'serve'),
    num_threads: wholeNumber('--threads', options.threads, 1, 'serve'),
    context_length: wholeNumber('--context-length', options.contextLength, 256, 'serve'),
    onProgress: reporter.progress,
  });
  reporter.done(server.base_url);
  const models = server.entries.map(({ id }) => id);
  const reward_models = server.scorers.map(({ id }) => id);
  if (options.json) printJson({ base_url: server.base_url, api_key: server.api_key, models, reward_models });
  else
    process.stdout.write(
      howToAsk(server, models) +
        howToScore(server, reward_models) +
        vllmLine(
          importedModel(home, base),
          runs.filter((run) => !reward_models.includes(basename(run))),
        ),
    );
  const signal = await untilInterrupted();
  await server.close();
  if (signal === 'SIGINT') process.exitCode = INTERRUPTED_EXIT_CODE;
}

function howToAsk(server: RunningServer, models: string[]): string {
  const model = models.at(-1) as string;
  return [
    '',
    `  address   ${server.base_url}`,
    `  key       ${server.api_key ?? 'none: whoever reaches the address may use it'}`,
    `  model id  ${model}${models.length > 1 ? `   (also: ${models.slice(0, -1).join(', ')})` : ''}`,
    '',
    '  with curl:',
    `    ${chatCommand(server, model)}`,
    '',
    '  with Python (pip install openai):',
    ...pythonLines(server, model).map((line) => `    ${line}`),
    '',
  ].join('\n');
}

function howToScore(server: RunningServer, rewardModels: string[]): string {
  const [model] = rewardModels;
  if (model === undefined) return '';
  return [
    '',
    `  reward model  ${rewardModels.join(', ')}   scores the last answer of each conversation, in Python`,
    `    ${scoreCommand(server, model)}`,
    '',
  ].join('\n');
}

/** The same base and adapters under vLLM (docs/features/lora.md): float32 weights as they were trained against, adapters as PEFT wrote them. */
function vllmLine(modelFolder: string, runs: string[]): string {
  const adapters = runs.map((run) => ({
    name: basename(run),
    folder: runFiles(run).artifactFolder,
    rank: readPlan(run).values.lora.r,
  }));
  const lora =
    adapters.length > 0
      ? ` --enable-lora --max-lora-rank ${vllmRank(Math.max(...adapters.map(({ rank }) => rank)))} --lora-modules ${adapters.map(({ name, folder }) => `${name}=${shellWord(folder)}`).join(' ')}`
      : '';
  const base = `vllm serve ${shellWord(modelFiles(modelFolder).transformers)} --served-model-name ${basename(modelFolder)} --dtype float32${lora}`;
  return `\n  with vLLM, on a machine with a GPU (not tried):\n    ${base}\n\n  Ctrl-C ends it.\n`;
}

/** vLLM takes these ranks only (vllm/config/lora.py, MaxLoRARanks). */
const VLLM_RANKS = [1, 8, 16, 32, 64, 128, 256, 320, 512];

function vllmRank(rank: number): number {
  return VLLM_RANKS.find((one) => one >= rank) ?? rank;
}
