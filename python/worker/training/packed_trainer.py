"""The trainer of rows laid end to end: how a step's rows become batches, and the loss as log-probabilities of its targets."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch.utils.hooks import RemovableHandle

from worker.compute.frozen_layers import FrozenLayers
from worker.compute.head import head_of
from worker.compute.replace import replaces
from worker.compute.row_batch import Row, batches_of, group_rows, lay_rows, supervised_places
from worker.compute.token_logprobs import token_logprobs
from worker.protocol import Plan
from worker.training.dev_loss import DevLossPerToken
from worker.training.sharding import whole


@dataclass
class Drawn:
    """Rows that the trainer's sampler has drawn: not a list, which accelerate would walk through token by token."""

    rows: list[Row]


def as_drawn(rows: list[Row]) -> dict[str, Drawn]:
    """The data collator of a PackedTrainer: a batch is made when all rows of its step are known."""
    return {"drawn": Drawn(rows)}


class PackedTrainer(DevLossPerToken):
    """SFTTrainer with the replaced computations that the plan wants."""

    plan: Plan
    frozen_layers: FrozenLayers | None = None

    def collate(self, rows: list[Row]) -> dict[str, Any]:
        """One batch of the rows, on the trainer's device."""
        if not replaces(self.plan, "padding_free"):
            return self._prepare_inputs(self.data_collator(rows))  # type: ignore[no-any-return]
        return self._prepare_inputs(lay_rows(rows, replaces(self.plan, "shared_prefix")))  # type: ignore[no-any-return]

    def dev_batches(self, rows: list[Row]) -> list[list[Row]]:
        """As many tokens as the heaviest train batch computes; padded, as many rows."""
        if not replaces(self.plan, "padding_free"):
            size = self.args.per_device_train_batch_size
            return [rows[start : start + size] for start in range(0, len(rows), size)]
        return batches_of(rows, self.plan["data"]["heaviest_batch_tokens"], replaces(self.plan, "shared_prefix"))

    def get_batch_samples(self, epoch_iterator: Iterator, num_batches: int, device: torch.device) -> tuple[list, Any]:
        """The rows of one optimizer step, laid anew into as many batches: which rows share a batch changes no gradient."""
        if not replaces(self.plan, "padding_free"):
            return super().get_batch_samples(epoch_iterator, num_batches, device)
        drawn = [batch["drawn"].rows for _, batch in zip(range(num_batches), epoch_iterator)]
        rows = [row for batch in drawn for row in batch]
        batches = [self.collate(group) for group in group_rows(rows, len(drawn), replaces(self.plan, "shared_prefix"))] if rows else []
        return batches, self._get_num_items_in_batch(batches, device)

    def compute_loss(self, model: Any, inputs: dict[str, Any], return_outputs: bool = False, num_items_in_batch: Any = None):  # noqa: ANN201
        """The mean negative log-probability of the targets; over `num_items_in_batch` of them where that is given."""
        labels = inputs.pop("labels")
        kept, sources, targets = (inputs.pop(name, None) for name in ("kept", "sources", "shift_labels"))
        if not replaces(self.plan, "fused_loss"):
            return super().compute_loss(model, inputs | {"labels": labels}, return_outputs, num_items_in_batch)
        if kept is None:
            kept, targets = supervised_places(labels)
            sources = torch.arange(len(kept), device=kept.device)
        base = self.accelerator.unwrap_model(model).get_base_model() if self.is_adapter else self.accelerator.unwrap_model(model)
        is_cut = replaces(self.plan, "last_layer")
        given = self.frozen_layers.restore(inputs) if self.frozen_layers else inputs
        hidden = _last_hidden_states(model, base, given | ({"kept": kept} if is_cut else {})).flatten(0, 1)
        hidden = hidden if is_cut else hidden.index_select(0, kept)
        weight, softcap = head_of(base)
        logprobs = token_logprobs(hidden.index_select(0, sources), whole(weight), targets, softcap)
        loss = -logprobs.sum() / (num_items_in_batch if num_items_in_batch is not None else max(len(targets), 1))
        # As in SFTTrainer: the count is over all ranks, and DDP averages their gradients.
        loss = loss * self.accelerator.num_processes if num_items_in_batch is not None else loss
        return (loss, None) if return_outputs else loss

    @property
    def is_adapter(self) -> bool:
        return self.plan["values"]["model"]["use_peft"]


def _last_hidden_states(model: Any, base: Any, inputs: dict[str, Any]) -> torch.Tensor:
    """[rows, places, width] after the last norm. Through `model` and not its decoder, so that a distributed wrapper sees the forward pass."""
    found: list[torch.Tensor] = []
    hook: RemovableHandle = base.get_decoder().register_forward_hook(lambda _, __, output: found.append(output.last_hidden_state))
    try:
        # Of no place logits are wanted.
        nothing = torch.empty(0, dtype=torch.long, device=base.device)
        model(**inputs, use_cache=False, logits_to_keep=nothing)
    finally:
        hook.remove()
    return found[0]
