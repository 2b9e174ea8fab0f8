"""Which plain computations of a model are replaced. Each is one file here; a recipe's `plain` keeps those it names.

The names are those of `Replacement` (src/protocol/methods/shared-settings.ts).
"""

from typing import Any

from worker.compute.adapted_projection import share_projections
from worker.compute.frozen_layers import FrozenLayers
from worker.compute.gated_product import replace_gated_products
from worker.compute.last_layer import keep_supervised
from worker.compute.rms_norm import replace_norms
from worker.compute.rotary import replace_rotary
from worker.compute.sparse_experts import replace_experts
from worker.protocol import Plan


def replaces(plan: Plan, name: str) -> bool:
    """Whether a computation is replaced. What rests on another that is plain is plain too."""
    plain = plan["values"]["model"]["plain"]
    needs = ("padding_free", "fused_loss") if name in ("shared_prefix", "last_layer", "frozen_layers") else ()
    return not any(one in plain for one in (name, *needs))


def replace_computations(model: Any, plan: Plan) -> FrozenLayers | None:
    """Replaces forward passes of modules in place. `model`: the base model, with its adapter injected.

    Names of parameters stay, so that what is saved is what Transformers and PEFT save. Returns what keeps the hidden
    states below the first adapted layer; None where that is the first of all.
    """
    if replaces(plan, "sparse_experts"):
        replace_experts(model)
    if replaces(plan, "fused_projection"):
        share_projections(model)
    if replaces(plan, "recomputed"):
        replace_norms(model)
        replace_gated_products(model)
        replace_rotary()
    # Last: it wraps what the others have put into the layer.
    if replaces(plan, "last_layer"):
        keep_supervised(model)
    adapted = plan["values"]["lora"]["layers_to_transform"] if plan["values"]["model"]["use_peft"] else None
    num_frozen = min(adapted) if adapted else 0
    # With parts of the weights in each process all would have to compute equally many rows.
    if not num_frozen or plan["values"]["model"]["fsdp"] or not replaces(plan, "frozen_layers"):
        return None
    return FrozenLayers(model, num_frozen, plan["values"]["training"]["num_train_epochs"] > 1)
