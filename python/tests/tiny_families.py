"""Tiny models of every family, built from a config with random weights; tokenizer and template are SmolLM2's."""

import shutil
from pathlib import Path
from typing import Any

FAMILIES = ["llama", "gemma3_text", "gemma3", "llama4_text", "llama4"]

_COMMON: dict[str, Any] = {
    "vocab_size": 49152,
    "hidden_size": 64,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 16,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "pad_token_id": 0,
}
# The window is shorter than a row, so that a window that is forgotten shows; each sixth layer sees everything.
_GEMMA3 = _COMMON | {
    "num_hidden_layers": 6,
    "intermediate_size": 128,
    "sliding_window": 16,
    "query_pre_attn_scalar": 16,
}
_LLAMA4 = _COMMON | {
    "intermediate_size": 64,
    "intermediate_size_mlp": 128,
    "num_local_experts": 4,
    "no_rope_layers": [1, 1, 1, 0],
    "interleave_moe_layer_step": 2,
    "tie_word_embeddings": False,
}
_VISION = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "image_size": 32,
    "patch_size": 8,
}


def tiny_family(family: str, tokenizer_of: Path, folder: Path, chunk: int = 24) -> Path:
    """A model folder as the product's: `transformers/` with weights, config and tokenizer.

    `chunk`: Llama 4's attention chunk; shorter than a row, so that one that is forgotten shows. llama.cpp has 8192.
    """
    import torch
    import transformers as t

    torch.manual_seed(0)
    llama4 = _LLAMA4 | {"attention_chunk_size": chunk}
    model: Any
    match family:
        case "llama":
            model = t.LlamaForCausalLM(t.LlamaConfig(**_COMMON, intermediate_size=128, tie_word_embeddings=True))
        case "gemma3_text":
            model = t.Gemma3ForCausalLM(t.Gemma3TextConfig(**_GEMMA3))
        case "gemma3":
            config = t.Gemma3Config(text_config=_GEMMA3, vision_config=_VISION, mm_tokens_per_image=4)
            model = t.Gemma3ForConditionalGeneration(config)
        case "llama4_text":
            model = t.Llama4ForCausalLM(t.Llama4TextConfig(**llama4))
        case "llama4":
            sizes = {"vision_output_dim": 32, "projector_input_dim": 32, "projector_output_dim": 32}
            model = t.Llama4ForConditionalGeneration(t.Llama4Config(text_config=llama4, vision_config=_VISION | sizes))
    model.generation_config.update(bos_token_id=1, eos_token_id=2, pad_token_id=0)
    model.save_pretrained(folder / "transformers")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(tokenizer_of / "transformers" / name, folder / "transformers" / name)
    return folder
