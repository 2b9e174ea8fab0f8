"""Weights sharded over the processes (FSDP2): what the trainer is told, and the whole weights at the end."""

from typing import Any

import torch
from torch.distributed.tensor import DTensor
from transformers import Trainer

from worker.protocol import Plan


def sharding_arguments(plan: Plan) -> dict[str, Any]:
    """Keyword arguments of TrainingArguments; they replace the plan's own where both are given."""
    values = plan["values"]
    if not values["model"]["fsdp"]:
        return {}
    config = {
        "version": 2,
        # One file of all weights: a checkpoint can be read by another number of processes.
        "state_dict_type": "FULL_STATE_DICT",
        # The trainer's own would gather the weights once more for its second pass (transformers, training_args.py).
        "activation_checkpointing": values["training"]["gradient_checkpointing"],
    }
    return {"fsdp": True, "fsdp_config": config, "gradient_checkpointing": False}


def whole_state(plan: Plan, trainer: Trainer) -> dict[str, torch.Tensor] | None:
    """The trained weights gathered on rank 0, in memory of the CPU; None where no weight is sharded. A collective."""
    if not plan["values"]["model"]["fsdp"]:
        return None
    state: Any = trainer.accelerator.get_state_dict(trainer.model)
    # Gathered, a tied head is a tensor of its own.
    tied = getattr(trainer.model, "all_tied_weights_keys", {})
    return {name: weights for name, weights in state.items() if name not in tied}


def whole(tensor: torch.Tensor) -> torch.Tensor:
    """A sharded tensor as one. A collective for a sharded one."""
    return tensor.full_tensor() if isinstance(tensor, DTensor) else tensor


def own_part(tensor: torch.Tensor) -> torch.Tensor:
    """What this process holds of a tensor."""
    return tensor.to_local() if isinstance(tensor, DTensor) else tensor
