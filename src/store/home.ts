/** File names under <home>: no other file has them. */
import { chmodSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';

/** `SLIPWAY_HOME`, or ~/.slipway. Made readable by its owner only. */
export function slipwayHome(): string {
  const home = resolve(process.env.SLIPWAY_HOME ?? join(homedir(), '.slipway'));
  mkdirSync(home, { recursive: true, mode: 0o700 });
  chmodSync(home, 0o700);
  return home;
}

export const modelFolder = (home: string, model: string) => join(home, 'models', model);
export const runFolder = (home: string, run: string) => join(home, 'runs', run);
export const comparisonsFolder = (home: string) => join(home, 'comparisons');
export const comparisonFolder = (home: string, comparison: string) => join(comparisonsFolder(home), comparison);
/** A Hub name's slash is no folder. */
export const datasetFolder = (home: string, name: string) => join(home, 'datasets', name.replaceAll('/', '--'));
/** In a data set's folder when all its files are there. */
export const datasetMark = (folder: string) => join(folder, 'complete');
/** Held by who looks for a recipe's run, and starts it where there is none. */
export const startLock = (home: string, asked: string) => join(home, 'locks', `start-${asked}`);
/** Held by who writes what a comparison is opened with. */
export const openingLock = (home: string, comparison: string) => join(home, 'locks', `open-${comparison}`);
export const recipesFolder = (home: string) => join(home, 'recipes');
/** Files of rows that came through the browser. */
export const uploadsFolder = (home: string) => join(home, 'uploads');
export const priceFile = (home: string) => join(home, 'price.json');
/** Endpoints elsewhere, each with its key, readable by the owner only. */
export const endpointFile = (home: string, name: string) => join(home, 'endpoints', `${name}.json`);
export const ledgerFile = (home: string) => join(home, 'ledger.jsonl');
/** Ed25519, PEM. */
export const approvalKeyFile = (home: string) => join(home, 'approval-key.pem');
export const tombstoneFile = (home: string, id: string) => join(home, 'tombstones', `${id}.json`);
export const temporaryFolder = (home: string) => join(home, 'tmp');
export const trashFolder = (home: string) => join(home, 'trash');
export const environmentsFolder = (home: string) => join(home, 'environments');
/** Where the environment was before each had a folder of its own. */
export const formerEnvironment = (home: string) => join(home, 'python');
export const cacheFolder = (home: string) => join(home, 'cache');
export const adminTokenFile = (home: string) => join(home, 'admin-token');

/** Files of a Transformers folder, beside its weights. */
export const transformersFiles = (folder: string) => ({
  config: join(folder, 'config.json'),
  tokenizer: join(folder, 'tokenizer.json'),
  tokenizerConfig: join(folder, 'tokenizer_config.json'),
});

/** Files of a model folder. */
export const modelFiles = (folder: string) => ({
  record: join(folder, 'model.json'),
  gguf: join(folder, 'model.gguf'),
  float32Gguf: join(folder, 'parity', 'model-f32.gguf'),
  transformers: join(folder, 'transformers'),
  license: join(folder, 'LICENSE'),
});

/** What the worker reads of a run's rows, and what it has found in them. */
export const dataFiles = (folder: string) => ({
  train: join(folder, 'train.jsonl'),
  dev: join(folder, 'dev.jsonl'),
  inspectRequest: join(folder, 'inspect-request.json'),
  inspection: join(folder, 'inspection.json'),
  error: join(folder, 'error.json'),
  lint: join(folder, 'lint.json'),
});

/** Files of what a run leaves. */
export const artifactFiles = (folder: string) => ({
  artifact: join(folder, 'artifact.json'),
  parityReference: join(folder, 'parity-reference.jsonl'),
  rewardReference: join(folder, 'reward-reference.jsonl'),
  adapterConfig: join(folder, 'adapter_config.json'),
  adapterWeights: join(folder, 'adapter_model.safetensors'),
});

/** Files of a run folder. */
export const runFiles = (folder: string) => ({
  record: join(folder, 'run.json'),
  recipe: join(folder, 'recipe.yaml'),
  label: join(folder, 'label.json'),
  data: join(folder, 'data'),
  ...dataFiles(join(folder, 'data')),
  /** Beside the folder that the worker reads: it never opens it. */
  test: join(folder, 'test.jsonl'),
  checkpoints: join(folder, 'checkpoints'),
  artifactFolder: join(folder, 'artifact'),
  ...artifactFiles(join(folder, 'artifact')),
  builds: join(folder, 'builds'),
  ggufLora: join(folder, 'builds', 'gguf-lora'),
  build: join(folder, 'builds', 'gguf-lora', 'build.json'),
  parity: join(folder, 'builds', 'gguf-lora', 'parity.jsonl'),
});

/** The newest checkpoint of a run that was written to its end; one that a crash cut short has no mark (worker/training/checkpoints.py). */
export function lastCheckpoint(run: string): string | null {
  const folder = runFiles(run).checkpoints;
  if (!existsSync(folder)) return null;
  const steps = readdirSync(folder).flatMap((name) => {
    const step = /^checkpoint-(\d+)$/.exec(name)?.[1];
    return step && existsSync(join(folder, name, 'complete')) ? [Number(step)] : [];
  });
  return steps.length > 0 ? join(folder, `checkpoint-${Math.max(...steps)}`) : null;
}

/** Of a run or a comparison. `result` exists when it is done. */
export const jobFiles = (folder: string) => ({
  attempts: join(folder, 'attempts'),
  /** Held while an attempt is opened. */
  lock: join(folder, 'attempts.lock'),
  result: isComparison(folder) ? comparisonFiles(folder).verdicts : runFiles(folder).artifact,
});

/** Bytes of a name that become part of an id: with date and hash it stays under 255, the longest name of a folder. */
const MAX_NAME_BYTES = 100;

/** The beginning of an id: the name of a recipe's file, cut between two characters where it is long. */
export function nameOfRecipe(file: string): string {
  const name = basename(file).replace(/\.ya?ml$/, '');
  let bytes = 0;
  const kept = [...name].filter((character) => {
    bytes += Buffer.byteLength(character);
    return bytes <= MAX_NAME_BYTES;
  });
  return kept.join('');
}

export const isComparison = (folder: string) => basename(dirname(folder)) === 'comparisons';

/** The home of a run or a comparison. */
export const homeOf = (job: string) => dirname(dirname(job));

/** Attempts of a run or a comparison, the first first. */
export function listAttempts(job: string): string[] {
  const folder = jobFiles(job).attempts;
  if (!existsSync(folder)) return [];
  const numbers = readdirSync(folder).filter((name) => /^\d+$/.test(name));
  return numbers.sort((a, b) => Number(a) - Number(b)).map((name) => join(folder, name));
}

/** The run or comparison that an attempt is of. */
export const jobOf = (attempt: string) => dirname(dirname(attempt));

/** Files of one attempt of a run or a comparison. */
export const attemptFiles = (folder: string) => ({
  plan: join(folder, 'plan.json'),
  launch: join(folder, 'launch.json'),
  supervisor: join(folder, 'supervisor.json'),
  supervisorLog: join(folder, 'supervisor.log'),
  lock: join(folder, 'lock'),
  lease: join(folder, 'lease'),
  workers: join(folder, 'workers'),
  events: join(folder, 'events.jsonl'),
  log: join(folder, 'worker.log'),
  stop: join(folder, 'stop.json'),
  exit: join(folder, 'exit.json'),
  /** Bytes that a full disk leaves for exit.json. */
  reserve: join(folder, 'reserve'),
});

/** Files of a comparison folder. */
export const comparisonFiles = (folder: string) => ({
  record: join(folder, 'comparison.json'),
  gate: join(folder, 'gate.json'),
  candidates: join(folder, 'candidates.json'),
  test: join(folder, 'test.jsonl'),
  evidence: join(folder, 'evidence', 'measured.jsonl'),
  reviews: join(folder, 'evidence', 'reviews.jsonl'),
  verdicts: join(folder, 'verdicts.jsonl'),
});
