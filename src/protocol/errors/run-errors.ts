/** Weights, engines and serving. */
import { type CatalogueRow, FAILED, INPUT, MACHINE, NOT_FOUND, REFUSED } from './catalogue-row.js';

export const RUN_ERRORS = {
  'model-not-found': { ...NOT_FOUND, message: 'There is no model {model}.', hint: 'Known models: {known}.' },
  'model-not-here': { ...NOT_FOUND, message: 'The model {model} is not on this machine yet.', hint: 'Run `slipway pull {model}`.' },
  'model-exists': {
    ...INPUT,
    message: 'Another model is called {model}: its weights have sha256 {known}, those of {file} have {given}.',
    hint: 'Give it a name of its own: `slipway pull {file} --name NAME`.',
  },
  'model-training-only': {
    ...REFUSED,
    message: '{model} can only be trained here, since it cannot be converted to GGUF: {reason}',
    hint: 'Run `vllm serve {folder}` on a machine with a GPU; `slipway serve` cannot serve it (*not tried*).',
  },
  'weights-not-here': {
    ...NOT_FOUND,
    message: 'The weights of {model} are not on this machine; its licence ({license}) has to be accepted on the Hub.',
    hint: 'Run `hf download {hub} --local-dir {model}` with access to the Hub, then `slipway pull {model} --license {license}`.',
  },
  'weights-fetch-failed': {
    ...MACHINE,
    message: 'Fetching {what} failed: {problem}',
    hint: 'Check the connection and run the same command again.',
  },
  'weights-hash-mismatch': {
    ...MACHINE,
    message: '{file} has sha256 {actual}, expected is {expected}.',
    hint: 'Delete {file} and run the command again; if it happens again, do not use the file.',
  },
  'weights-unsupported': {
    ...INPUT,
    message: '{file}: {problem}',
    hint: 'Use a GGUF of architecture llama with types F32, F16, BF16, Q8_0, Q4_0 or Q4_1.',
  },
  'artifact-is-model': {
    ...REFUSED,
    message: 'Run {run} trained all weights: its artifact is a model, not an adapter.',
    hint: 'Run `slipway pull {folder} --name {run} --license ID`; it checks the model against the trained weights, and imports it.',
  },
  'artifact-scores': {
    ...REFUSED,
    message: 'Run {run} is a reward model: it scores answers and writes none.',
    hint: 'Judge it by reward_accuracy (recipes/smollm2/reward.gate.yaml), or write `reward_model: {run}` into a gate.',
  },
  'artifact-answers': {
    ...REFUSED,
    message: 'Run {run} is no reward model.',
    hint: 'Write the id of a run whose method is reward; `slipway runs` lists them.',
  },
  'adapter-unsupported': {
    ...INPUT,
    message: 'The adapter cannot be converted to GGUF: {problem}',
    hint: 'Train without {setting}, or merge the adapter and serve it with vLLM.',
  },
  'build-missing': {
    ...REFUSED,
    message: 'Run {run} has no artifact yet.',
    hint: 'Run `slipway show {run}`; when it has stopped, `slipway resume {run}`.',
  },
  'parity-failed': {
    ...REFUSED,
    message: 'llama.cpp does not reproduce the trained model: {problem}',
    hint: 'Nothing is served. Run `slipway verify {run}` for every figure and report it with {build}.',
  },
  'gpu-missing': {
    ...MACHINE,
    message: 'No NVIDIA GPU was found: `nvidia-smi -L` lists none.',
    hint: 'Run `nvidia-smi -L` and install the driver if a GPU is there; without one everything runs on the CPU.',
  },
  'engine-missing': {
    ...MACHINE,
    message: 'The engine of this machine, {name}, is not installed.',
    hint: 'Run `slipway doctor --fix`; it is fetched from the npm registry once.',
  },
  'engine-unlisted': {
    ...MACHINE,
    message: 'Slipway has no hash of {name}, and installs nothing that it cannot check.',
    hint: 'If you trust the registry: `{variable}=$(npm view {name} dist.integrity) slipway doctor --fix`.',
  },
  'engine-install-failed': {
    ...MACHINE,
    message: '{names} could not be installed: {problem}',
    hint: 'Check the connection and run the same command again; the engine that was there is untouched.',
  },
  'platform-unsupported': {
    ...MACHINE,
    message: 'Slipway runs on Linux and macOS; this is {platform}.',
    hint: 'On Windows, run it in WSL 2: `wsl --install`, then the same commands in its terminal.',
  },
  'engine-failed': { ...FAILED, message: 'The engine failed: {problem}', hint: 'Run `slipway doctor`, then the same command again.' },
  'engine-gone': {
    exit_code: 5,
    http_status: 503,
    message: 'The engine process ended before it had answered ({problem}); another one takes its place.',
    hint: 'Send the request again.',
  },
  'server-ending': {
    exit_code: 5,
    http_status: 503,
    message: 'The server is ending; this answer was not finished.',
    hint: 'Start it again with `slipway serve`, then send the request again.',
  },
  'engine-busy': {
    exit_code: 5,
    http_status: 429,
    message: '{waiting} requests are waiting already.',
    hint: 'Try again in a second, or start `slipway serve --engines N`.',
  },
  'request-invalid': { ...INPUT, message: '{problem}', hint: 'Correct the request body; the fields are those of the OpenAI API.' },
  'prompt-too-long': {
    ...INPUT,
    message: 'The prompt has {prompt_tokens} tokens and max_tokens is {max_tokens}, the context holds {context_length}.',
    hint: 'Shorten the prompt, lower max_tokens, or start `slipway serve --context-length N`.',
  },
  'route-not-found': {
    ...NOT_FOUND,
    message: 'There is no {method} {path}; there are chat/completions, completions, embeddings, score and models, under {base_url}.',
    hint: 'Run `curl {base_url}/models` for what is served.',
  },
} as const satisfies Record<string, CatalogueRow>;
