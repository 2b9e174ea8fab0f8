"""A model of Llama 4's form with random weights: Scout's proportions at an eighth of its width, 4 of its layers, 16 experts.

Run: llama4.py TOKENIZER_FOLDER MODEL_FOLDER
"""

import shutil
import sys
from pathlib import Path

import torch
from transformers import Llama4ForCausalLM, Llama4TextConfig

tokenizer, folder = map(Path, sys.argv[1:])
torch.manual_seed(0)
config = Llama4TextConfig(
    vocab_size=49152,
    hidden_size=640,
    intermediate_size=1024,
    intermediate_size_mlp=2048,
    num_hidden_layers=4,
    num_attention_heads=5,
    num_key_value_heads=1,
    head_dim=128,
    num_local_experts=16,
    num_experts_per_tok=1,
    interleave_moe_layer_step=1,
    no_rope_layers=[1, 1, 1, 0],
    attention_chunk_size=8192,
    max_position_embeddings=8192,
    bos_token_id=1,
    eos_token_id=2,
    pad_token_id=0,
)
model = Llama4ForCausalLM(config)
model.generation_config.update(bos_token_id=1, eos_token_id=2, pad_token_id=0)
model.save_pretrained(folder)
for name in ("tokenizer.json", "tokenizer_config.json"):
    shutil.copy(tokenizer / name, folder / name)
