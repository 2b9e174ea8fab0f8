/** What Slipway knows of a model family. */
import type { FolderReader } from '../folder/reader.js';
import type { TensorShape } from '../folder/tensor-shape.js';
import type { GgufFile } from '../gguf/read.js';
import type { GgufValue } from '../gguf/values.js';
import type { TensorToWrite } from '../gguf/write.js';

export type FamilyName = 'llama' | 'gemma3' | 'llama4';

/** A GGUF file as a Transformers model. */
export interface TransformersModel {
  context_length: number;
  /** config.json and the tokenizer's files, by name. */
  files: () => Record<string, object>;
  /** The tensor's name in Transformers; null for one that the family does not have. */
  nameOf: (tensor: string) => string | null;
  /** The weights as Transformers holds them. */
  convert: (tensor: string, shape: number[], weights: Float32Array) => Float32Array;
}

/** A Transformers folder as GGUF. */
export interface FolderGguf {
  /** In the type that the folder's matrices have, or F32. */
  type: 'F32' | 'F16' | 'BF16';
  metadata: Record<string, GgufValue>;
  tensors: TensorToWrite[];
  /** config.json and tokenizer files to train with; null: the folder's own. */
  files: Record<string, object> | null;
}

/** What serving needs beside the weights. */
export interface Serving {
  chat_template: string;
  /** Heads whose query and key rows llama.cpp interleaves; null where rows stay as they are. */
  heads: { num_heads: number; num_key_value_heads: number } | null;
}

/** Sizes that a plan depends on. */
export interface FamilyShape {
  tensors: TensorShape[];
  vocab_size: number;
  hidden_size: number;
  /** The widest that a token passes through in one layer: an MLP, or all experts at once. */
  intermediate_size: number;
  num_hidden_layers: number;
  context_length: number;
}

export interface Family {
  /** GGUF's `general.architecture` as well. */
  name: FamilyName;
  /** `model_type` of its text class and of its image wrapper in config.json. */
  model_types: string[];
  /** @returns the sizes, or what is wrong with the config */
  readShape: (config: unknown) => FamilyShape | { problems: string[] };
  /** @throws AppError weights-unsupported for a key that is missing */
  serving: (file: GgufFile) => Serving;
  /** The GGUF tensor of a module that an adapter is on; null where GGUF has no place for one. */
  adaptedTensor: (module: string) => string | null;
  /** Null: Slipway does not write this family's weights from GGUF. @throws AppError weights-unsupported */
  asTransformers: ((file: GgufFile) => TransformersModel) | null;
  /** Null with the reader's problems where llama.cpp would compute something else, or the tokenizer cannot be written. */
  asGguf: (reader: FolderReader, name: string) => FolderGguf | null;
}
