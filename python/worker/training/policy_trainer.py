"""What DPO and KTO share: log-probabilities of whole answers, and those of the reference beside them."""

import itertools
from collections.abc import Iterator
from typing import Any

import torch

from worker.compute.row_batch import Example, Row, lay_rows, num_targets, pad_rows
from worker.errors import WorkerError
from worker.life import Attempt
from worker.training.preference_trainer import PreferenceTrainer
from worker.training.reference import with_reference

#: Share of an answer's log-probability by which the policy may differ from the reference before its first step: float32 has
#: 24 bits and bfloat16 8, and other rows in a batch round otherwise.
SAME_REFERENCE = {"float32": 1e-3, "bfloat16": 0.05}


#: What TRL's config of such a method gets beside the plan's own.
POLICY_OPTIONS = {
    # Llama 4 declares a coefficient and computes no such loss (transformers#48889).
    "router_aux_loss_coef": 0.0,
    "precompute_ref_log_probs": True,
}


class PolicyTrainer(PreferenceTrainer):
    """A mixin before DPOTrainer or KTOTrainer."""

    def beside(self, examples: list[Example]) -> dict[str, Any]:
        reference = [value for example in examples for row in example.get("reference", []) for value in row]
        return super().beside(examples) | {"reference": torch.tensor(reference)}

    def completed(self, attempt: Attempt, split: str, examples: list[Example]) -> list[Example]:
        # TRL's copy of an adapter that is trained further: the reference is computed before the first step.
        model: Any = self.model
        if "ref" in getattr(model, "peft_config", {}):
            model.delete_adapter("ref")
        return with_reference(attempt, self.plan, self, split, examples)

    def _precompute_ref_logps(self, dataset: Any, *_: Any) -> Any:
        """The reference is computed by worker/training/reference.py."""
        return dataset

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
