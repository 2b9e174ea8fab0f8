/** Which weights a LoRA adapter goes on, as names for PEFT; names that match nothing are refused, where PEFT would silently continue. */
import type { ModelShape } from '../../model/families/read-shape.js';
import type { TensorShape } from '../../model/folder/tensor-shape.js';
import { AppError } from '../../protocol/errors.js';
import type { ModuleClass } from '../../protocol/event.js';
import type { Override } from '../../protocol/methods/shared-settings.js';
import { layerOf } from './decoder-layers.js';

/** A router that moves sends tokens elsewhere, and no row here holds an image. */
export const FROZEN_CLASSES: ModuleClass[] = ['router', 'vision'];
/** What `all-linear` reaches. */
const LINEAR_CLASSES: ModuleClass[] = ['attention', 'mlp', 'shared expert'];
const EXPERT_NAMES = ['gate_proj', 'up_proj', 'down_proj'];

export interface AskedTargets {
  target_modules: 'all-linear' | string[];
  target_parameters: string[];
  layers_to_transform: number[] | null;
  lora_dropout: number;
  load_in_4bit: boolean;
  allow: Override[];
}

/**
 * @returns ends of module names for LoraConfig's `target_modules`
 * @throws AppError target-unmatched, target-forbidden, experts-frozen, expert-dropout, experts-quantized
 */
export function resolveTargets(shape: ModelShape, asked: AskedTargets): string[] {
  refuseParameters(shape, asked);
  refuseLayers(shape, asked.layers_to_transform);
  const reachable = shape.tensors.filter(isReachable).map((tensor) => lastPart(moduleOf(tensor)));
  const known = [...new Set(reachable)].sort();
  if ([asked.target_modules].flat().includes('all-linear')) return known;
  const named = asked.target_modules as string[];
  refuseModules(shape, named, known.join(', '), asked);
  return named;
}

/** Whether the adapter changes a tensor. */
export function isTargeted(
  tensor: TensorShape,
  {
    target_modules,
    target_parameters,
    layers_to_transform,
  }: Pick<AskedTargets, 'target_parameters' | 'layers_to_transform'> & { target_modules: string[] },
): boolean {
  if (layers_to_transform && !layers_to_transform.includes(layerOf(tensor))) return false;
  if (tensor.kind === 'fused') return target_parameters.some((target) => endsWith(tensor.name, target));
  return isReachable(tensor) && target_modules.some((target) => endsWith(moduleOf(tensor), target));
}

function isReachable({ kind, module_class }: TensorShape): boolean {
  return kind === 'linear' && LINEAR_CLASSES.includes(module_class);
}

function refuseModules({ tensors }: ModelShape, named: string[], known: string, asked: AskedTargets): void {
  for (const target of named) {
    const matched = tensors.filter((tensor) => tensor.name.endsWith('.weight') && endsWith(moduleOf(tensor), target));
    const forbidden = matched.find(({ module_class }) => FROZEN_CLASSES.includes(module_class));
    if (forbidden && matched.every(({ module_class }) => FROZEN_CLASSES.includes(module_class))) {
      throw new AppError('target-forbidden', { target, kind: forbidden.module_class });
    }
    if (!matched.some(isReachable)) throw new AppError('target-unmatched', { setting: 'lora.target_modules', target, known });
  }
  const fused = tensors.filter(({ kind }) => kind === 'fused');
  const isMeant = named.some((target) => EXPERT_NAMES.includes(lastPart(target)) && !target.includes('shared_expert'));
  if (fused.length > 0 && isMeant && asked.target_parameters.length === 0 && !asked.allow.includes('experts-frozen')) {
    throw new AppError('experts-frozen', { names: named.join(', '), parameters: pathsOf(fused) });
  }
}

/** PEFT only warns of a name that matches nothing, has no dropout on parameters, and does not see those held in 4 bits. */
function refuseParameters({ tensors }: ModelShape, { target_parameters, load_in_4bit, lora_dropout }: AskedTargets): void {
  if (target_parameters.length === 0) return;
  if (load_in_4bit) throw new AppError('experts-quantized', { names: target_parameters.join(', ') });
  const fused = tensors.filter(({ kind }) => kind === 'fused');
  const known = pathsOf(fused) || 'no parameter: this model has no fused experts';
  for (const target of target_parameters) {
    if (fused.some(({ name }) => endsWith(name, target))) continue;
    throw new AppError('target-unmatched', { setting: 'lora.target_parameters', target, known });
  }
  if (lora_dropout > 0) throw new AppError('expert-dropout', { dropout: lora_dropout });
}

/** PEFT would leave out a layer that is not there without a word. */
function refuseLayers({ num_hidden_layers }: ModelShape, asked: number[] | null): void {
  const unknown = asked?.find((layer) => layer >= num_hidden_layers);
  if (unknown === undefined) return;
  const known = `0 to ${num_hidden_layers - 1}`;
  throw new AppError('target-unmatched', { setting: 'lora.layers_to_transform', target: String(unknown), known });
}

const moduleOf = ({ name }: TensorShape) => name.replace(/\.weight$/, '');
const lastPart = (name: string) => name.split('.').at(-1) as string;
const endsWith = (name: string, target: string) => name === target || name.endsWith(`.${target}`);
/** `model.layers.0.feed_forward.experts.down_proj` → `feed_forward.experts.down_proj`, each once. */
const pathsOf = (fused: TensorShape[]) => [...new Set(fused.map(({ name }) => name.split('.').slice(-3).join('.')))].sort().join(', ');
