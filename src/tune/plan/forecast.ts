/** What a run will need: steps, trained parameters, memory, disk and time. A pure function. */
import type { ModelRecord } from '../../protocol/model-record.js';
import type { Plan, PlanSettings } from '../../protocol/plan.js';

/** Sizes that the forecast needs of a model's config.json. */
export interface ModelShape {
  hidden_size: number;
  intermediate_size: number;
  num_hidden_layers: number;
  num_attention_heads: number;
  num_key_value_heads: number;
  vocab_size: number;
}

/** Python with PyTorch, Transformers and TRL loaded, before any weight: an estimate. */
const LIBRARIES_BYTES = 900_000_000;
/** Floats that a layer keeps for its backward pass, per token, in units of hidden and of intermediate size.
 * Estimates that err on the safe side: the quickstart is forecast 4.5 GB, its measured peak is 3.7 GB. */
const KEPT_HIDDEN = 14;
const KEPT_INTERMEDIATE = 5;
/** Sustained float32 speed of one AVX2 core in this work, measured (2 cores: 200 tokens/s on 135M parameters). */
const FLOPS_PER_CORE = 54e9;
/** Start of the worker, dev passes, samples and the parity reference together: an estimate (the quickstart forecasts 5 min, takes 5.8). */
const OVERHEAD_SECONDS = 60;

export function forecast(
  model: ModelRecord,
  shape: ModelShape,
  settings: PlanSettings,
  numSteps: number,
  numTrainTokens: number,
  numTrainRows: number,
): Plan['forecast'] {
  const trained = countLoraParameters(shape, settings.lora_r.value, settings.lora_target_modules.value);
  const bytesPerWeight = settings.precision.value === 'bfloat16' ? 2 : 4;
  const tokensPerBatch = (numTrainTokens / numTrainRows) * settings.per_device_train_batch_size.value;
  const worstTokens = settings.packed.value ? tokensPerBatch * 1.5 : settings.max_length.value * settings.per_device_train_batch_size.value;
  const kept = shape.num_hidden_layers * (KEPT_HIDDEN * shape.hidden_size + KEPT_INTERMEDIATE * shape.intermediate_size) * 4;
  const logits = settings.fused_loss.value ? 512 * shape.vocab_size * 4 * 2 : worstTokens * shape.vocab_size * 4 * 2;
  // The optimizer holds two moments and the gradient beside the float32 adapter.
  const memory = LIBRARIES_BYTES + model.num_parameters * bytesPerWeight + trained * 16 + worstTokens * kept + logits;
  const checkpoint = trained * 12;
  // Forward, and backward with respect to the activations only: 4 operations a frozen weight and token.
  const operations = 4 * model.num_parameters * numTrainTokens * settings.num_train_epochs.value;
  return {
    num_steps: numSteps,
    num_trained_parameters: trained,
    memory_bytes: Math.round(memory),
    disk_bytes: checkpoint * (settings.save_total_limit.value + 1) + trained * 8,
    duration_s: OVERHEAD_SECONDS + operations / (FLOPS_PER_CORE * settings.num_threads.value * settings.num_processes.value),
  };
}

/** Each adapted weight [out, in] gets r × (in + out) parameters (LoRA, arXiv 2106.09685). */
function countLoraParameters(shape: ModelShape, r: number, modules: string[]): number {
  const keyValueSize = (shape.hidden_size / shape.num_attention_heads) * shape.num_key_value_heads;
  const sizes: Record<string, number> = {
    q_proj: shape.hidden_size * 2,
    k_proj: shape.hidden_size + keyValueSize,
    v_proj: shape.hidden_size + keyValueSize,
    o_proj: shape.hidden_size * 2,
    gate_proj: shape.hidden_size + shape.intermediate_size,
    up_proj: shape.hidden_size + shape.intermediate_size,
    down_proj: shape.hidden_size + shape.intermediate_size,
  };
  return shape.num_hidden_layers * r * modules.reduce((sum, name) => sum + (sizes[name] ?? 0), 0);
}
