/** What a run will train, from a model's config alone: the worker's own table (worker/coverage.py), before any weight is read. */
import type { ModelShape } from '../../model/folder/read-shape.js';
import type { TensorShape } from '../../model/folder/tensor-shape.js';
import { numWeightsOf } from '../../model/num-weights.js';
import { AppError } from '../../protocol/errors.js';
import type { ModuleClass, ModuleCoverage } from '../../protocol/event.js';
import type { PlanSettings } from '../../protocol/plan.js';

/** A router that moves sends tokens elsewhere, and no row here holds an image. */
const FROZEN_CLASSES: ModuleClass[] = ['router', 'vision'];
/** What `all-linear` reaches. */
const LINEAR_CLASSES: ModuleClass[] = ['attention', 'mlp', 'shared expert'];
const EXPERT_NAMES = ['gate_proj', 'up_proj', 'down_proj'];

export type TrainingForm = Pick<
  PlanSettings,
  'use_peft' | 'load_in_4bit' | 'lora_r' | 'lora_dropout' | 'lora_target_modules' | 'lora_target_parameters' | 'allow'
>;

/**
 * One entry per module class.
 * @throws AppError target-unmatched, target-forbidden, experts-frozen, expert-dropout, experts-quantized, nothing-trained
 */
export function trainedCoverage(shape: ModelShape, form: TrainingForm): ModuleCoverage[] {
  const isReached = form.use_peft.value
    ? adapterReach(shape, form)
    : (tensor: TensorShape) => !FROZEN_CLASSES.includes(tensor.module_class);
  const table = new Map<ModuleClass, ModuleCoverage>();
  for (const tensor of shape.tensors) {
    const { module_class } = tensor;
    const entry = table.get(module_class) ?? { module_class, num_parameters: 0, num_reached_parameters: 0, num_trained_parameters: 0 };
    const count = numWeightsOf(tensor.shape);
    entry.num_parameters += count;
    if (isReached(tensor)) {
      entry.num_reached_parameters += count;
      entry.num_trained_parameters += form.use_peft.value ? loraParameters(tensor, form.lora_r.value) : count;
    }
    table.set(module_class, entry);
  }
  const coverage = [...table.values()];
  if (coverage.every(({ num_trained_parameters }) => num_trained_parameters === 0)) throw new AppError('nothing-trained', {});
  return coverage;
}

/** An adapted weight [out, in] gets r × (in + out) parameters (LoRA, arXiv 2106.09685), each expert of a fused one its own. */
function loraParameters({ shape, kind }: TensorShape, r: number): number {
  const [into, out] = shape.slice(-2) as [number, number];
  return r * (into + out) * (kind === 'fused' ? (shape[0] as number) : 1);
}

function adapterReach(shape: ModelShape, form: TrainingForm): (tensor: TensorShape) => boolean {
  const [modules, parameters] = [form.lora_target_modules.value, form.lora_target_parameters.value];
  refuseModules(shape, modules, form);
  refuseParameters(shape, parameters, form);
  const isAll = modules.includes('all-linear');
  return (tensor) => {
    if (tensor.kind === 'fused') return parameters.some((target) => endsWith(tensor.name, target));
    const isReachable = tensor.kind === 'linear' && LINEAR_CLASSES.includes(tensor.module_class);
    return isReachable && (isAll || modules.some((target) => endsWith(moduleOf(tensor), target)));
  };
}

function refuseModules({ tensors }: ModelShape, asked: string[], form: TrainingForm): void {
  const named = asked.filter((target) => target !== 'all-linear');
  const reachable = tensors.filter(({ kind, module_class }) => kind === 'linear' && LINEAR_CLASSES.includes(module_class));
  const known = [...new Set(reachable.map((tensor) => lastPart(moduleOf(tensor))))].sort().join(', ');
  for (const target of named) {
    const matched = tensors.filter((tensor) => tensor.name.endsWith('.weight') && endsWith(moduleOf(tensor), target));
    const forbidden = matched.find(({ module_class }) => FROZEN_CLASSES.includes(module_class));
    if (forbidden && matched.every(({ module_class }) => FROZEN_CLASSES.includes(module_class))) {
      throw new AppError('target-forbidden', { target, kind: forbidden.module_class });
    }
    if (!matched.some((tensor) => reachable.includes(tensor))) {
      throw new AppError('target-unmatched', { setting: 'lora.target_modules', target, known });
    }
  }
  const fused = tensors.filter(({ kind }) => kind === 'fused');
  const isMeant = named.some((target) => EXPERT_NAMES.includes(lastPart(target)) && !target.includes('shared_expert'));
  if (fused.length > 0 && isMeant && form.lora_target_parameters.value.length === 0 && !form.allow.value.includes('experts-frozen')) {
    throw new AppError('experts-frozen', { names: named.join(', '), parameters: pathsOf(fused) });
  }
}

function refuseParameters({ tensors }: ModelShape, asked: string[], form: TrainingForm): void {
  if (asked.length === 0) return;
  if (form.load_in_4bit.value) throw new AppError('experts-quantized', { names: asked.join(', ') });
  const fused = tensors.filter(({ kind }) => kind === 'fused');
  const known = pathsOf(fused) || 'no parameter: this model has no fused experts';
  for (const target of asked) {
    if (fused.some(({ name }) => endsWith(name, target))) continue;
    throw new AppError('target-unmatched', { setting: 'lora.target_parameters', target, known });
  }
  if (form.lora_dropout.value > 0) throw new AppError('expert-dropout', { dropout: form.lora_dropout.value });
}

const moduleOf = ({ name }: TensorShape) => name.replace(/\.weight$/, '');
const lastPart = (name: string) => name.split('.').at(-1) as string;
const endsWith = (name: string, target: string) => name === target || name.endsWith(`.${target}`);
/** `model.layers.0.feed_forward.experts.down_proj` → `feed_forward.experts.down_proj`, each once. */
const pathsOf = (fused: TensorShape[]) => [...new Set(fused.map(({ name }) => name.split('.').slice(-3).join('.')))].sort().join(', ');
