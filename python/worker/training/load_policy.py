"""The first minute of a run: threads, processes, the model and its tokenizer."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import torch
from transformers import AutoTokenizer, PreTrainedModel

from worker.compute.padding_free import PADDING_FREE_ATTENTION, register_padding_free_attention
from worker.families.load import DTYPES, load_model
from worker.life import Attempt
from worker.protocol import Plan


def start_processes(attempt: Attempt, plan: Plan) -> None:
    """Sets the number of threads, and joins the processes of the attempt into one group."""
    torch.set_num_threads(plan["values"]["run"]["num_threads"])
    if attempt.world_size > 1 and not torch.cuda.is_available():
        # Before TrainingArguments: on CPU its ddp_timeout is ignored and gloo would wait 30 minutes.
        torch.distributed.init_process_group("gloo", timeout=timedelta(minutes=5))


def end_processes(attempt: Attempt) -> None:
    """Leaves the group. Without this 1 of 23 two-process runs ended with an abort after all was saved."""
    if attempt.world_size > 1:
        torch.distributed.barrier()
        torch.distributed.destroy_process_group()


def load_policy(attempt: Attempt, plan: Plan) -> tuple[PreTrainedModel, Any]:
    """The base model that is trained, as the plan wants it held, and its tokenizer."""
    attempt.events.phase("loading the model")
    model_values = plan["values"]["model"]
    folder = transformers_folder(plan)
    register_padding_free_attention()
    attention = PADDING_FREE_ATTENTION if model_values["padding_free"] else "sdpa"
    model = load_model(folder, DTYPES[model_values["precision"]], attention, model_values["load_in_4bit"])
    return model, AutoTokenizer.from_pretrained(folder)


def transformers_folder(plan: Plan) -> Path:
    """Weights and tokenizer of the base model."""
    return Path(plan["models"]["policy"]["folder"]) / "transformers"
