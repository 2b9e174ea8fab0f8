"""What DPO and KTO share: log-probabilities of whole answers, those of the reference beside them, and figures under TRL's names."""

import itertools
from collections.abc import Iterator
from typing import Any

import torch

from worker.compute.row_batch import Example, Row, lay_rows, num_targets, pad_rows
from worker.errors import WorkerError
from worker.training.packed_trainer import PackedTrainer
from worker.training.processes import sum_of

#: Share of an answer's log-probability by which the policy may differ from the reference before its first step: float32 has
#: 24 bits and bfloat16 8, and other rows in a batch round otherwise.
SAME_REFERENCE = {"float32": 1e-3, "bfloat16": 0.05}


class PreferenceTrainer(PackedTrainer):
    """A mixin before DPOTrainer or KTOTrainer. Rows of an example are those that `inspect` wrote, in their order."""

    def __init__(self, *args: Any, **options: Any) -> None:
        #: Of each figure, its sum over examples and their number.
        self._sums: dict[str, list[float]] = {}
        super().__init__(*args, **options)

    def rows_of(self, example: Example) -> list[Row]:
        return example["rows"]  # type: ignore[no-any-return]

    def beside(self, examples: list[Example]) -> dict[str, Any]:
        reference = [value for example in examples for row in example.get("reference", []) for value in row]
        return {"reference": torch.tensor(reference), "num_examples": len(examples)}

    def _prepare_dataset(self, dataset: Any, *_: Any) -> Any:
        """Rows have been tokenized by `inspect`."""
        return dataset

    def _precompute_ref_logps(self, dataset: Any, *_: Any) -> Any:
        """The reference is computed by worker/training/reference.py."""
        return dataset

    def _get_num_items_in_batch(self, batch_samples: list, device: torch.device) -> Any:
        """Examples of the step, in all processes; None for TRL's own loss, which is a mean of each batch."""
        if not self.is_packed:
            return None
        return int(sum_of([float(sum(batch["num_examples"] for batch in batch_samples))])[0])

    def answer_logprobs(self, model: Any, inputs: dict[str, Any]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Of each row [rows]: log-probability of its targets under the policy and under the reference, and their number.

        Raises WorkerError reference-differs when they are not equal before the first step.
        """
        owners, reference = inputs["owners"], inputs.pop("reference")
        num_rows = len(inputs["tree"].places)
        inputs.pop("num_examples")
        logprobs = self.target_logprobs(model, inputs)
        # Schulman's k3, an estimate of how far the policy is from the reference at these answers' tokens: both are not its own.
        behind = reference - logprobs.detach()
        self.note({"token_kl": behind.exp() - 1 - behind})
        sums, references, counts = (
            values.new_zeros(num_rows).index_add_(0, owners, values) for values in (logprobs, reference, torch.ones_like(reference))
        )
        if self.state.global_step == 0 and self.model.training:  # type: ignore[union-attr]
            self._refuse_other_reference(sums.detach(), references)
        return sums, references, counts

    def _refuse_other_reference(self, policy: torch.Tensor, reference: torch.Tensor) -> None:
        values = self.plan["values"]
        if values["model"]["use_peft"] and values["lora"]["lora_dropout"]:
            # The reference drops nothing.
            return
        limit = SAME_REFERENCE[values["model"]["precision"]]
        difference = (policy - reference).abs().max().item()
        if difference > limit * max(1.0, reference.abs().max().item()):
            raise WorkerError("reference-differs", difference=f"{difference:.2g}")

    def row_logprobs(self, model: Any, examples: list[Example]) -> Iterator[list[float]]:
        rows = [row for example in examples for row in self.rows_of(example)]
        if not self.is_packed:
            return self._padded_logprobs(model, rows)
        # What is kept below the first adapted layer is computed row by row, by the steps.
        frozen, self.frozen_layers = self.frozen_layers, None
        logprobs = iter(self.target_logprobs(model, self._prepare_inputs(lay_rows(rows, self.shares))).tolist())
        self.frozen_layers = frozen
        return iter([list(itertools.islice(logprobs, num_targets(row))) for row in rows])

    def _padded_logprobs(self, model: Any, rows: list[Row]) -> Iterator[list[float]]:
        batch = self._prepare_inputs(pad_rows(rows, self.pad_token))
        mask = batch.pop("completion_mask")
        labels = batch["input_ids"].masked_fill(mask == 0, -100)
        # TRL's own head (trl/trainer/utils.py, add_fused_lm_head).
        found = model(**batch, labels=labels, use_cache=False, fused_lm_head=True).log_probs
        return iter([row[mask_of_row[1:] == 1].tolist() for row, mask_of_row in zip(found, mask)])

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
