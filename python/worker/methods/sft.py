"""Supervised fine-tuning through TRL's SFTTrainer: LoRA, rsLoRA, QLoRA or all weights. Run: python -m worker sft <attempt folder>"""

from pathlib import Path
from typing import Any

from datasets import Dataset
from trl import SFTConfig, SFTTrainer

from worker.compute.replace import replaces
from worker.compute.row_batch import Example, Row, num_targets
from worker.data.inspect import read_examples, teaches
from worker.data.masks import labels_of
from worker.life import Attempt
from worker.training.adapter import with_adapter
from worker.training.arguments import training_arguments
from worker.training.load_policy import load_policy
from worker.training.packed_trainer import PackedTrainer, as_drawn
from worker.training.processes import start_processes
from worker.training.progress import ProgressReporter
from worker.training.train import prepare_trainer, train_and_write


class SftTrainer(PackedTrainer, SFTTrainer):
    """SFTTrainer, whose collator is asked when the rows of a step are known."""

    pads: Any

    def rows_of(self, example: Example) -> list[Row]:
        return [example]

    def padded(self, examples: list[Example]) -> dict[str, Any]:
        return self.pads(examples)  # type: ignore[no-any-return]

    def num_items(self, examples: list[Example]) -> int:
        return sum(num_targets(example) for example in examples)

    def compute_loss(self, model: Any, inputs: dict[str, Any], return_outputs: bool = False, num_items_in_batch: Any = None):  # noqa: ANN201
        """The mean negative log-probability of the targets; over `num_items_in_batch` of them where that is given."""
        if not replaces(self.plan, "fused_loss"):
            for name in ("kept", "sources", "owners", "shift_labels"):
                inputs.pop(name, None)
            return super().compute_loss(model, inputs, return_outputs, num_items_in_batch)
        logprobs = self.target_logprobs(model, inputs)
        loss = -logprobs.sum() / (num_items_in_batch if num_items_in_batch is not None else max(len(logprobs), 1))
        # As in SFTTrainer: the count is over all ranks, and DDP averages their gradients.
        loss = loss * self.accelerator.num_processes if num_items_in_batch is not None else loss
        return (loss, None) if return_outputs else loss


def run(attempt: Attempt) -> None:
    """Trains as plan.json says and writes the artifact.

    Raises WorkerError coverage-differs, no-gradient, diverged when the loss is no number, adapter-unchanged when
    training did nothing, artifact-differs when what was saved is not what was trained.
    """
    plan = attempt.plan()
    assert plan["method"] == "sft"
    start_processes(attempt, plan)
    model, tokenizer = load_policy(attempt, plan)
    attempt.events.phase("reading the rows")
    rows = attempt.run_folder / "data"
    config = SFTConfig(
        **training_arguments(attempt, plan),
        # `inspect` has cut and checked the rows; nothing is truncated here.
        max_length=None,
        # Llama 4 declares a coefficient and computes no such loss (transformers#48889).
        router_aux_loss_coef=0.0,
    )
    model, adapter = with_adapter(model, plan)
    reporter = ProgressReporter(attempt, plan)
    trainer = SftTrainer(
        model=model,
        args=config,
        train_dataset=_dataset(rows / "tokens-train.jsonl"),
        eval_dataset=_dataset(rows / "tokens-dev.jsonl") if plan["data"]["num_dev_rows"] else None,
        processing_class=tokenizer,
        peft_config=adapter,
        callbacks=[reporter],
    )
    trainer.pads, trainer.data_collator = trainer.data_collator, as_drawn
    prepare_trainer(trainer, plan)
    train_and_write(attempt, plan, trainer, reporter)


def _dataset(path: Path) -> Dataset:
    """Rows with supervised tokens; a row without any is present only if the recipe allows it."""
    rows = [row for example in read_examples(path) if teaches(example) for row in example]
    return Dataset.from_list([{"input_ids": row["input_ids"], "labels": labels_of(row)} for row in rows])
