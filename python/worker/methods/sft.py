"""Supervised fine-tuning through TRL's SFTTrainer: LoRA, rsLoRA, QLoRA or all weights. Run: python -m worker sft <attempt folder>"""

from pathlib import Path
from typing import Any

from datasets import Dataset
from trl import SFTConfig

from worker.compute.replace import replace_computations, replaces
from worker.data.inspect import read_tokens
from worker.data.masks import labels_of
from worker.life import Attempt
from worker.training.adapter import hold_adapter_in_float32, with_adapter
from worker.training.arguments import training_arguments
from worker.training.load_policy import load_policy
from worker.training.packed_trainer import PackedTrainer, as_drawn
from worker.training.processes import start_processes
from worker.training.progress import ProgressReporter
from worker.training.train import train_and_write


def run(attempt: Attempt) -> None:
    """Trains as plan.json says and writes the artifact.

    Raises WorkerError coverage-differs, no-gradient, diverged when the loss is no number, adapter-unchanged when
    training did nothing, artifact-differs when what was saved is not what was trained.
    """
    plan = attempt.plan()
    assert plan["method"] == "sft"
    values = plan["values"]
    start_processes(attempt, plan)
    model, tokenizer = load_policy(attempt, plan)
    attempt.events.phase("reading the rows")
    rows = attempt.run_folder / "data"
    train = _dataset(rows / "tokens-train.jsonl")
    dev = _dataset(rows / "tokens-dev.jsonl") if plan["data"]["num_dev_rows"] else None
    config = SFTConfig(
        **training_arguments(attempt, plan),
        # `inspect` has cut and checked the rows; nothing is truncated here.
        max_length=None,
        # Llama 4 declares a coefficient and computes no such loss (transformers#48889).
        router_aux_loss_coef=0.0,
    )
    model, adapter = with_adapter(model, plan)
    reporter = ProgressReporter(attempt, plan)
    trainer = PackedTrainer(
        model=model,
        args=config,
        train_dataset=train,
        eval_dataset=dev,
        processing_class=tokenizer,
        peft_config=adapter,
        data_collator=as_drawn if replaces(plan, "padding_free") else None,
        callbacks=[reporter],
    )
    trainer.plan = plan
    hold_adapter_in_float32(trainer.model)  # type: ignore[arg-type]
    trained: Any = trainer.model
    trainer.frozen_layers = replace_computations(trained.get_base_model() if values["model"]["use_peft"] else trained, plan)
    train_and_write(attempt, plan, trainer, reporter)


def _dataset(path: Path) -> Dataset:
    """Rows with supervised tokens; a row without any is present only if the recipe allows it."""
    rows = [row for row in read_tokens(path) if row["supervised"]]
    return Dataset.from_list([{"input_ids": row["input_ids"], "labels": labels_of(row)} for row in rows])
