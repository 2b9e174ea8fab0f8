"""What every TRL config gets beside the plan's own values: fixed for correctness, each with its reason."""

from typing import Any

import torch

from worker.life import Attempt
from worker.protocol import Plan
from worker.training.sharding import sharding_arguments


def training_arguments(attempt: Attempt, plan: Plan) -> dict[str, Any]:
    """Keyword arguments of TrainingArguments: the plan's own, and what is the same for every run."""
    training = plan["values"]["training"]
    has_dev = plan["data"]["num_dev_rows"] > 0
    return {
        **training,
        "output_dir": str(attempt.run_folder / "checkpoints"),
        "use_cpu": not torch.cuda.is_available(),
        "bf16": plan["values"]["model"]["precision"] == "bfloat16",
        "per_device_eval_batch_size": training["per_device_train_batch_size"],
        "data_seed": training["seed"],
        "optim": "adamw_torch",
        "eval_strategy": "steps" if has_dev else "no",
        "save_strategy": "steps",
        "metric_for_best_model": "eval_loss" if has_dev else None,
        "greater_is_better": False if has_dev else None,
        # Each step is an event, and a loss that is no number ends the run: neither may be averaged away.
        "logging_steps": 1,
        "logging_nan_inf_filter": False,
        "disable_tqdm": True,
        "report_to": [],
        # The collators need columns that the model's forward pass does not name.
        "remove_unused_columns": False,
        **sharding_arguments(plan),
    }
