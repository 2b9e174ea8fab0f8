"""Which weights a LoRA adapter goes on; nonsense is refused here, where PEFT would go on in silence."""

import torch

from worker.errors import WorkerError
from worker.families.modules import FROZEN_CLASSES, LINEAR_CLASSES, module_class

ALL_LINEAR = "all-linear"
#: PEFT matches `target_modules` by the end of a name: a vision tower has a q_proj too, and experts in 4 bits a
#: parametrization called down_proj.
EXCLUDED = r".*(vision_tower|vision_model|multi_modal_projector|router|lm_head|\.experts\.).*"
_EXPERT_NAMES = {"gate_proj", "up_proj", "down_proj"}


def linear_targets(model: torch.nn.Module, asked: list[str], parameters: list[str], allow: list[str]) -> list[str]:
    """Ends of module names for PEFT's `target_modules`.

    Raises WorkerError target-unmatched for a name that matches nothing that may be trained, target-forbidden for
    one that means router or vision, experts-frozen when experts' names are asked for and only the shared one has them.
    """
    linear = [name for name, module in model.named_modules() if isinstance(module, torch.nn.Linear)]
    reachable = [name for name in linear if module_class(name) in LINEAR_CLASSES]
    if ALL_LINEAR in asked:
        return sorted({name.rsplit(".", 1)[-1] for name in reachable})
    known = ", ".join(sorted({name.rsplit(".", 1)[-1] for name in reachable}))
    for target in asked:
        matched = [name for name in linear if _ends_with(name, target)]
        if not matched:
            raise WorkerError("target-unmatched", setting="lora.target_modules", target=target, known=known)
        if all(module_class(name) in FROZEN_CLASSES for name in matched):
            raise WorkerError("target-forbidden", target=target, kind=module_class(matched[0]))
        if not any(name in reachable for name in matched):
            raise WorkerError("target-unmatched", setting="lora.target_modules", target=target, known=known)
    experts = fused_expert_parameters(model)
    is_meant = bool(_EXPERT_NAMES & {target.rsplit(".", 1)[-1] for target in asked if "shared_expert" not in target})
    if experts and is_meant and not parameters and "experts-frozen" not in allow:
        raise WorkerError("experts-frozen", names=", ".join(asked), parameters=", ".join(expert_paths(experts)))
    return asked


def parameter_targets(model: torch.nn.Module, asked: list[str], dropout: float, load_in_4bit: bool) -> list[str]:
    """Ends of parameter names for PEFT's `target_parameters`: fused experts, which are no Linear modules.

    Raises WorkerError target-unmatched (PEFT only warns, peft tuners_utils.py), expert-dropout (PEFT's ParamWrapper
    has no dropout), experts-quantized (PEFT does not see a parameter that bitsandbytes has parametrized).
    """
    if not asked:
        return []
    if load_in_4bit:
        raise WorkerError("experts-quantized", names=", ".join(asked))
    experts = fused_expert_parameters(model)
    known = ", ".join(expert_paths(experts)) or "no parameter: this model has no fused experts"
    for target in asked:
        if not any(_ends_with(name, target) for name in experts):
            raise WorkerError("target-unmatched", setting="lora.target_parameters", target=target, known=known)
    if dropout > 0:
        raise WorkerError("expert-dropout", dropout=dropout)
    return asked


def fused_expert_parameters(model: torch.nn.Module) -> list[str]:
    """Names of the routed experts' fused weights."""
    return [name for name, _ in model.named_parameters() if module_class(name) == "routed experts"]


def expert_paths(names: list[str]) -> list[str]:
    """`model.layers.0.feed_forward.experts.down_proj` → `feed_forward.experts.down_proj`, each once.

    bitsandbytes' 4-bit weights are called `….experts.parametrizations.down_proj.original`.
    """
    plain = (name.replace(".parametrizations", "").removesuffix(".original") for name in names)
    return sorted({".".join(name.split(".")[-3:]) for name in plain})


def freeze_untrained(model: torch.nn.Module) -> None:
    """For full fine-tuning: everything trains but router and vision."""
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(module_class(name) not in FROZEN_CLASSES)


def _ends_with(name: str, target: str) -> bool:
    return name == target or name.endswith(f".{target}")
