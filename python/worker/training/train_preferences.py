"""What methods on preferences do alike: rows, what a policy is compared with, training, the artifact."""

from pathlib import Path
from typing import Any

from datasets import Dataset

from worker.compute.row_batch import Example
from worker.data.inspect import read_examples, teaches
from worker.data.masks import labels_of
from worker.life import Attempt
from worker.training.adapter import with_adapter
from worker.training.arguments import training_arguments
from worker.training.load_policy import load_policy
from worker.training.packed_trainer import as_drawn
from worker.training.processes import start_processes
from worker.training.progress import ProgressReporter
from worker.training.train import prepare_trainer, train_and_write


def train_preferences(attempt: Attempt, trainer_class: Any, config_class: Any, **options: Any) -> None:
    """Trains as plan.json says and writes the artifact; `options` are of the config. Raises as methods/sft.py, and WorkerError reference-differs."""
    plan = attempt.plan()
    start_processes(attempt, plan)
    model, tokenizer = load_policy(attempt, plan)
    attempt.events.phase("reading the rows")
    splits = ["train", "dev"] if plan["data"]["num_dev_rows"] else ["train"]
    examples = {split: read_preferences(attempt.run_folder / "data" / f"tokens-{split}.jsonl") for split in splits}
    config = config_class(
        **training_arguments(attempt, plan),
        # `inspect` has cut and checked the rows; nothing is truncated here.
        max_length=None,
        # TRL would take out the dropout that the recipe asks for.
        disable_dropout=False,
        **options,
    )
    model, adapter = with_adapter(model, plan)
    reporter = ProgressReporter(attempt, plan, has_first_samples=True)
    datasets = {split: Dataset.from_list(rows) for split, rows in examples.items()}
    trainer = trainer_class(
        model=model,
        args=config,
        train_dataset=datasets["train"],
        eval_dataset=datasets.get("dev"),
        processing_class=tokenizer,
        peft_config=adapter,
        data_collator=as_drawn,
        callbacks=[reporter],
    )
    prepare_trainer(trainer, plan)
    # Packed, a loss is over all examples of its step; TRL's own is a mean of each batch.
    trainer.loss_is_scaled_for_ga = trainer.is_packed
    whole = {split: trainer.completed(attempt, split, rows) for split, rows in examples.items()}
    trainer.train_dataset, trainer.eval_dataset = Dataset.from_list(whole["train"]), whole.get("dev")
    train_and_write(attempt, plan, trainer, reporter)


def read_preferences(path: Path) -> list[Example]:
    """Examples with supervised tokens in each of their texts; `label` is of labelled answers, `margin` of pairs that have one."""
    return [
        {"rows": [{"input_ids": row["input_ids"], "labels": labels_of(row)} for row in example]}
        | {name: value for name, value in example[0].items() if name in ("label", "margin")}
        for example in read_examples(path)
        if teaches(example)
    ]
