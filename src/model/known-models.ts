/**
 * Sizes of models that recipes name, so that a plan can be made where their weights are not.
 * From each model's config.json on the Hub; values that equal the class's default are left out there, and here.
 */

export interface KnownModel {
  id: string;
  /** Where a person who has accepted its licence gets it. */
  hub: string;
  license: string;
  /** The sizes in config.json. */
  config: { model_type: string } & Record<string, unknown>;
}

const LLAMA_3 = { model_type: 'llama', vocab_size: 128_256, num_key_value_heads: 8, max_position_embeddings: 131_072 };
const GEMMA_3_VISION = {
  hidden_size: 1152,
  intermediate_size: 4304,
  num_hidden_layers: 27,
  image_size: 896,
  patch_size: 14,
  vision_use_head: false,
};

const gemma3 = (id: string, text_config: Record<string, number>): KnownModel => ({
  id,
  hub: `google/${id}`,
  license: 'gemma',
  config: { model_type: 'gemma3', text_config: { vocab_size: 262_208, ...text_config }, vision_config: GEMMA_3_VISION },
});

export const KNOWN_MODELS: KnownModel[] = [
  {
    id: 'smollm2-135m-instruct',
    hub: 'HuggingFaceTB/SmolLM2-135M-Instruct',
    license: 'apache-2.0',
    config: {
      model_type: 'llama',
      vocab_size: 49_152,
      hidden_size: 576,
      intermediate_size: 1536,
      num_hidden_layers: 30,
      num_attention_heads: 9,
      num_key_value_heads: 3,
      max_position_embeddings: 8192,
      tie_word_embeddings: true,
    },
  },
  {
    id: 'llama-3.2-1b-instruct',
    hub: 'meta-llama/Llama-3.2-1B-Instruct',
    license: 'llama3.2',
    config: {
      ...LLAMA_3,
      hidden_size: 2048,
      intermediate_size: 8192,
      num_hidden_layers: 16,
      num_attention_heads: 32,
      head_dim: 64,
      tie_word_embeddings: true,
    },
  },
  {
    id: 'llama-3.1-8b-instruct',
    hub: 'meta-llama/Llama-3.1-8B-Instruct',
    license: 'llama3.1',
    config: { ...LLAMA_3, hidden_size: 4096, intermediate_size: 14_336, num_hidden_layers: 32, num_attention_heads: 32 },
  },
  {
    id: 'gemma-3-270m',
    hub: 'google/gemma-3-270m',
    license: 'gemma',
    config: {
      model_type: 'gemma3_text',
      vocab_size: 262_144,
      hidden_size: 640,
      intermediate_size: 2048,
      num_hidden_layers: 18,
      num_attention_heads: 4,
      num_key_value_heads: 1,
      max_position_embeddings: 32_768,
    },
  },
  {
    id: 'gemma-3-1b-it',
    hub: 'google/gemma-3-1b-it',
    license: 'gemma',
    config: {
      model_type: 'gemma3_text',
      vocab_size: 262_144,
      hidden_size: 1152,
      intermediate_size: 6912,
      num_hidden_layers: 26,
      num_attention_heads: 4,
      num_key_value_heads: 1,
      max_position_embeddings: 32_768,
    },
  },
  gemma3('gemma-3-4b-it', { hidden_size: 2560, intermediate_size: 10_240, num_hidden_layers: 34 }),
  gemma3('gemma-3-12b-it', {
    hidden_size: 3840,
    intermediate_size: 15_360,
    num_hidden_layers: 48,
    num_attention_heads: 16,
    num_key_value_heads: 8,
  }),
  gemma3('gemma-3-27b-it', {
    hidden_size: 5376,
    intermediate_size: 21_504,
    num_hidden_layers: 62,
    num_attention_heads: 32,
    num_key_value_heads: 16,
    head_dim: 128,
  }),
  {
    id: 'llama-4-scout-17b-16e-instruct',
    hub: 'meta-llama/Llama-4-Scout-17B-16E-Instruct',
    license: 'llama4',
    config: {
      model_type: 'llama4',
      text_config: { max_position_embeddings: 10_485_760 },
      vision_config: { hidden_size: 1408, image_size: 336, vision_output_dim: 4096 },
    },
  },
];

export function knownModel(id: string): KnownModel | undefined {
  return KNOWN_MODELS.find((model) => model.id === id);
}
