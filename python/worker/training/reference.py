"""The reference's log-probabilities: computed once, before the first step, and kept with the run.

Before its first step the policy is the reference: a new adapter changes nothing yet, a parent's adapter is what training goes
on from, and of full fine-tuning the weights are still the base's. So no second model is ever loaded.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import torch

from worker.compute.row_batch import Example
from worker.life import Attempt
from worker.protocol import Plan
from worker.training.packed_trainer import PackedTrainer
from worker.training.processes import alone

#: Of each example, of each of its rows, the log-probability of each target, in nats.
Reference = list[list[list[float]]]


def with_reference(attempt: Attempt, plan: Plan, trainer: PackedTrainer, split: str, examples: list[Example]) -> list[Example]:
    """The examples, each with the reference's log-probabilities: of the same weights, adapter, precision and tokens those kept."""
    path = attempt.run_folder / "data" / f"reference-{split}.json"
    key = _key(attempt, plan, split)

    def compute() -> None:
        if _kept(path, key) is None:
            attempt.events.phase(f"computing the reference of {len(examples)} {split} rows")
            _write_whole(path, {"key": key, "logprobs": _reference_logprobs(trainer, examples)})

    alone(attempt, f"reference-{split}", compute)
    found = _kept(path, key)
    assert found is not None
    return [{**example, "reference": rows} for example, rows in zip(examples, found)]


def _reference_logprobs(trainer: PackedTrainer, examples: list[Example]) -> Reference:
    model: Any = trainer.model
    model.eval()
    found: dict[int, list[list[float]]] = {}
    numbers = {id(example): index for index, example in enumerate(examples)}
    for batch in trainer.dev_batches(examples):
        with torch.no_grad(), trainer.accelerator.autocast():
            logprobs = trainer.row_logprobs(model, batch)
        for example in batch:
            found[numbers[id(example)]] = [next(logprobs) for _ in trainer.rows_of(example)]
    return [found[index] for index in range(len(examples))]


def _kept(path: Path, key: str) -> Reference | None:
    if not path.exists():
        return None
    written = json.loads(path.read_text())
    return written["logprobs"] if written["key"] == key else None


def _key(attempt: Attempt, plan: Plan, split: str) -> str:
    """Hash of what the figures depend on; the tokens are those of the data under a template and `max_length`."""
    policy, model = plan["models"]["policy"], plan["values"]["model"]
    tokens = hashlib.sha256((attempt.run_folder / "data" / f"tokens-{split}.jsonl").read_bytes()).hexdigest()
    adapter = policy["adapter"]["sha256"] if policy["adapter"] else None
    parts = [policy["sha256"], adapter, model["precision"], model["load_in_4bit"], tokens]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _write_whole(path: Path, value: Any) -> None:
    temporary = path.with_suffix(".json.tmp")
    temporary.write_text(json.dumps(value, allow_nan=False))
    temporary.replace(path)
