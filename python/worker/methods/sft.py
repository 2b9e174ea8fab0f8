"""Supervised fine-tuning through TRL's SFTTrainer: LoRA, rsLoRA, QLoRA or all weights. Run: python -m worker sft <attempt folder>"""

from pathlib import Path
from typing import Any

from datasets import Dataset
from transformers import PreTrainedModel
from trl import SFTConfig

from worker.compute.fused_loss import frozen_head_loss
from worker.compute.padding_free import collate_padding_free
from worker.data.inspect import read_tokens
from worker.data.masks import labels_of
from worker.life import Attempt
from worker.training.adapter import hold_adapter_in_float32, with_adapter
from worker.training.arguments import training_arguments
from worker.training.dev_loss import DevLossPerToken
from worker.training.load_policy import load_policy
from worker.training.processes import start_processes
from worker.training.progress import ProgressReporter
from worker.training.sharding import whole
from worker.training.train import train_and_write


class FusedLossTrainer(DevLossPerToken):
    """SFTTrainer whose loss head sees supervised tokens only."""

    def compute_loss(self, model: Any, inputs: dict[str, Any], return_outputs: bool = False, num_items_in_batch: Any = None):  # noqa: ANN201
        labels = inputs.pop("labels")
        base: PreTrainedModel = self.accelerator.unwrap_model(model).get_base_model()
        # Through `model` and not `base`, so that a distributed wrapper sees the forward pass; it returns hidden states.
        hidden = model(**inputs, use_cache=False, logits_to_keep=1, output_hidden_states=True).hidden_states[-1]
        count = (labels != -100).sum() if num_items_in_batch is None else num_items_in_batch
        head = whole(base.get_output_embeddings().weight)
        # Under mixed precision the forward pass hands out float32.
        loss = frozen_head_loss(hidden.flatten(0, 1).to(head.dtype), head, labels.flatten(), count)
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
    trainer_class = FusedLossTrainer if values["model"]["fused_loss"] else DevLossPerToken
    trainer = trainer_class(
        model=model,
        args=config,
        train_dataset=train,
        eval_dataset=dev,
        processing_class=tokenizer,
        peft_config=adapter,
        data_collator=collate_padding_free if values["model"]["padding_free"] else None,
        callbacks=[reporter],
    )
    hold_adapter_in_float32(trainer.model)  # type: ignore[arg-type]
    train_and_write(attempt, plan, trainer, reporter)


def _dataset(path: Path) -> Dataset:
    """Rows with supervised tokens; a row without any is present only if the recipe allows it."""
    rows = [row for row in read_tokens(path) if row["supervised"]]
    return Dataset.from_list([{"input_ids": row["input_ids"], "labels": labels_of(row)} for row in rows])
