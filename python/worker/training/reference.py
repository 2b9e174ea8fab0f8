"""The reference's log-probabilities: computed once, before the first step, and kept with the run.

Before its first step the policy is the reference: a new adapter changes nothing yet, a parent's adapter is what training goes
on from, and of full fine-tuning the weights are still the base's. So no second model is ever loaded.
"""

import hashlib
import itertools
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from worker.compute.row_batch import Example, num_targets
from worker.life import Attempt
from worker.protocol import Plan
from worker.training.packed_trainer import PackedTrainer
from worker.training.processes import alone

#: Names in a file of log-probabilities: one tensor [targets] of all rows of all examples, and what it was computed for.
LOGPROBS, KEY = "logprobs", "key"


def with_reference(attempt: Attempt, plan: Plan, trainer: PackedTrainer, split: str, examples: list[Example]) -> list[Example]:
    """The examples, each with the reference's log-probabilities: of the same weights, adapter, precision and tokens those kept."""
    path = attempt.run_folder / "data" / f"reference-{split}.safetensors"
    key = _key(attempt, plan, split)

    def compute() -> None:
        if _kept(path, key) is None:
            batches = attempt.events.counted(f"computing the reference of {len(examples)} {split} rows", trainer.dev_batches(examples))
            temporary = path.with_suffix(".tmp")
            save_file({LOGPROBS: torch.tensor(_reference_logprobs(trainer, examples, batches))}, temporary, {KEY: key})
            temporary.replace(path)

    alone(attempt, f"reference-{split}", compute)
    found = _kept(path, key)
    assert found is not None
    values = iter(found)
    return [
        {**example, "reference": [list(itertools.islice(values, num_targets(row))) for row in trainer.rows_of(example)]} for example in examples
    ]


def _reference_logprobs(trainer: PackedTrainer, examples: list[Example], batches: Iterable[list[Example]]) -> list[float]:
    """Of each example, of each of its rows, the log-probability of each target, in nats."""
    model: Any = trainer.model
    model.eval()
    found: dict[int, list[float]] = {}
    for batch in batches:
        with torch.no_grad(), trainer.accelerator.autocast():
            logprobs = trainer.row_logprobs(model, batch)
        for example in batch:
            found[id(example)] = [value for _ in trainer.rows_of(example) for value in next(logprobs)]
    return [value for example in examples for value in found[id(example)]]


def _kept(path: Path, key: str) -> list[float] | None:
    """None where there is none, where it is of something else, and where the file is damaged: it is computed again."""
    try:
        with safe_open(path, framework="pt") as kept:
            return kept.get_tensor(LOGPROBS).tolist() if (kept.metadata() or {}).get(KEY) == key else None
    except (FileNotFoundError, SafetensorError):
        return None


def _key(attempt: Attempt, plan: Plan, split: str) -> str:
    """Hash of what the figures depend on; the tokens are those of the data under a template and `max_length`."""
    policy, model = plan["models"]["policy"], plan["values"]["model"]
    tokens = hashlib.sha256((attempt.run_folder / "data" / f"tokens-{split}.jsonl").read_bytes()).hexdigest()
    adapter = policy["adapter"]["sha256"] if policy["adapter"] else None
    parts = [policy["sha256"], adapter, model["precision"], model["load_in_4bit"], tokens]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
