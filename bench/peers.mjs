// The tools that a benchmark compares with: how each is installed, told what to do, and started. Nothing here is in the product.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';

const LINEAR = ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'];

/** For the tools that take Transformers' TrainingArguments. */
const optimization = ({ rate, steps, out }) => ({
  gradient_accumulation_steps: 1,
  bf16: false,
  learning_rate: rate,
  lr_scheduler_type: 'constant',
  warmup_steps: 0,
  weight_decay: 0,
  max_grad_norm: 1,
  optim: 'adamw_torch',
  seed: 42,
  max_steps: steps,
  logging_steps: 1,
  save_strategy: 'no',
  report_to: 'none',
  use_cpu: true,
  output_dir: out,
});

/** TRL's SFTConfig; Unsloth hands it the same. */
const trainerSettings = ({ batch, maxLength, ...work }) => ({
  ...optimization(work),
  per_device_train_batch_size: batch,
  gradient_checkpointing: false,
  max_length: maxLength,
  packing: false,
  train_sampling_strategy: 'sequential',
});

/**
 * `without` are requirements that a CPU build breaks on or that only pictures and GPUs need; `empty` a module that is
 * imported by name and never used; `takesSavedDataset` reads tokens as the datasets library saves them. `config` is given {model, data, out, batch, steps, rate, maxLength, lora, method}.
 */
export const PEERS = {
  trl: {
    packages: ['trl==1.16.0', 'transformers==5.23.0', 'peft==0.21.2'],
    command: (bin, config) => [join(bin, 'trl'), 'sft', '--config', config],
    config: ({ model, data, lora, ...work }) => ({
      ...trainerSettings(work),
      model_name_or_path: model,
      dtype: 'float32',
      attn_implementation: 'sdpa',
      datasets: [{ path: 'json', data_files: join(data, 'tokens.jsonl') }],
      ...(lora ? { use_peft: true, lora_r: 16, lora_alpha: 32, lora_dropout: 0, lora_target_modules: 'all-linear' } : {}),
    }),
  },
  llamafactory: {
    packages: ['llamafactory==0.9.5'],
    without: ['torchvision', 'torchaudio'],
    empty: 'torchaudio',
    takesSavedDataset: true,
    command: (bin, config) => [join(bin, 'llamafactory-cli'), 'train', config],
    config: ({ model, data, out, batch, steps, rate, maxLength, lora, method }) => ({
      model_name_or_path: model,
      dataset: 'chats',
      tokenized_path: join(data, 'tokenized'),
      template: 'empty',
      ...(method === 'dpo' ? { stage: 'dpo', pref_loss: 'sigmoid', pref_beta: 0.1 } : { stage: 'sft' }),
      do_train: true,
      ...(lora
        ? { finetuning_type: 'lora', lora_rank: 16, lora_alpha: 32, lora_dropout: 0, lora_target: 'all' }
        : { finetuning_type: 'full' }),
      ...optimization({ rate, steps, out }),
      per_device_train_batch_size: batch,
      disable_gradient_checkpointing: true,
      flash_attn: 'sdpa',
      cutoff_len: maxLength,
      packing: false,
      disable_shuffling: true,
    }),
  },
  soup: {
    packages: ['soup-cli[train]==0.77.0'],
    command: (bin, config) => [join(bin, 'soup'), 'train', '--config', config, '--yes'],
    config: ({ model, data, out, batch, rate, maxLength }) => ({
      base: model,
      task: 'sft',
      data: { train: join(data, 'rows.jsonl'), val_split: 0, max_length: maxLength, train_on_responses_only: true },
      training: {
        epochs: 1,
        lr: rate,
        batch_size: batch,
        gradient_accumulation_steps: 1,
        logging_steps: 1,
        scheduler: 'constant',
        warmup_ratio: 0,
        weight_decay: 0,
        max_grad_norm: 1,
        optimizer: 'adamw_torch',
        seed: 42,
        quantization: 'none',
        gradient_checkpointing: false,
        packing: false,
        lora: { r: 16, alpha: 32, dropout: 0, target_modules: LINEAR },
      },
      output: out,
    }),
  },
  axolotl: {
    packages: ['axolotl==0.19.0'],
    without: 'xformers triton torchao fla-core flash-linear-attention modal ocifs adlfs gcsfs s3fs nvidia-ml-py art openenv-core'.split(
      ' ',
    ),
    command: (bin, config) => [join(bin, 'axolotl'), 'train', config],
    config: ({ model, data, out, batch, steps, rate, maxLength, lora }) => ({
      base_model: model,
      datasets: [{ path: join(data, 'tokens.jsonl'), ds_type: 'json', type: null }],
      dataset_prepared_path: join(out, 'prepared'),
      ...(lora
        ? {
            adapter: 'lora',
            lora_r: 16,
            lora_alpha: 32,
            lora_dropout: 0,
            lora_target_linear: true,
            lora_mlp_kernel: false,
            lora_qkv_kernel: false,
            lora_o_kernel: false,
          }
        : {}),
      micro_batch_size: batch,
      gradient_accumulation_steps: 1,
      gradient_checkpointing: false,
      bf16: false,
      fp16: false,
      tf32: false,
      sdp_attention: true,
      sequence_len: maxLength,
      sample_packing: false,
      pad_to_sequence_len: false,
      learning_rate: rate,
      lr_scheduler: 'constant',
      warmup_steps: 0,
      weight_decay: 0,
      max_grad_norm: 1,
      optimizer: 'adamw_torch',
      seed: 42,
      shuffle_merged_datasets: false,
      curriculum_sampling: true,
      max_steps: steps,
      logging_steps: 1,
      save_strategy: 'no',
      output_dir: out,
    }),
  },
  unsloth: {
    packages: ['unsloth==2026.10.9', 'unsloth_zoo==2026.10.9'],
    without: ['torchvision', 'diffusers', 'certifi'],
    isJson: true,
    command: (bin, config) => [join(bin, 'python'), join(import.meta.dirname, 'peers', 'unsloth_sft.py'), config],
    config: ({ model, data, ...work }) => ({
      data: join(data, 'tokens.jsonl'),
      load: { model_name: model, max_seq_length: work.maxLength, load_in_4bit: false, dtype: 'float32' },
      lora: { r: 16, lora_alpha: 32, lora_dropout: 0, target_modules: LINEAR, use_gradient_checkpointing: false, random_state: 42 },
      train: { ...trainerSettings(work), fp16: false, padding_free: false },
    }),
  },
};

const TORCH = 'torch==2.13.0';

/** Makes a peer's virtual environment in the cache, once. @returns its folder of programs */
export function installPeer(name, cache) {
  const folder = join(cache, 'peers', name);
  const bin = join(folder, 'bin');
  const mark = join(folder, 'complete');
  const { packages, without, empty } = PEERS[name];
  if (existsSync(mark) && readFileSync(mark, 'utf8') === packages.join(' ')) return bin;
  console.error(`installing ${packages.join(', ')}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(cache, 'peers'), { recursive: true });
  run('python3', ['-m', 'venv', folder]);
  const pip = (...more) => run(join(bin, 'pip'), ['install', '--quiet', '--disable-pip-version-check', ...more]);
  pip(TORCH);
  // No later step may put a build for GPUs, of several gigabytes, in its place.
  const constraint = join(folder, 'constraint.txt');
  writeFileSync(constraint, `${read(join(bin, 'python'), ['-c', 'import torch; print("torch==" + torch.__version__)'])}\n`);
  if (without) {
    pip('--no-deps', ...packages);
    pip('--constraint', constraint, ...requirements(bin, packages, without));
  } else pip('--constraint', constraint, ...packages);
  if (empty)
    writeFileSync(join(read(join(bin, 'python'), ['-c', 'import sysconfig; print(sysconfig.get_path("purelib"))']), `${empty}.py`), '');
  writeFileSync(mark, packages.join(' '));
  return bin;
}

/** What installed packages ask for, less a list. */
function requirements(bin, packages, without) {
  const names = packages.map((text) => text.split('==')[0]);
  const program = `import importlib.metadata as m, json, sys; print(json.dumps([r for p in ${JSON.stringify(names)} for r in m.requires(p)]))`;
  const left = new Set([...without, ...names]);
  return JSON.parse(read(join(bin, 'python'), ['-c', program])).filter(
    (line) => !line.includes('extra ==') && !left.has(/^[\w.-]+/.exec(line)[0].toLowerCase()),
  );
}

/** Writes a peer's config for one piece of work. @returns its command line */
export function peerCommand(name, bin, work, folder) {
  const { config, command, isJson, takesSavedDataset } = PEERS[name];
  if (takesSavedDataset) run(join(bin, 'python'), [join(import.meta.dirname, 'peers', 'save_dataset.py'), work.data]);
  // Their readers take YAML 1.1, where `no` is false.
  const file = join(folder, isJson ? 'config.json' : 'config.yaml');
  writeFileSync(file, isJson ? JSON.stringify(config(work)) : stringify(config(work), { version: '1.1' }));
  return command(bin, file);
}

function run(program, programArguments) {
  const { status } = spawnSync(program, programArguments, { stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error(`${program} ${programArguments.join(' ')} failed`);
}

const read = (program, programArguments) => spawnSync(program, programArguments, { encoding: 'utf8' }).stdout.trim();
