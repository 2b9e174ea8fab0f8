/** What a run will need: steps, memory, disk and time. A pure function; `worst-batch` events compare it with what was measured. */
import type { ModelShape } from '../../model/families/read-shape.js';
import { numWeightsOf } from '../../model/num-weights.js';
import type { ModuleCoverage } from '../../protocol/event.js';
import type { Plan, PlanValues } from '../../protocol/plan.js';

/** Python with PyTorch, Transformers and TRL loaded, before any weight: an estimate. */
const LIBRARIES_BYTES = 900_000_000;
/** Floats that a layer keeps for its backward pass, per token, in units of hidden and of intermediate size.
 * Estimates that err on the safe side: the quickstart is forecast 4.5 GB, its measured peak is 3.7 GB. */
const KEPT_HIDDEN = 14;
const KEPT_INTERMEDIATE = 5;
/** 4 bits, and a double-quantised scale for each 64 weights (QLoRA, arXiv 2305.14314, section 3). */
const NF4_BYTES = 4.127 / 8;
/** An adapter in float32: itself, its gradient and AdamW's two moments. */
const ADAPTER_BYTES = 16;
/** Sustained float32 speed of one AVX2 core in this work, measured (2 cores: 200 tokens/s on 135M parameters). */
const FLOPS_PER_CORE = 54e9;
/** Start of the worker, dev passes, samples and the parity reference together: an estimate (the quickstart forecasts 5 min, takes 5.8). */
const OVERHEAD_SECONDS = 60;

export interface ForecastFacts {
  shape: ModelShape;
  values: PlanValues;
  device: Plan['device'];
  coverage: ModuleCoverage[];
  num_steps: number;
  num_train_rows: number;
  num_train_tokens: number;
}

export function forecast(facts: ForecastFacts): Plan['forecast'] {
  const { shape, coverage } = facts;
  const { model, training, run } = facts.values;
  const trained = coverage.reduce((sum, { num_trained_parameters }) => sum + num_trained_parameters, 0);
  const floatBytes = model.precision === 'float32' ? 4 : 2;
  // Trained weights hold their gradient and two moments in their own precision.
  const trainedBytes = model.use_peft ? ADAPTER_BYTES : 3 * floatBytes;
  const memory = LIBRARIES_BYTES + weightBytes(facts, floatBytes) + trained * trainedBytes + activationBytes(facts, floatBytes);
  const checkpoint = trained * (model.use_peft ? 12 : 3 * floatBytes);
  // Forward, and backward with respect to the activations only: 4 operations a frozen weight and token, 6 a trained one.
  const perWeight = model.use_peft ? 4 : 6;
  const operations = perWeight * shape.num_parameters * facts.num_train_tokens * training.num_train_epochs;
  const speed = FLOPS_PER_CORE * run.num_threads * run.num_processes;
  return {
    num_steps: facts.num_steps,
    num_trained_parameters: trained,
    memory_bytes: Math.round(memory),
    disk_bytes: Math.round(checkpoint * (training.save_total_limit + 1) + trained * 8),
    duration_s: facts.device === 'cuda' ? null : OVERHEAD_SECONDS + operations / speed,
  };
}

/** With load_in_4bit the Linears of the decoder and the routed experts are NF4, and the largest is unpacked while it is used. */
function weightBytes({ shape, values }: ForecastFacts, floatBytes: number): number {
  let bytes = 0;
  let largestUnpacked = 0;
  for (const { kind, module_class, shape: sizes } of shape.tensors) {
    const count = numWeightsOf(sizes);
    const isPacked = values.model.load_in_4bit && kind !== 'other' && module_class !== 'router' && module_class !== 'head';
    bytes += count * (isPacked ? NF4_BYTES : floatBytes);
    if (isPacked) largestUnpacked = Math.max(largestUnpacked, count * floatBytes);
  }
  return bytes + largestUnpacked;
}

function activationBytes({ shape, values, num_train_rows, num_train_tokens }: ForecastFacts, floatBytes: number): number {
  const { model, training, run } = values;
  const batch = training.per_device_train_batch_size;
  const worstTokens = model.padding_free ? (num_train_tokens / num_train_rows) * batch * 1.5 : run.max_length * batch;
  const layer = (KEPT_HIDDEN * shape.hidden_size + KEPT_INTERMEDIATE * shape.intermediate_size) * floatBytes;
  const kept = training.gradient_checkpointing
    ? shape.num_hidden_layers * shape.hidden_size * floatBytes + layer
    : shape.num_hidden_layers * layer;
  const logitTokens = model.fused_loss ? 512 : worstTokens;
  return worstTokens * kept + logitTokens * shape.vocab_size * 4 * 2;
}
