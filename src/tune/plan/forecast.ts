/** What a run will need: steps, memory, disk and time. A pure function; `worst-batch` events compare it with what was measured. */
import type { ModelShape } from '../../model/families/read-shape.js';
import { numWeightsOf } from '../../model/num-weights.js';
import type { ModuleCoverage } from '../../protocol/event.js';
import type { Plan, PlanValues } from '../../protocol/plan.js';
import { keepsFrozenStates } from './decoder-layers.js';
import { keptActivations } from './kept-activations.js';
import { operationsOf } from './operations.js';

/** Python with PyTorch, Transformers and TRL loaded, before any weight: measured. */
const LIBRARIES_BYTES = 620_000_000;
/** A block of logits and its softmax (python/worker/compute/token_logprobs.py). */
const HEAD_BLOCK_BYTES = 2 * 1024 * 4096 * 4;
/** python/worker/compute/frozen_layers.py */
const MAX_KEPT_STATES_BYTES = 2_000_000_000;
/** 4 bits, and a double-quantised scale for each 64 weights (QLoRA, arXiv 2305.14314, section 3). */
const NF4_BYTES = 4.127 / 8;
/** A trained weight in float32: itself, its gradient and AdamW's two moments. */
const TRAINED_BYTES = 16;
/** Float32 operations a second of one core in this work: the quickstart's steps made 54e9 to 94e9 on AVX-512 cores, as busy as the machine was. */
const FLOPS_PER_CORE = 80e9;
/** Start of the worker, dev passes, samples and the parity reference together: the quickstart's took 31 to 50. */
const OVERHEAD_SECONDS = 40;

export interface ForecastFacts {
  shape: ModelShape;
  values: PlanValues;
  device: Plan['device'];
  coverage: ModuleCoverage[];
  num_steps: number;
  num_train_tokens: number;
  computed_share: number;
  heaviest_batch_tokens: number;
  has_reference: boolean;
}

export function forecast(facts: ForecastFacts): Plan['forecast'] {
  const { shape, coverage } = facts;
  const { model, training, run } = facts.values;
  const trained = coverage.reduce((sum, { num_trained_parameters }) => sum + num_trained_parameters, 0);
  const floatBytes = model.precision === 'float32' ? 4 : 2;
  const { weights, unpacked } = weightBytes(facts, { floatBytes, trained });
  const held = (weights + trained * TRAINED_BYTES) / (model.fsdp ? run.num_processes : 1);
  const memory = LIBRARIES_BYTES + held + unpacked + activationBytes(facts, floatBytes);
  // The weights and the two moments.
  const checkpoint = trained * 12;
  const operations = operationsOf(shape, facts.values, facts.num_train_tokens * facts.computed_share, facts.has_reference);
  const speed = FLOPS_PER_CORE * run.num_threads * run.num_processes;
  return {
    num_steps: facts.num_steps,
    num_trained_parameters: trained,
    memory_bytes: Math.round(memory),
    disk_bytes: Math.round(checkpoint * (training.save_total_limit + 1) + trained * 8),
    duration_s: facts.device === 'cuda' ? null : OVERHEAD_SECONDS + operations / speed,
  };
}

/**
 * Weights that are not trained themselves, and the largest that is unpacked while it is used: with load_in_4bit the Linears
 * of the decoder and the routed experts are NF4, with fsdp a layer is put together. Trained weights are computed with
 * as copies in the precision of the run.
 */
function weightBytes({ shape, values }: ForecastFacts, { floatBytes, trained }: { floatBytes: number; trained: number }) {
  if (!values.model.use_peft) {
    const copies = floatBytes === 4 ? 0 : shape.num_parameters * floatBytes;
    return { weights: (shape.num_parameters - trained) * 4 + copies, unpacked: 0 };
  }
  let weights = 0;
  let unpacked = 0;
  for (const { kind, module_class, shape: sizes } of shape.tensors) {
    const count = numWeightsOf(sizes);
    const isPacked = values.model.load_in_4bit && kind !== 'other' && module_class !== 'router' && module_class !== 'head';
    weights += count * (isPacked ? NF4_BYTES : floatBytes);
    if (isPacked || values.model.fsdp) unpacked = Math.max(unpacked, count * floatBytes);
  }
  return { weights, unpacked };
}

function activationBytes({ shape, values, heaviest_batch_tokens, num_train_tokens }: ForecastFacts, floatBytes: number): number {
  const { model, training } = values;
  const kept = keptActivations(shape, values);
  const floats = training.gradient_checkpointing ? shape.num_hidden_layers * shape.hidden_size + kept.largest_layer : kept.whole;
  // What the backward pass makes of one layer before it frees what the layer kept.
  const layer = kept.largest_layer;
  const isHeadWhole = model.plain.includes('fused_loss');
  const logits = isHeadWhole ? heaviest_batch_tokens * shape.vocab_size * 4 * 3 : HEAD_BLOCK_BYTES;
  const frozen = keepsFrozenStates(values) ? Math.min(MAX_KEPT_STATES_BYTES, num_train_tokens * shape.hidden_size * floatBytes) : 0;
  return heaviest_batch_tokens * (floats + layer) * floatBytes + logits + frozen;
}
