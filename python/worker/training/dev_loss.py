"""The dev loss: per token over all dev rows, so that it depends on neither batch size nor number of processes."""

from typing import Any

import torch
from torch.utils.data import DataLoader
from transformers.trainer_utils import EvalLoopOutput
from trl import SFTTrainer

from worker.compute.row_batch import Row
from worker.training.processes import sum_of


class DevLossPerToken(SFTTrainer):
    """SFTTrainer, which averages the means of batches, with a loss per supervised token instead."""

    def collate(self, rows: list[Row]) -> dict[str, Any]:
        """One batch of the rows, on the trainer's device."""
        raise NotImplementedError

    def dev_batches(self, rows: list[Row]) -> list[list[Row]]:
        """The dev rows as batches that need no more memory than a train batch does."""
        raise NotImplementedError

    def evaluation_loop(
        self,
        dataloader: DataLoader,
        description: str,
        prediction_loss_only: bool | None = None,
        ignore_keys: list[str] | None = None,
        metric_key_prefix: str = "eval",
    ) -> EvalLoopOutput:
        """Each process takes its own batches of `eval_dataset`: the loader would repeat rows to give all the same number."""
        rows: list[Row] = list(self.eval_dataset)  # type: ignore[arg-type]
        model: Any = self.model
        batches = self.dev_batches(rows)
        total, num_targets = 0.0, 0.0
        model.eval()
        for start in range(0, len(batches), self.args.world_size):
            own = start + self.args.process_index
            # A process without a batch computes one that does not count: with sharded weights the others wait for it.
            batch = self.collate(batches[own] if own < len(batches) else batches[0])
            count = sum((torch.tensor(row["labels"][1:]) != -100).sum().item() for row in batches[own]) if own < len(batches) else 0
            with torch.no_grad():
                loss = self.compute_loss(model, batch)
            total += float(loss) * count if count else 0.0  # type: ignore[arg-type]
            num_targets += count
        total, num_targets = sum_of([total, num_targets])
        metrics = {f"{metric_key_prefix}_loss": total / max(num_targets, 1)}
        return EvalLoopOutput(predictions=None, label_ids=None, metrics=metrics, num_samples=len(rows))  # type: ignore[arg-type]
