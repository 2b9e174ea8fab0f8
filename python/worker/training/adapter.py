"""The form in which the model is trained: a new adapter, a run's adapter trained further, or all weights."""

from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, PeftModel, get_peft_model, set_peft_model_state_dict
from peft.utils import load_peft_weights
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
    is_reward_model = plan["method"] == "reward"
    parent = plan["models"]["policy"]["adapter"]
    if parent:
        folder = Path(parent["folder"])
        return with_score(model, folder) if is_reward_model else PeftModel.from_pretrained(model, folder, is_trainable=True), None
    # With SEQ_CLS the module `score` is trained and saved beside the adapter (peft/peft_model.py).
    task = "SEQ_CLS" if is_reward_model else "CAUSAL_LM"
    return model, LoraConfig(**values["lora"], exclude_modules=EXCLUDED, task_type=task)  # type: ignore[arg-type]


def with_score(model: Any, folder: Path) -> PeftModel:
    """A reward model with the adapter of a model that answers, or of another reward model, which brings its score with it."""
    config = LoraConfig.from_pretrained(str(folder))
    config.task_type = "SEQ_CLS"
    config.inference_mode = False
    score = model.score.weight.detach().clone()
    adapted = get_peft_model(model, config)
    # PEFT wants every module that is saved whole to be in the file.
    weights = {"base_model.model.score.weight": score} | load_peft_weights(str(folder))
    set_peft_model_state_dict(adapted, weights)
    return adapted  # type: ignore[return-value]


def hold_adapter_in_float32(model: torch.nn.Module) -> None:
    """TRL casts what is trained beside 4-bit weights to bfloat16, in which small updates are lost (trl/trainer/sft_trainer.py)."""
    for parameter in model.parameters():
        if parameter.requires_grad:
            parameter.data = parameter.data.float()


def freeze_untrained(model: torch.nn.Module) -> None:
    """For full fine-tuning: everything is trained but router and vision."""
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(module_class(name) not in FROZEN_CLASSES)
