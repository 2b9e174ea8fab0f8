"""The trainer of rows laid end to end: how a step's examples become batches, the log-probabilities of targets, and the dev loss.

A mixin before one of TRL's trainers: each method composes it with the one whose loss is its own (worker/methods).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch.utils.data import DataLoader
from torch.utils.hooks import RemovableHandle
from transformers import Trainer
from transformers.trainer_utils import EvalLoopOutput

from worker.compute.frozen_layers import FrozenLayers
from worker.compute.head import head_of
from worker.compute.replace import replaces
from worker.compute.row_batch import Example, Row, batches_of, group_examples, lay_rows, supervised_places
from worker.compute.token_logprobs import token_logprobs
from worker.protocol import Plan
from worker.training.processes import sum_of
from worker.training.sharding import whole


@dataclass
class Drawn:
    """Examples that the trainer's sampler has drawn: not a list, which accelerate would walk through token by token."""

    examples: list[Example]


def as_drawn(examples: list[Example]) -> dict[str, Drawn]:
    """The data collator of a PackedTrainer: a batch is made when all examples of its step are known."""
    return {"drawn": Drawn(examples)}


class PackedTrainer(Trainer):
    """A trainer with the replaced computations that the plan wants."""

    plan: Plan
    frozen_layers: FrozenLayers | None = None
    #: Whether examples of one step may change batches: not where a loss compares those of a batch.
    may_regroup = True
    #: Whether what is computed now is one of the dev batches of this process.
    is_counted = True
    #: How much of the dev pass is done, 0 to 1.
    dev_share = 0.0

    def rows_of(self, example: Example) -> list[Row]:
        """The rows of an example of the trainer's dataset."""
        raise NotImplementedError

    def padded(self, examples: list[Example]) -> dict[str, Any]:
        """A padded batch, as TRL's own trainer takes it."""
        raise NotImplementedError

    def beside(self, examples: list[Example]) -> dict[str, Any]:
        """What a batch of rows laid end to end has beside them."""
        return {}

    def row_logprobs(self, model: Any, examples: list[Example]) -> Iterator[list[float]]:
        """Log-probabilities of the targets of each row of some examples, one row after another."""
        raise NotImplementedError

    def num_items(self, examples: list[Example]) -> int:
        """How many the dev loss is a mean of."""
        return len(examples)

    def forget_figures(self) -> None:
        """Drops what a batch that is no step has left for the next log."""

    @property
    def is_packed(self) -> bool:
        return replaces(self.plan, "padding_free")

    @property
    def shares(self) -> bool:
        return replaces(self.plan, "shared_prefix")

    def collate(self, examples: list[Example]) -> dict[str, Any]:
        """One batch of the examples, on the trainer's device."""
        if not self.is_packed:
            return self._prepare_inputs(self.padded(examples))  # type: ignore[no-any-return]
        rows = [row for example in examples for row in self.rows_of(example)]
        return self._prepare_inputs(self.laid(rows) | self.beside(examples))  # type: ignore[no-any-return]

    def laid(self, rows: list[Row]) -> dict[str, Any]:
        """Rows end to end, with what the loss is made of."""
        return lay_rows(rows, self.shares)

    def dev_batches(self, examples: list[Example]) -> list[list[Example]]:
        """Batches that need no more memory than a train batch does: as many computed tokens, or padded as many examples."""
        if not self.is_packed:
            size = self.args.per_device_train_batch_size
            return [examples[start : start + size] for start in range(0, len(examples), size)]
        return batches_of(examples, self.rows_of, self.plan["data"]["heaviest_batch_tokens"], self.shares)

    def get_batch_samples(self, epoch_iterator: Iterator, num_batches: int, device: torch.device) -> tuple[list, Any]:
        """The examples of one optimizer step, laid anew into as many batches: which of them share a batch changes no gradient."""
        drawn = [batch["drawn"].examples for _, batch in zip(range(num_batches), epoch_iterator)]
        groups = drawn
        if self.is_packed and self.may_regroup and drawn:
            groups = group_examples([one for batch in drawn for one in batch], self.rows_of, len(drawn), self.shares)
        batches = [self.collate(group) for group in groups]
        return batches, self._get_num_items_in_batch(batches, device)

    def target_logprobs(self, model: Any, inputs: dict[str, Any]) -> torch.Tensor:
        """Natural log-probability of each target of a batch, float32 [targets]; takes what is not the model's out of it."""
        labels = inputs.pop("labels")
        kept, sources, targets = (inputs.pop(name, None) for name in ("kept", "sources", "shift_labels"))
        inputs.pop("owners", None)
        if kept is None:
            kept, targets = supervised_places(labels)
            sources = torch.arange(len(kept), device=kept.device)
        unwrapped = self.accelerator.unwrap_model(model)
        base = unwrapped.get_base_model() if self.plan["values"]["model"]["use_peft"] else unwrapped
        is_cut = replaces(self.plan, "last_layer")
        given = self.frozen_layers.restore(inputs) if self.frozen_layers else inputs
        hidden = _last_hidden_states(model, base, given | ({"kept": kept} if is_cut else {})).flatten(0, 1)
        hidden = hidden if is_cut else hidden.index_select(0, kept)
        weight, softcap = head_of(base)
        return token_logprobs(hidden.index_select(0, sources), whole(weight), targets, softcap)

    def evaluation_loop(
        self,
        dataloader: DataLoader,
        description: str,
        prediction_loss_only: bool | None = None,
        ignore_keys: list[str] | None = None,
        metric_key_prefix: str = "eval",
    ) -> EvalLoopOutput:
        """The dev loss, a mean over all items, so that it depends on neither batch size nor number of processes.

        Each process takes its own batches of `eval_dataset`: the loader would repeat examples to give all the same number.
        """
        examples: list[Example] = list(self.eval_dataset)  # type: ignore[arg-type]
        model: Any = self.model
        batches = self.dev_batches(examples)
        total, count = 0.0, 0.0
        model.eval()
        for start in range(0, len(batches), self.args.world_size):
            self.dev_share = start / len(batches)
            self.control = self.callback_handler.on_prediction_step(self.args, self.state, self.control)
            own = start + self.args.process_index
            # A process without a batch computes one that does not count: with sharded weights the others wait for it.
            self.is_counted = own < len(batches)
            batch = batches[own] if self.is_counted else batches[0]
            with torch.no_grad():
                loss = self.compute_loss(model, self.collate(batch))
            if self.is_counted:
                total += float(loss) * self.num_items(batch)  # type: ignore[arg-type]
                count += self.num_items(batch)
        self.is_counted = True
        total, count = sum_of([total, count])
        metrics = {f"{metric_key_prefix}_loss": total / max(count, 1)}
        return EvalLoopOutput(predictions=None, label_ids=None, metrics=metrics, num_samples=len(examples))  # type: ignore[arg-type]


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
