"""Writing the artifact: adapter, parity reference, and artifact.json last."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM
from trl import SFTTrainer

from worker.data.inspect import read_tokens
from worker.errors import WorkerError
from worker.life import Attempt
from worker.progress import ProgressReporter
from worker.protocol import Artifact, EventRunStartCoverageItem, ParityReference, Plan
from worker.versions import installed_versions

NUM_PARITY_ROWS = 8
#: A change of logits below this is rounding: float32 has 24 bits and logits lie around 10.
SMALLEST_CHANGE = 1e-3


def write_artifact(
    attempt: Attempt,
    plan: Plan,
    trainer: SFTTrainer,
    coverage: list[EventRunStartCoverageItem],
    reporter: ProgressReporter,
) -> None:
    """Saves the adapter, loads it again as a user would, and measures what it does.

    Raises WorkerError adapter-unchanged when the reloaded adapter does not change the logits.
    """
    attempt.events.phase("saving the adapter")
    folder = attempt.run_folder / "artifact"
    folder.mkdir(exist_ok=True)
    trainer.accelerator.unwrap_model(trainer.model).save_pretrained(folder)
    (folder / "README.md").unlink(missing_ok=True)

    attempt.events.phase("writing the parity reference")
    base = AutoModelForCausalLM.from_pretrained(Path(plan["model"]["folder"]) / "transformers", dtype=torch.float32)
    model = PeftModel.from_pretrained(base, folder).eval()
    source = attempt.run_folder / "data"
    split = "dev" if plan["data"]["num_dev_rows"] else "train"
    rows = read_tokens(source / f"tokens-{split}.jsonl")[:NUM_PARITY_ROWS]
    with (source / f"{split}.jsonl").open() as lines:
        messages = [json.loads(line)["messages"] for line, _ in zip(lines, rows)]
    references: list[ParityReference] = []
    change = 0.0
    for row, conversation in zip(rows, messages):
        with_adapter = _logits(model, row["input_ids"])
        with model.disable_adapter():
            change = max(change, (with_adapter - _logits(model, row["input_ids"])).abs().max().item())
        references.append(
            {
                "messages": conversation,
                "text": row["text"],
                "token_ids": row["input_ids"],
                "logprobs": _logprobs(with_adapter, row["input_ids"]),
            }
        )
    if not change > SMALLEST_CHANGE:
        raise WorkerError("adapter-unchanged", change=f"{change:.1e}")
    lines = [json.dumps(reference, ensure_ascii=False, allow_nan=False) for reference in references]
    (folder / "parity-reference.jsonl").write_text("".join(line + "\n" for line in lines), encoding="utf-8")

    artifact: Artifact = {
        "kind": "lora",
        "run": attempt.run_folder.name,
        "base": {key: plan["model"][key] for key in ("id", "sha256", "quantization")},  # type: ignore[typeddict-item, literal-required]
        "files": [_hashed(path) for path in sorted(folder.iterdir()) if path.is_file()],
        "lineage": {
            "plan_sha256": _sha256(attempt.folder / "plan.json"),
            "train_sha256": plan["data"]["train_sha256"],
            "num_attempts": int(attempt.folder.name),
            "num_steps": trainer.state.global_step,
        },
        "train_loss": reporter.train_loss,
        "dev_loss": reporter.dev_loss,
        "logits_change": change,
        "coverage": coverage,  # type: ignore[typeddict-item]
        "versions": installed_versions(),
    }
    temporary = folder / "artifact.json.tmp"
    with temporary.open("w", encoding="utf-8") as file:
        json.dump(artifact, file, ensure_ascii=False, allow_nan=False, indent=2)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, folder / "artifact.json")


def _logits(model: torch.nn.Module, token_ids: list[int]) -> torch.Tensor:
    """float32 logits [tokens, vocabulary] of one row."""
    with torch.no_grad():
        return model(input_ids=torch.tensor([token_ids]), use_cache=False).logits[0].float()


def _logprobs(logits: torch.Tensor, token_ids: list[int]) -> list[float]:
    """Natural log-probability of token i + 1 given tokens 0…i; one shorter than the ids."""
    following = torch.tensor(token_ids[1:])
    return torch.log_softmax(logits[:-1], -1).gather(1, following[:, None])[:, 0].tolist()


def _hashed(path: Path) -> dict[str, Any]:
    return {"path": path.name, "sha256": _sha256(path), "bytes": path.stat().st_size}


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
