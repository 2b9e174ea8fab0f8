"""The batch of the longest rows, tried before step 1: a run that cannot hold it ends now, not at step 400.

Issues of late out-of-memory: fms-hf-tuning#471, peft#739; at the first evaluation: transformers#32282. litgpt puts its
longest sample first for the same reason (litgpt#592); here it is tried and thrown away, so that no order changes.
"""

from typing import Any

import torch
from datasets import Dataset
from trl import SFTTrainer

from worker.training.memory import peak_memory_bytes


def try_worst_batch(trainer: SFTTrainer, train: Dataset, dev: Dataset | None) -> dict[str, Any]:
    """One forward and backward pass of the longest train rows, one forward pass of the longest dev rows.

    Leaves weights, gradients and random numbers as they were. Returns the event without its forecast.
    """
    model: Any = trainer.model
    size = trainer.args.per_device_train_batch_size
    random_state = torch.get_rng_state()
    cuda_state = torch.cuda.get_rng_state_all() if torch.cuda.is_available() else []
    model.train()
    batch = _longest(trainer, train, size)
    num_tokens = batch["input_ids"].numel()
    # Not through the accelerator: nothing is wrapped yet, and no rank may wait for another's gradients here.
    trainer.compute_loss(model, batch, num_items_in_batch=None).backward()  # type: ignore[union-attr]
    model.zero_grad(set_to_none=True)
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


def _longest(trainer: SFTTrainer, rows: Dataset, size: int) -> dict[str, Any]:
    lengths = [len(ids) for ids in rows["input_ids"]]
    order = sorted(range(len(lengths)), key=lambda row: -lengths[row])[:size]
    return trainer._prepare_inputs(trainer.data_collator([rows[row] for row in order]))
