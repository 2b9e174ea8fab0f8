/** Every error that Slipway tells a person about: one class, one catalogue. `docs/errors.md` is generated from it. */

interface CatalogueRow {
  /** `{name}` is filled from the error's data. */
  message: string;
  /** A command to run or an edit to make. */
  hint: string;
  exit_code: number;
  http_status: number;
}

/** Exit codes: 2 what was asked for is wrong, 3 not found, 4 this machine lacks something, 5 a run or engine failed, 6 a gate said no. */
const INPUT = { exit_code: 2, http_status: 400 };
const NOT_FOUND = { exit_code: 3, http_status: 404 };
const MACHINE = { exit_code: 4, http_status: 500 };
const FAILED = { exit_code: 5, http_status: 500 };
const REFUSED = { exit_code: 6, http_status: 409 };

export const ERROR_CATALOGUE = {
  'option-invalid': { ...INPUT, message: '{option}: {problem}', hint: 'Run `slipway {command} --help` to see its options.' },
  'recipe-invalid': {
    ...INPUT,
    message: '{count} in the recipe:\n{problems}',
    hint: 'Edit {file} at the lines named above, then run `slipway check {file}`.',
  },
  'gate-invalid': { ...INPUT, message: '{count} in the gate:\n{problems}', hint: 'Edit {file} at the lines named above.' },
  'data-row-invalid': {
    ...INPUT,
    message: '{count} in the data:\n{problems}',
    hint: 'Edit the rows named above; nothing was dropped and nothing was trained.',
  },
  'data-format-unknown': {
    ...INPUT,
    message: '{file}: the columns {columns} are none of the formats Slipway knows.',
    hint: 'Rename the columns to `messages`, `conversations`, `prompt` and `completion`, `instruction` and `output`, or `chosen` and `rejected`.',
  },
  'dataset-not-here': {
    ...NOT_FOUND,
    message: 'The data set {name} is not on this machine.',
    hint: 'Run `slipway pull hub:{name}` where the Hub is reached; what was fetched before is not fetched again.',
  },
  'dataset-fetch-failed': {
    ...FAILED,
    message: 'The data set {name} could not be fetched: {problem}',
    hint: 'Run `slipway pull hub:{name}` again: it resumes the download. Set HF_TOKEN for a data set that needs an account.',
  },
  'data-format-unlearnable': {
    ...INPUT,
    message: '{file} holds {format} rows, and {method} learns from conversations with answers.',
    hint: 'Give it rows with `messages`, or with `prompt` and `completion`; `slipway check {file}` looks these rows through all the same.',
  },
  'field-unrendered': {
    ...INPUT,
    message: 'Row {row} has {field}, and the chat template of the model never writes it: it would be dropped in silence.',
    hint: 'Remove {field} from the rows, or give the model a chat template that knows it.',
  },
  'data-limit': {
    ...INPUT,
    message: '{file}: {what} is over the limit of {limit}.',
    hint: 'Split the file into smaller ones and name one of them in the recipe.',
  },
  'data-empty': { ...INPUT, message: '{file} has no rows.', hint: 'Put at least one row into {file}, or name another file in the recipe.' },
  'data-split-overlap': {
    ...INPUT,
    message: '{count} of {split} also occur in {other}:\n{problems}',
    hint: 'Remove these rows from {other}: a model must not be measured on what it was trained on.',
  },
  'group-unsaid': {
    ...INPUT,
    message: 'Values of {columns} repeat. Rows of one value may be alike: they must not be split, nor counted as independent.',
    hint: 'Run `slipway new {file} --group {column}`, or with `--no-group` if the rows are independent all the same.',
  },
  'file-exists': {
    ...INPUT,
    message: '{file} is there already.',
    hint: 'Run the command with `--force` to write it anew, or with `--name NAME` to write another.',
  },
  'nothing-to-learn': {
    ...INPUT,
    message: '{count} without a single supervised token, first row {row}.',
    hint: 'Give every train row a non-empty assistant answer that fits into max_length ({max_length} tokens).',
  },
  'answers-truncated': {
    ...INPUT,
    message: '{count} would lose part of their answer at max_length {max_length}; the longest has {longest} tokens (row {row}).',
    hint: 'Set `max_length: {longest}` in the recipe, shorten the rows, or say `allow: [answers-truncated]`.',
  },
  'end-of-turn-unsupervised': {
    ...INPUT,
    message: 'The end of turn carries no loss in {split}: the model would never learn to stop.',
    hint: 'Give the model a chat template whose answers end with its end token, or say `allow: [end-of-turn-unsupervised]`.',
  },
  'double-bos': {
    ...INPUT,
    message: 'Row {row} begins with {bos} twice: the chat template writes one, and the row another.',
    hint: 'Remove {bos} from the rows or from the chat template.',
  },
  'pad-ends-turn': {
    ...INPUT,
    message:
      'The pad token ({pad}) is among the end tokens of {model}: the model would be taught to pad, and a server to stop, at the wrong place.',
    hint: 'Change pad_token_id in {model}/transformers/config.json to a token that ends nothing, or say `allow: [pad-ends-turn]`.',
  },
  'float16-overflow': {
    ...INPUT,
    message: '{model} overflows in float16: its activations pass 65,504 and the loss becomes NaN (transformers#39972).',
    hint: 'Use `precision: bfloat16`, `precision: float32`, or say `allow: [float16-overflow]`.',
  },
  'target-unmatched': {
    ...INPUT,
    message: '{setting}: {target} matches nothing that can be trained; the model has {known}.',
    hint: 'Change {target} in the recipe to one of these names.',
  },
  'target-forbidden': {
    ...INPUT,
    message: 'lora.target_modules: {target} is {kind}, which is never trained.',
    hint: 'Remove {target} from the recipe: a router that moves sends tokens elsewhere, and no row here holds an image.',
  },
  'experts-frozen': {
    ...INPUT,
    message: 'lora.target_modules names {names}, but the routed experts are fused weights of other names: they would stay frozen.',
    hint: 'Add `target_parameters: [{parameters}]` under lora, or say `allow: [experts-frozen]`.',
  },
  'expert-dropout': {
    ...INPUT,
    message: 'lora.dropout is {dropout}, and adapters on routed experts cannot have one.',
    hint: 'Set `dropout: 0` under lora.',
  },
  'experts-quantized': {
    ...INPUT,
    message:
      'Adapters on {names} and load_in_4bit exclude each other: PEFT does not see a fused weight that is held in 4 bits, and would train without it.',
    hint: 'Remove target_parameters from the recipe, or `load_in_4bit`.',
  },
  'nothing-trained': {
    ...INPUT,
    message: 'No parameter of the model is trained.',
    hint: 'Change lora.target_modules in the recipe; `slipway check RECIPE` shows what each choice reaches.',
  },
  'setting-unsupported': {
    ...INPUT,
    message: '{setting}: {problem}',
    hint: 'Change {setting} in the recipe, or pass `--set {setting}={suggestion}`.',
  },
  'request-invalid': { ...INPUT, message: '{problem}', hint: 'Correct the request body; the fields are those of the OpenAI API.' },
  'prompt-too-long': {
    ...INPUT,
    message: 'The prompt has {prompt_tokens} tokens and max_tokens is {max_tokens}, the context holds {context_length}.',
    hint: 'Shorten the prompt, lower max_tokens, or start `slipway serve --context-length N`.',
  },
  'candidates-identical': {
    ...INPUT,
    message: '{first} and {second} are one and the same: model, adapter, prompt and decoding are equal.',
    hint: 'Change one of the two candidates, or compare another model.',
  },
  'gate-margin-negative': {
    ...INPUT,
    message: 'The margin {margin} is below zero.',
    hint: 'Write `noninferiority: true` beside the margin if "not much worse" is what is to be shown.',
  },
  unauthorized: {
    exit_code: 2,
    http_status: 401,
    message: 'This request needs the admin token.',
    hint: 'Send `Authorization: Bearer $(cat {token_file})`.',
  },
  'host-forbidden': {
    exit_code: 2,
    http_status: 403,
    message: 'The Host header {host} is not this machine.',
    hint: 'Use the address http://127.0.0.1:{port}.',
  },
  'request-forged': {
    exit_code: 2,
    http_status: 403,
    message: 'This change did not come from a page of this server, or its page is too old.',
    hint: 'Try it again from a freshly loaded page.',
  },
  'page-not-found': { ...NOT_FOUND, message: 'There is no page {path}.', hint: 'Open `/runs` or `/comparisons`: they list every page.' },
  'file-not-found': { ...NOT_FOUND, message: 'There is no file {file}.', hint: 'Check the path; run `ls {folder}`.' },
  'file-unreadable': {
    ...REFUSED,
    message: '{file} is not what this version of Slipway writes:\n{problems}',
    hint: 'Run the command that wrote it again, or read it with the version of Slipway that wrote it.',
  },
  'model-not-found': { ...NOT_FOUND, message: 'There is no model {model}.', hint: 'Known models: {known}.' },
  'run-not-found': { ...NOT_FOUND, message: 'There is no run {run}.', hint: 'Run `slipway runs` for the list.' },
  'comparison-not-found': { ...NOT_FOUND, message: 'There is no comparison {comparison}.', hint: 'Run `ls {folder}` for the list.' },
  'route-not-found': { ...NOT_FOUND, message: 'There is no {method} {path}.', hint: 'Run `curl {base_url}/models` for what is served.' },
  'python-missing': {
    ...MACHINE,
    message: 'Slipway needs Python 3.11 to 3.13 with venv to tune; found {found}.',
    hint: 'Run `apt-get install -y python3 python3-venv`, or set SLIPWAY_PYTHON to an interpreter.',
  },
  'python-setup-failed': {
    ...MACHINE,
    message: 'Making the Python environment failed: {problem}',
    hint: 'Read {log}, then run `slipway doctor --fix`.',
  },
  'disk-too-small': {
    ...MACHINE,
    message: '{needed} of free disk are needed under {folder}, {free} are free.',
    hint: 'Free some disk, or set SLIPWAY_HOME to a folder on a larger one.',
  },
  'gpu-insufficient': {
    ...MACHINE,
    message: 'It needs {count} × {needed} of GPU memory; here: {here}.',
    hint: 'Run it on a machine that has this; `slipway plan` and `slipway check` tell here what would be trained.',
  },
  'weights-not-here': {
    ...NOT_FOUND,
    message: 'The weights of {model} are not on this machine; {license} licence, to be accepted on the Hub.',
    hint: 'Run `hf download {hub} --local-dir {model}` where the Hub is reached, then `slipway pull {model} --license {license}`.',
  },
  'memory-too-small': {
    ...MACHINE,
    message: '{needed} of memory are needed, {free} are free.',
    hint: 'Close other programs, or pass `--set per_device_train_batch_size=1`.',
  },
  'gpu-missing': {
    ...MACHINE,
    message: 'No NVIDIA GPU was found: `nvidia-smi -L` lists none.',
    hint: 'Run `nvidia-smi -L` and install the driver if a GPU is there; without one everything runs on the CPU.',
  },
  'gpu-bindings-failed': {
    ...MACHINE,
    message: 'The engine for the GPU could not be installed: {problem}',
    hint: 'Check the connection and run `slipway doctor --gpu` again; the engine for the CPU is untouched.',
  },
  'offline-not-cached': {
    ...MACHINE,
    message: '{what} is not on this machine and --offline forbids fetching it.',
    hint: 'Run the same command once without --offline.',
  },
  'weights-fetch-failed': {
    ...MACHINE,
    message: 'Fetching {what} failed: {problem}',
    hint: 'Check the connection and run the same command again.',
  },
  'weights-hash-mismatch': {
    ...MACHINE,
    message: '{file} has sha256 {actual}, pinned is {expected}.',
    hint: 'Delete {file} and run the command again; if it stays so, do not use the file.',
  },
  'weights-unsupported': {
    ...INPUT,
    message: '{file}: {problem}',
    hint: 'Use a GGUF of architecture llama with types F32, F16, BF16, Q8_0, Q4_0 or Q4_1.',
  },
  'disk-full': {
    ...FAILED,
    message: 'The disk is full: {problem}',
    hint: 'Free some disk, then run `slipway resume {run}`; the last complete checkpoint is kept.',
  },
  'out-of-memory': {
    ...FAILED,
    message: 'The run ran out of memory: {problem}',
    hint: 'Run `slipway tune {recipe} --set per_device_train_batch_size=1`, or shorten max_length.',
  },
  diverged: {
    ...FAILED,
    message: 'The loss became {loss} at step {step}.',
    hint: 'Run `slipway tune {recipe} --set learning_rate={suggestion}`.',
  },
  'worker-failed': { ...FAILED, message: 'The worker failed: {problem}', hint: 'Read {log}, then run `slipway resume {run}`.' },
  'worker-killed': {
    ...FAILED,
    message: 'The worker was ended by {signal}.',
    hint: 'Run `slipway resume {run}`; if it was the kernel (SIGKILL), lower per_device_train_batch_size first.',
  },
  'worker-protocol': {
    ...FAILED,
    message: 'The worker broke the event protocol: {problem}',
    hint: 'Read {log}; the run folder is kept as it is.',
  },
  'no-gradient': {
    ...FAILED,
    message: 'No gradient reaches {classes} at step {step}: it would be saved as it was.',
    hint: 'Remove it from lora.target_modules or lora.target_parameters; `slipway show {run}` has the table of what is trained.',
  },
  'artifact-differs': {
    ...FAILED,
    message: 'What was saved is not what was trained: loaded again, its logits differ by {difference}.',
    hint: 'Open {log}, and report it with `slipway show {run} --json`: nothing was served from it.',
  },
  'adapter-unchanged': {
    ...FAILED,
    message: 'The adapter does not change the logits (largest change {change}).',
    hint: 'Raise learning_rate or num_train_epochs in the recipe; an adapter that does nothing is never served.',
  },
  'model-training-only': {
    ...REFUSED,
    message: '{model} is here for training only, since it cannot be written as GGUF: {reason}',
    hint: 'Run `vllm serve {folder}` on a machine with a GPU; `slipway serve` cannot serve it (*not tried*).',
  },
  'artifact-is-model': {
    ...REFUSED,
    message: 'Run {run} has trained all weights: what it left is a model, not an adapter.',
    hint: 'Run `slipway pull {folder} --name {run} --license ID`; it is compared with the trained weights, and then works like any other model.',
  },
  'adapter-unsupported': {
    ...INPUT,
    message: 'The adapter cannot be written as GGUF: {problem}',
    hint: 'Train without {setting}, or merge the adapter and serve it with vLLM.',
  },
  'run-not-resumable': { ...REFUSED, message: 'Run {run} is {status}.', hint: '{suggestion}' },
  'run-active': { ...REFUSED, message: 'Run {run} is still running.', hint: 'Run `slipway stop {run}` first.' },
  'build-missing': { ...REFUSED, message: 'Run {run} has no adapter to serve: it is {status}.', hint: 'Run `slipway resume {run}`.' },
  'parity-failed': {
    ...REFUSED,
    message: 'What llama.cpp would serve is not what was trained: {problem}',
    hint: 'Nothing is served. Run `slipway verify {run}` for every figure and report it with {build}.',
  },
  'looks-spent': {
    ...REFUSED,
    message: 'The gate allows {looks} and {spent} were taken.',
    hint: 'Write a new gate and measure on fresh rows only.',
  },
  'comparison-not-judged': {
    ...REFUSED,
    message: 'Comparison {comparison} has {lines} lines of evidence and no verdict yet.',
    hint: 'Run the command that started it again: it reuses what was measured.',
  },
  'not-verified': {
    ...REFUSED,
    message: '{count} did not recompute:\n{problems}',
    hint: 'Do not rely on {what}; run the comparison again.',
  },
  'engine-failed': { ...FAILED, message: 'The engine failed: {problem}', hint: 'Run `slipway doctor`, then the same command again.' },
  'engine-busy': {
    exit_code: 5,
    http_status: 429,
    message: '{waiting} requests are waiting already.',
    hint: 'Try again in a second, or start `slipway serve --engines N`.',
  },
  'endpoint-failed': { ...FAILED, message: '{url} answered {status}: {problem}', hint: 'Check that the endpoint is up: `curl {url}`.' },
  internal: {
    exit_code: 70,
    http_status: 500,
    message: '{problem}',
    hint: 'Run the command again with SLIPWAY_DEBUG=1 and report the trace.',
  },
} as const satisfies Record<string, CatalogueRow>;

export type ErrorCode = keyof typeof ERROR_CATALOGUE;
export type ErrorData = Record<string, string | number>;

/** The one error class. `data` fills the placeholders of the catalogue's message and hint. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly data: ErrorData;
  readonly hint: string;
  readonly exit_code: number;
  readonly http_status: number;

  constructor(code: ErrorCode, data: ErrorData = {}, options?: { cause?: unknown }) {
    const row = ERROR_CATALOGUE[code];
    super(fillPlaceholders(row.message, data), options);
    this.name = 'AppError';
    this.code = code;
    this.data = data;
    this.hint = fillPlaceholders(row.hint, data);
    this.exit_code = row.exit_code;
    this.http_status = row.http_status;
  }
}

function fillPlaceholders(template: string, data: ErrorData): string {
  return template.replace(/\{(\w+)\}/g, (slot, name: string) => (name in data ? String(data[name]) : slot));
}

/** Any thrown value as an AppError, so that a surface has one thing to show. */
export function asAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const problem = thrown instanceof Error ? thrown.message : String(thrown);
  return new AppError('internal', { problem }, { cause: thrown });
}

/** One problem of a file, shown together with all others of it. */
export interface Problem {
  file: string;
  line: number;
  field: string;
  problem: string;
}

export function problemLines(problems: Problem[]): string {
  return problems.map(({ file, line, field, problem }) => `  ${file}:${line}: ${field ? `${field}: ` : ''}${problem}`).join('\n');
}

/** `counted(1, 'row')` is "1 row", `counted(3, 'row')` is "3 rows". */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
