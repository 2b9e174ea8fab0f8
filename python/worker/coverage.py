"""Which share of the model's parameters an adapter reaches, by class of module."""

from typing import Literal

import torch

from worker.protocol import EventRunStartCoverageItem

ModuleClass = Literal["attention", "mlp", "embeddings", "head", "norm", "other"]


def module_coverage(model: torch.nn.Module) -> list[EventRunStartCoverageItem]:
    """One entry per class that has parameters.

    `num_adapted_parameters` counts the frozen weights that carry an adapter, `num_trained_parameters` what the
    optimizer changes. A tied head is counted once, with the embeddings.
    """
    totals: dict[ModuleClass, list[int]] = {}
    adapted = {name.split(".lora_A.")[0] for name, _ in model.named_parameters() if ".lora_A." in name}
    for name, parameter in model.named_parameters():
        entry = totals.setdefault(_class_of(name), [0, 0, 0])
        if ".lora_" in name:
            entry[2] += parameter.numel() if parameter.requires_grad else 0
            continue
        entry[0] += parameter.numel()
        entry[1] += parameter.numel() if name.split(".base_layer.")[0] in adapted else 0
        entry[2] += parameter.numel() if parameter.requires_grad else 0
    return [
        {
            "module_class": module_class,
            "num_parameters": entry[0],
            "num_adapted_parameters": entry[1],
            "num_trained_parameters": entry[2],
        }
        for module_class, entry in totals.items()
    ]


def _class_of(name: str) -> ModuleClass:
    if "norm" in name:
        return "norm"
    if ".self_attn." in name:
        return "attention"
    if ".mlp." in name:
        return "mlp"
    if "embed_tokens" in name:
        return "embeddings"
    return "head" if "lm_head" in name else "other"
