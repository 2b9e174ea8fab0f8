/** Recipes, plans, runs and the worker. */
import { type CatalogueRow, FAILED, INPUT, MACHINE, NOT_FOUND, REFUSED } from './catalogue-row.js';

export const TUNE_ERRORS = {
  'recipe-invalid': {
    ...INPUT,
    message: '{count} in the recipe:\n{problems}',
    hint: 'Edit {file} at the lines named above, then run `slipway check {file}`.',
  },
  'setting-unsupported': {
    ...INPUT,
    message: '{setting}: {problem}',
    hint: 'Change {setting} in the recipe, or pass `--set {setting}={suggestion}`.',
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
    hint: 'Add `target_parameters: [{parameters}]` under lora, or set `allow: [experts-frozen]`.',
  },
  'expert-dropout': {
    ...INPUT,
    message: 'lora.lora_dropout is {dropout}, and adapters on routed experts cannot have one.',
    hint: 'Set `lora_dropout: 0` under lora.',
  },
  'experts-quantized': {
    ...INPUT,
    message:
      'Adapters on {names} cannot be combined with load_in_4bit: PEFT does not find a fused weight that is stored in 4 bits, and would train without it.',
    hint: 'Remove target_parameters from the recipe, or `load_in_4bit`.',
  },
  'class-unknown': {
    ...REFUSED,
    message: '{file} names the class {name}, which Slipway does not train.',
    hint: 'Change `architectures` in {file} to the class of its model_type, such as LlamaForCausalLM.',
  },
  'nothing-trained': {
    ...INPUT,
    message: 'No parameter of the model is trained.',
    hint: 'Change lora.target_modules in the recipe; `slipway check RECIPE` shows what each choice reaches.',
  },
  'coverage-differs': {
    ...FAILED,
    message: 'Of {module_class} the plan trains {planned} parameters, and the model has {measured} trained ones.',
    hint: 'Report it with `slipway show {run} --json`: nothing was trained. {log} has the trace.',
  },
  'python-missing': {
    ...MACHINE,
    message: 'Slipway needs Python 3.11 to 3.13 with venv to tune; found {found}.',
    hint: 'Run `apt-get install -y python3 python3-venv`, or set SLIPWAY_PYTHON to an interpreter.',
  },
  'python-setup-failed': {
    ...MACHINE,
    message: 'Creating the Python environment failed: {problem}',
    hint: 'Run `slipway doctor --fix` to try it again.',
  },
  'package-unlisted': {
    ...MACHINE,
    message: 'The {name} that pip has found is none of the builds that Slipway lists: its SHA-256 is {sha256}.',
    hint: 'Point pip to a listed build. For a build of PyTorch that you trust: `{variable}={sha256} slipway doctor --fix`, in every later command too.',
  },
  'gpu-insufficient': {
    ...MACHINE,
    message: 'It needs {count} × {needed} of GPU memory; here: {here}.',
    hint: 'Run it on a machine that has this; `slipway plan` and `slipway check` work on any machine.',
  },
  'memory-too-small': {
    ...MACHINE,
    message: '{needed} of memory are needed, {free} are free.',
    hint: 'Close other programs, or pass `--set per_device_train_batch_size=1`.',
  },
  'run-not-found': { ...NOT_FOUND, message: 'There is no run {run}.', hint: 'Run `slipway runs` for the list.' },
  'run-active': { ...REFUSED, message: '{run} is still running.', hint: 'Run `slipway stop {run}` first.' },
  'run-not-resumable': { ...REFUSED, message: '{run} is {status}.', hint: '{suggestion}' },
  'resume-differs': {
    ...REFUSED,
    message: 'Run {run} cannot go on as it was begun, {count} differ:\n{problems}',
    hint: 'Restore what differs, or start anew: `slipway tune RECIPE --fresh`.',
  },
  'out-of-memory': {
    ...FAILED,
    message: 'The run ran out of memory: {problem}',
    hint: 'Run `slipway tune {recipe} --set per_device_train_batch_size=1`, or shorten max_length.',
  },
  'disk-full': {
    ...FAILED,
    message: 'The disk is full: {problem}',
    hint: 'Free some disk and run the command again. A run keeps its last complete checkpoint: `slipway resume {run}`.',
  },
  diverged: {
    ...FAILED,
    message: 'The loss became {loss} at step {step}.',
    hint: 'Run `slipway tune {recipe} --set learning_rate={suggestion}`.',
  },
  'reference-differs': {
    ...FAILED,
    message:
      'Before the first step the policy differs from the reference by {difference} nats in one answer: the loss would begin from another model.',
    hint: 'Remove the reference-*.safetensors files in the run’s data folder, then run `slipway resume {run}`; {log} has the trace.',
  },
  'no-gradient': {
    ...FAILED,
    message: 'No gradient reaches {classes} at step {step}: these weights would stay unchanged.',
    hint: 'Remove it from lora.target_modules or lora.target_parameters; `slipway show {run}` has the table of what is trained.',
  },
  'worker-failed': { ...FAILED, message: 'The worker failed: {problem}', hint: 'Read {log}, then run `slipway resume {run}`.' },
  'worker-killed': {
    ...FAILED,
    message: 'The worker was killed by {signal}.',
    hint: 'Run `slipway resume {run}`; if it was the kernel (SIGKILL), lower per_device_train_batch_size first.',
  },
  'worker-protocol': {
    ...FAILED,
    message: 'The worker broke the event protocol: {problem}',
    hint: 'Read {log}; the run folder is kept as it is.',
  },
  'artifact-differs': {
    ...FAILED,
    message: 'The saved artifact is not the trained model: loaded again, its output differs ({difference}).',
    hint: 'Open {log}, and report it with `slipway show {run} --json`: nothing was served from it.',
  },
  'adapter-unchanged': {
    ...FAILED,
    message: 'The adapter does not change the logits (largest change {change}).',
    hint: 'Raise learning_rate or num_train_epochs in the recipe; an adapter that does nothing is never served.',
  },
} as const satisfies Record<string, CatalogueRow>;
