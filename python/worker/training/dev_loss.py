"""The dev loss: per token over all dev rows, so that it depends on neither batch size nor number of processes."""

from typing import Any

import torch
from torch.utils.data import DataLoader
from transformers.trainer_utils import EvalLoopOutput
from trl import SFTTrainer

from worker.training.processes import sum_of


class DevLossPerToken(SFTTrainer):
    """SFTTrainer, which averages the means of batches, with a loss per supervised token instead."""

    def evaluation_loop(
        self,
        dataloader: DataLoader,
        description: str,
        prediction_loss_only: bool | None = None,
        ignore_keys: list[str] | None = None,
        metric_key_prefix: str = "eval",
    ) -> EvalLoopOutput:
        """Each process takes its own batches of `eval_dataset`: the loader would repeat rows to give all the same number."""
        rows: Any = self.eval_dataset
        model: Any = self.model
        size, rank = self.args.per_device_eval_batch_size, self.args.process_index
        total, num_tokens = 0.0, 0.0
        model.eval()
        for start in range(0, len(rows), size * self.args.world_size):
            mine = list(range(start + rank * size, min(len(rows), start + (rank + 1) * size)))
            # A process without rows computes one that does not count: with sharded weights the others wait for it.
            batch = self._prepare_inputs(self.data_collator([rows[row] for row in mine or [0]]))
            count = int((batch["labels"][..., 1:] != -100).sum()) if mine else 0
            with torch.no_grad():
                loss = self.compute_loss(model, batch)
            total += float(loss) * count if count else 0.0  # type: ignore[arg-type]
            num_tokens += count
        total, num_tokens = sum_of([total, num_tokens])
        metrics = {f"{metric_key_prefix}_loss": total / max(num_tokens, 1)}
        return EvalLoopOutput(predictions=None, label_ids=None, metrics=metrics, num_samples=len(rows))  # type: ignore[arg-type]
