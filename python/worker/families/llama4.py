"""What Llama 4 needs under TRL. Each shim names its upstream issue, and test_families.py fails when one is no longer needed."""

import torch
from transformers import Llama4ForCausalLM, Llama4ForConditionalGeneration


def shim_text_backbone() -> None:
    """Shows TRL's loss head where the hidden states come from (trl/trainer/utils.py, add_fused_lm_head).

    It asks for `model.base_model`, which is found by `base_model_prefix`. The text class has `language_model` there and
    a decoder called `model`; the wrapper has `model` and no such part. Both then get the whole model, whose output has
    no `last_hidden_state`. Rows here hold no images, so the wrapper's text decoder is all that is needed.
    Upstream: huggingface/transformers#48889.
    """
    Llama4ForCausalLM.base_model_prefix = "model"
    Llama4ForConditionalGeneration.base_model = property(lambda self: self.language_model.model)  # type: ignore[assignment]


def quantize_experts(model: torch.nn.Module, device: torch.device) -> int:
    """Holds the routed experts on `device` as NF4 with double quantisation; returns how many weights that were.

    One at a time, so that the device never holds more than one as it was.

    They are fused Parameters, which bitsandbytes passes over: in Scout 96.6 of 109 billion weights would stay as they
    are (bitsandbytes#1849).
    """
    from bitsandbytes.nn import parametrize

    num_weights = 0
    for module in list(model.modules()):
        if type(module).__name__ != "Llama4TextExperts":
            continue
        for name in ("gate_up_proj", "down_proj"):
            weights = getattr(module, name)
            num_weights += weights.numel()
            # The scales stay where they are made: a later move would leave them behind.
            weights.data = weights.data.to(device)
            parametrize.replace_parameter_4bit(module, name, compress_statistics=True, quant_type="nf4")
    return num_weights
