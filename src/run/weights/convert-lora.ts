/** A PEFT LoRA adapter as a GGUF adapter that llama.cpp puts on the base's GGUF. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { z } from 'zod';
import { interleavedHeads, reorderHeadRows } from '../../model/families/llama/names.js';
import type { GgufServing } from '../../model/families/serving.js';
import { readSafetensors } from '../../model/folder/safetensors.js';
import { type TensorToWrite, writeGguf } from '../../model/gguf/write.js';
import { AppError } from '../../protocol/errors.js';
import { artifactFiles } from '../../store/home.js';

/** adapter_config.json, the parts that decide whether a GGUF adapter can express it. */
const AdapterConfig = z.object({
  peft_type: z.literal('LORA'),
  r: z.int().positive(),
  lora_alpha: z.number(),
  use_rslora: z.boolean().default(false),
  use_dora: z.boolean().default(false),
  bias: z.string().default('none'),
  modules_to_save: z.array(z.string()).nullish(),
  rank_pattern: z.record(z.string(), z.number()).default({}),
  alpha_pattern: z.record(z.string(), z.number()).default({}),
});

/**
 * @param adapterFolder adapter_config.json and adapter_model.safetensors
 * @throws AppError adapter-unsupported for what a GGUF adapter cannot hold
 *
 * Tensor names and the reordering of `lora_B`: convert_lora_to_gguf.py of llama.cpp v0.5.0. Its scale ignores
 * `use_rslora`; here alpha is multiplied by sqrt(r), since llama.cpp divides by r.
 */
export async function convertLora(adapterFolder: string, base: Pick<GgufServing, 'family' | 'heads'>, output: string): Promise<void> {
  const files = artifactFiles(adapterFolder);
  const config = AdapterConfig.parse(JSON.parse(readFileSync(files.adapterConfig, 'utf8')));
  refuseInexpressible(config);
  const tensors = await readSafetensors(files.adapterWeights);
  const converted = tensors.map(({ name, shape, weights }): TensorToWrite => {
    const [, module, side] = /^base_model\.model\.(.+)\.lora_([AB])\.weight$/.exec(name) ?? [];
    const tensor = module && base.family.adaptedTensor(module);
    if (!tensor) throw new AppError('adapter-unsupported', { problem: `tensor ${name} has no place in GGUF`, setting: 'that module' });
    const interleaved = side === 'B' && base.heads ? interleavedHeads(tensor, base.heads) : null;
    return {
      name: `${tensor}.lora_${side === 'A' ? 'a' : 'b'}`,
      shape,
      read: async () => (interleaved ? reorderHeadRows(weights, shape, interleaved, 'gguf') : weights),
    };
  });
  const alpha = config.use_rslora ? config.lora_alpha * Math.sqrt(config.r) : config.lora_alpha;
  await writeGguf(
    output,
    {
      'general.architecture': { type: 'string', value: base.family.name },
      'general.type': { type: 'string', value: 'adapter' },
      'general.name': { type: 'string', value: basename(output, '.gguf') },
      'adapter.type': { type: 'string', value: 'lora' },
      'adapter.lora.alpha': { type: 'float32', value: alpha },
    },
    converted,
  );
}

function refuseInexpressible(config: z.infer<typeof AdapterConfig>): void {
  const inexpressible: [boolean, string][] = [
    [config.use_dora, 'use_dora'],
    [config.bias !== 'none', 'bias'],
    [(config.modules_to_save ?? []).length > 0, 'modules_to_save'],
    [Object.keys(config.rank_pattern).length > 0, 'rank_pattern'],
    [Object.keys(config.alpha_pattern).length > 0, 'alpha_pattern'],
  ];
  const found = inexpressible.find(([isUsed]) => isUsed);
  if (found) throw new AppError('adapter-unsupported', { problem: `${found[1]} has no place in GGUF`, setting: found[1] });
}
