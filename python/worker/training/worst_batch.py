"""The batch of the longest rows, tried before step 1 with all that a step holds: what cannot hold it ends now, not at step 400.

Issues of late out-of-memory: fms-hf-tuning#471, peft#739; at the first evaluation: transformers#32282. litgpt puts its
longest sample first for the same reason (litgpt#592); here it is tried and thrown away, so that no order changes.
"""

from typing import Any

import torch
from datasets import Dataset
from trl import SFTTrainer

from worker.training.memory import peak_memory_bytes
from worker.training.sharding import own_part


def try_worst_batch(trainer: SFTTrainer, train: Dataset, dev: Dataset | None) -> dict[str, Any]:
    """Forward and backward passes of the longest train rows, one forward pass of the longest dev rows.

    Called when the trainer has prepared model and optimizer, by all processes. Beside the activations it holds what the
    second step will: the optimizer's two moments, and gradients that further passes are added to. Leaves weights,
    gradients, moments and random numbers as they were. Returns the event without its forecast.
    """
    model: Any = trainer.model
    size = trainer.args.per_device_train_batch_size
    random_state = torch.get_rng_state()
    cuda_state = torch.cuda.get_rng_state_all() if torch.cuda.is_available() else []
    model.train()
    batch = _longest(trainer, train, size)
    num_tokens = batch["input_ids"].numel()
    moments = _moments(trainer)
    for _ in range(min(2, trainer.args.gradient_accumulation_steps)):
        # A copy: the loss takes the labels out of its batch.
        trainer.compute_loss(model, dict(batch), num_items_in_batch=None).backward()  # type: ignore[union-attr]
    model.zero_grad(set_to_none=True)
    moments.clear()
    if dev:
        model.eval()
        with torch.no_grad():
            trainer.compute_loss(model, _longest(trainer, dev, size))
        model.train()
    # TRL collects these for its own log.
    for metrics in trainer._metrics.values():
        metrics.clear()
    torch.set_rng_state(random_state)
    if cuda_state:
        torch.cuda.set_rng_state_all(cuda_state)
    return {"type": "worst-batch", "num_tokens": num_tokens, "memory_bytes": peak_memory_bytes()}


def _moments(trainer: SFTTrainer) -> list[torch.Tensor]:
    """AdamW's two moments of each trained parameter, written to so that memory is really taken; none where a checkpoint has brought them."""
    optimizer: Any = trainer.optimizer
    if optimizer.state:
        return []
    trained = [own_part(parameter) for parameter in trainer.model.parameters() if parameter.requires_grad]  # type: ignore[union-attr]
    return [torch.full_like(parameter, 1.0) for parameter in trained for _ in range(2)]


def _longest(trainer: SFTTrainer, rows: Dataset, size: int) -> dict[str, Any]:
    lengths = [len(ids) for ids in rows["input_ids"]]
    order = sorted(range(len(lengths)), key=lambda row: -lengths[row])[:size]
    return trainer._prepare_inputs(trainer.data_collator([rows[row] for row in order]))
