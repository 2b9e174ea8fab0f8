"""What turns hidden states into log-probabilities: the head's weights, and the cap on its logits."""

from typing import Any

import torch


def head_of(model: Any) -> tuple[torch.Tensor, float | None]:
    """The head [vocabulary, width] of a base model, and Gemma's `final_logit_softcapping` (None: none).

    An adapter on the head is added to its weights: its gradient comes through theirs.
    """
    head = model.get_output_embeddings()
    softcap = getattr(model.config.get_text_config(), "final_logit_softcapping", None)
    if not hasattr(head, "base_layer"):
        return head.weight, softcap
    weight = head.base_layer.weight
    for name in head.active_adapters:
        weight = weight + head.scaling[name] * (head.lora_B[name].weight @ head.lora_A[name].weight).to(weight.dtype)
    return weight, softcap
