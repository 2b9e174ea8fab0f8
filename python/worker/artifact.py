"""Writing the artifact: adapter, parity reference, and artifact.json last."""

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from trl import SFTTrainer

from worker.data.inspect import read_tokens
from worker.errors import WorkerError
from worker.families.load import load_model
from worker.life import Attempt
from worker.progress import logged
from worker.protocol import Artifact, ParityReference, Plan, PlanCoverageItem
from worker.versions import installed_versions

NUM_PARITY_ROWS = 8
#: What a model folder has beside its weights; an adapter is used with its base's.
TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json", "generation_config.json", "chat_template.jinja")
#: A change of logits below this is rounding: float32 has 24 bits and logits lie around 10.
SMALLEST_CHANGE = 1e-3


def write_artifact(
    attempt: Attempt,
    plan: Plan,
    trainer: SFTTrainer,
    coverage: list[PlanCoverageItem],
) -> None:
    """Saves what was trained, loads it again as a user would, and measures what it does.

    Raises WorkerError artifact-differs when what is loaded again is not what was trained, adapter-unchanged when it
    does not change the logits.
    """
    attempt.events.phase("saving what was trained")
    folder = attempt.run_folder / "artifact"
    folder.mkdir(exist_ok=True)
    trained: Any = trainer.accelerator.unwrap_model(trainer.model)
    trained.save_pretrained(folder)
    (folder / "README.md").unlink(missing_ok=True)
    is_adapter = plan["settings"]["use_peft"]["value"]
    if not is_adapter:
        for name in TOKENIZER_FILES:
            source = Path(plan["model"]["folder"]) / "transformers" / name
            if source.exists():
                shutil.copy(source, folder / name)

    attempt.events.phase("writing the parity reference")
    settings = plan["settings"]
    model, base = _reloaded(Path(plan["model"]["folder"]) / "transformers", folder, trained, is_adapter)
    source = attempt.run_folder / "data"
    split = "dev" if plan["data"]["num_dev_rows"] else "train"
    with (source / f"{split}.jsonl").open() as lines:
        pairs = [(json.loads(line), row) for line, row in zip(lines, read_tokens(source / f"tokens-{split}.jsonl"))]
    pairs = [pair for pair in pairs if pair[1]["supervised"]][:NUM_PARITY_ROWS]
    references: list[ParityReference] = []
    change = 0.0
    trained.eval()
    (trained.get_base_model() if is_adapter else trained).set_attn_implementation("sdpa")
    for conversation, row in pairs:
        after = _logits(model, row["input_ids"])
        before = _base_logits(model, base, row["input_ids"])
        change = max(change, (after - before).abs().max().item())
        if settings["precision"]["value"] == "float32" and not settings["load_in_4bit"]["value"]:
            refuse_another(after, _logits(trained, row["input_ids"]))
        reference: ParityReference = {
            "messages": conversation["messages"],
            "text": row["text"],
            "token_ids": row["input_ids"],
            "logprobs": _logprobs(after, row["input_ids"]),
        }
        if conversation.get("tools"):
            reference["tools"] = conversation["tools"]
        references.append(reference)
    if not change > SMALLEST_CHANGE:
        raise WorkerError("adapter-unchanged", change=f"{change:.1e}")
    lines = [json.dumps(reference, ensure_ascii=False, allow_nan=False) for reference in references]
    (folder / "parity-reference.jsonl").write_text("".join(line + "\n" for line in lines), encoding="utf-8")

    dev_losses = logged(trainer.state, "eval_loss")
    is_best_kept = settings["load_best_model_at_end"]["value"]
    dev_loss = (min(dev_losses) if is_best_kept else dev_losses[-1]) if dev_losses else None
    artifact: Artifact = {
        "kind": "lora" if is_adapter else "full",
        "run": attempt.run_folder.name,
        "base": {key: plan["model"][key] for key in ("id", "sha256", "quantization")},  # type: ignore[typeddict-item, literal-required]
        "files": [_hashed(path) for path in sorted(folder.iterdir()) if path.is_file()],
        "lineage": {
            "plan_sha256": _sha256(attempt.folder / "plan.json"),
            "train_sha256": plan["data"]["train_sha256"],
            "num_attempts": int(attempt.folder.name),
            "num_steps": trainer.state.global_step,
            "best_step": trainer.state.best_global_step if is_best_kept else None,
        },
        "train_loss": logged(trainer.state, "loss")[-1],
        "dev_loss": dev_loss,
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


def _reloaded(base_folder: Path, folder: Path, trained: Any, is_adapter: bool) -> tuple[Any, Any]:
    """What was saved, loaded as a user would, and its base (None: the same with its adapter off).

    On a GPU a second copy may not fit beside the trained one, which stands in for it there (not tried).
    """
    if torch.cuda.is_available():
        return trained, None if is_adapter else load_model(base_folder, torch.bfloat16, "sdpa").eval()
    base = load_model(base_folder, torch.float32, "sdpa").eval()
    if is_adapter:
        return PeftModel.from_pretrained(base, folder).eval(), None
    return load_model(folder, torch.float32, "sdpa").eval(), base


def _base_logits(model: Any, base: Any, token_ids: list[int]) -> torch.Tensor:
    if base is not None:
        return _logits(base, token_ids)
    with model.disable_adapter():
        return _logits(model, token_ids)


def refuse_another(loaded: torch.Tensor, trained: torch.Tensor) -> None:
    """Raises WorkerError artifact-differs: an adapter whose names do not match loads, and does nothing (vllm#34186)."""
    difference = (loaded - trained).abs().max().item()
    if difference > SMALLEST_CHANGE:
        raise WorkerError("artifact-differs", difference=f"{difference:.1e}")


def _logits(model: torch.nn.Module, token_ids: list[int]) -> torch.Tensor:
    """float32 logits [tokens, vocabulary] of one row."""
    with torch.no_grad():
        return model(input_ids=torch.tensor([token_ids], device=next(model.parameters()).device), use_cache=False).logits[0].float().cpu()


def _logprobs(logits: torch.Tensor, token_ids: list[int]) -> list[float]:
    """Natural log-probability of token i + 1 given tokens 0…i; one shorter than the ids."""
    following = torch.tensor(token_ids[1:])
    return torch.log_softmax(logits[:-1], -1).gather(1, following[:, None])[:, 0].tolist()


def _hashed(path: Path) -> dict[str, Any]:
    return {"path": path.name, "sha256": _sha256(path), "bytes": path.stat().st_size}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
