"""The form in which the model is trained: a new adapter, a run's adapter trained further, or all weights."""

from pathlib import Path

import torch
from peft import LoraConfig, PeftModel
from transformers import PreTrainedModel

from worker.families.modules import FROZEN_CLASSES, module_class
from worker.protocol import Plan

#: PEFT matches `target_modules` by the end of a name: a vision tower has a q_proj too, and experts in 4 bits a
#: parametrization called down_proj.
EXCLUDED = r".*(vision_tower|vision_model|multi_modal_projector|router|lm_head|\.experts\.).*"


def with_adapter(model: PreTrainedModel, plan: Plan) -> tuple[PreTrainedModel | PeftModel, LoraConfig | None]:
    """The model in the form that the plan wants, and the config of the adapter that the trainer is to add (None: none).

    Which weights an adapter goes on was resolved in the plan (src/tune/plan/targets.ts).
    """
    values = plan["values"]
    torch.manual_seed(values["training"]["seed"])
    if not values["model"]["use_peft"]:
        freeze_untrained(model)
        return model, None
    parent = plan["models"]["policy"]["adapter"]
    if parent:
        return PeftModel.from_pretrained(model, Path(parent["folder"]), is_trainable=True), None
    return model, LoraConfig(**values["lora"], exclude_modules=EXCLUDED, task_type="CAUSAL_LM")  # type: ignore[arg-type]


def hold_adapter_in_float32(model: torch.nn.Module) -> None:
    """TRL casts the adapter on 4-bit weights to bfloat16, in which small updates are lost (trl/trainer/sft_trainer.py)."""
    for name, parameter in model.named_parameters():
        if parameter.requires_grad and ".lora_" in name:
            parameter.data = parameter.data.float()


def freeze_untrained(model: torch.nn.Module) -> None:
    """For full fine-tuning: everything is trained but router and vision."""
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(module_class(name) not in FROZEN_CLASSES)
