"""What methods on preferences share: an example's rows, losses over all examples of a step, and figures under TRL's names."""

from typing import Any

import torch

from worker.compute.row_batch import Example, Row
from worker.life import Attempt
from worker.training.packed_trainer import PackedTrainer
from worker.training.processes import sum_of


class PreferenceTrainer(PackedTrainer):
    """A mixin before one of TRL's trainers of preferences. Rows of an example are those that `inspect` wrote, in their order."""

    def __init__(self, *args: Any, **options: Any) -> None:
        #: Of each figure, its sum over examples and their number.
        self._sums: dict[str, list[float]] = {}
        super().__init__(*args, **options)

    def rows_of(self, example: Example) -> list[Row]:
        return example["rows"]  # type: ignore[no-any-return]

    def beside(self, examples: list[Example]) -> dict[str, Any]:
        return {"num_examples": len(examples)}

    def _prepare_dataset(self, dataset: Any, *_: Any) -> Any:
        """Rows have been tokenized by `inspect`."""
        return dataset

    def completed(self, attempt: Attempt, split: str, examples: list[Example]) -> list[Example]:
        """The examples of a split with what their losses need beside tokens; before the first step."""
        return examples

    def _get_num_items_in_batch(self, batch_samples: list, device: torch.device) -> Any:
        """Examples of the step, in all processes; None for TRL's own loss, which is a mean of each batch."""
        if not self.is_packed:
            return None
        return int(sum_of([float(sum(batch["num_examples"] for batch in batch_samples))])[0])

    def mean_loss(self, losses: torch.Tensor, num_items_in_batch: int | None) -> torch.Tensor:
        """Of the losses of a batch's examples: their mean, or their part of the mean over `num_items_in_batch` in all processes."""
        if not num_items_in_batch:
            return losses.mean()
        # DDP averages the gradients of the processes.
        return losses.sum() / num_items_in_batch * self.accelerator.num_processes

    @property
    def pad_token(self) -> int:
        tokenizer: Any = self.processing_class
        return tokenizer.pad_token_id  # type: ignore[no-any-return]

    def note(self, figures: dict[str, torch.Tensor]) -> None:
        """Adds values of examples to the means that are logged next."""
        for name, values in figures.items():
            entry = self._sums.setdefault(name, [0.0, 0.0])
            # A process without a dev batch names the same figures as the others.
            if self.is_counted:
                entry[0] += values.detach().float().sum().item()
                entry[1] += values.numel()

    def forget_figures(self) -> None:
        self._sums = {}

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """Logs with the means over all examples since the last time, of all processes; a figure of none is left out."""
        sums = self._sums
        self.forget_figures()
        prefix = "" if self.model.training else "eval_"  # type: ignore[union-attr]
        whole = sum_of([value for entry in sums.values() for value in entry])
        for name, total, count in zip(sums, whole[::2], whole[1::2]):
            if count:
                logs[prefix + name] = total / count
        super().log(logs, start_time)  # type: ignore[misc]
