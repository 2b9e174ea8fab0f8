"""The heaviest batch, tried before step 1 with all that a step holds: what cannot hold it ends now, not at step 400.

Issues of late out-of-memory: fms-hf-tuning#471, peft#739; at the first evaluation: transformers#32282. litgpt puts its
longest sample first for the same reason (litgpt#592); here it is tried and thrown away, so that no order changes.
"""

from typing import Any

import torch
from datasets import Dataset

from worker.compute.replace import replaces
from worker.compute.row_tree import MIN_SHARED_TOKENS, heaviest_examples
from worker.training.memory import peak_memory_bytes
from worker.training.packed_trainer import PackedTrainer
from worker.training.sharding import own_part


def try_worst_batch(trainer: PackedTrainer, train: Dataset) -> dict[str, Any]:
    """Forward and backward passes of the heaviest batch of train rows. A dev pass has no larger one, and keeps less of it.

    Called when the trainer has prepared model and optimizer, by all processes. Beside the activations it holds what the
    second step will: the optimizer's two moments, and gradients that further passes are added to. Leaves weights,
    gradients, moments and random numbers as they were. Returns the event without its forecast.
    """
    model: Any = trainer.model
    size = trainer.args.per_device_train_batch_size
    random_state = torch.get_rng_state()
    cuda_state = torch.cuda.get_rng_state_all() if torch.cuda.is_available() else []
    model.train()
    batch = _heaviest(trainer, train, size)
    num_tokens = batch["input_ids"].numel()
    moments = _moments(trainer)
    for _ in range(min(2, trainer.args.gradient_accumulation_steps)):
        # A copy: the loss takes the labels out of its batch.
        trainer.compute_loss(model, dict(batch), num_items_in_batch=None).backward()  # type: ignore[union-attr]
    model.zero_grad(set_to_none=True)
    moments.clear()
    # These are collected for the next log.
    for metrics in trainer._metrics.values():  # type: ignore[attr-defined]
        metrics.clear()
    trainer.forget_figures()
    torch.set_rng_state(random_state)
    if cuda_state:
        torch.cuda.set_rng_state_all(cuda_state)
    return {"type": "worst-batch", "num_tokens": num_tokens, "memory_bytes": peak_memory_bytes()}


def _moments(trainer: PackedTrainer) -> list[torch.Tensor]:
    """AdamW's two moments of each trained parameter, written to so that memory is really taken; none where a checkpoint has brought them."""
    optimizer: Any = trainer.optimizer
    if optimizer.state:
        return []
    trained = [own_part(parameter) for parameter in trainer.model.parameters() if parameter.requires_grad]  # type: ignore[union-attr]
    return [torch.full_like(parameter, 1.0) for parameter in trained for _ in range(2)]


def _heaviest(trainer: PackedTrainer, examples: Dataset, size: int) -> dict[str, Any]:
    ids = [[row["input_ids"] for row in trainer.rows_of(example)] for example in examples]  # type: ignore[arg-type]
    chosen = heaviest_examples(ids, size, MIN_SHARED_TOKENS if replaces(trainer.plan, "shared_prefix") else None)
    return trainer.collate([examples[index] for index, _ in chosen])
