"""The model that is trained, and its tokenizer."""

from pathlib import Path
from typing import Any

import torch
from transformers import AutoTokenizer, PreTrainedModel

from worker.compute.replace import replaces
from worker.compute.tree_attention import TREE_ATTENTION, register_tree_attention
from worker.families.load import DTYPES, load_model
from worker.life import Attempt
from worker.protocol import Plan


def load_policy(attempt: Attempt, plan: Plan) -> tuple[PreTrainedModel, Any]:
    """The base model that is trained, as the plan wants it held, and its tokenizer."""
    attempt.events.phase("loading the model")
    model_values = plan["values"]["model"]
    folder = transformers_folder(plan)
    register_tree_attention()
    attention = TREE_ATTENTION if replaces(plan, "padding_free") else "sdpa"
    model = load_model(folder, held_dtype(plan), attention, model_values["load_in_4bit"], score_seed(plan))
    tokenizer = AutoTokenizer.from_pretrained(folder)
    # Transformers' own reward models read the last token of a row that is none.
    model.config.get_text_config().pad_token_id = tokenizer.pad_token_id
    return model, tokenizer


def score_seed(plan: Plan) -> int | None:
    """Of a reward model's score; None for a model that answers."""
    return plan["values"]["training"]["seed"] if plan["method"] == "reward" else None


def held_dtype(plan: Plan) -> torch.dtype:
    """The type of the loaded weights. Weights that are all trained are float32, and bfloat16 only where they compute.

    An update of 2e-5 of a weight is lost in bfloat16, whose numbers lie 2^-8 apart (Mixed Precision Training, arXiv 1710.03740).
    """
    model_values = plan["values"]["model"]
    return DTYPES[model_values["precision"]] if model_values["use_peft"] else torch.float32


def transformers_folder(plan: Plan) -> Path:
    """Weights and tokenizer of the base model."""
    return Path(plan["models"]["policy"]["folder"]) / "transformers"
