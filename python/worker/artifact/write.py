"""Writing the artifact: what was trained, its parity reference, and artifact.json last."""

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import torch
from transformers import Trainer

from worker.artifact.parity_reference import trained_logprobs, write_parity_reference
from worker.artifact.reward_reference import trained_rewards, write_reward_reference
from worker.life import Attempt
from worker.protocol import Artifact, ArtifactReward, Plan, PlanCoverageItem
from worker.training.load_policy import transformers_folder
from worker.training.progress import logged
from worker.training.sharding import whole_state
from worker.training.versions import installed_versions

#: What a model folder has beside its weights; an adapter is used with its base's.
TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json", "generation_config.json", "chat_template.jinja")


class Trained(NamedTuple):
    """What all processes have made of the trained model together, for rank 0 to write."""

    #: The whole weights where they are sharded; None: they are in the trainer's model.
    state: dict[str, torch.Tensor] | None
    #: Of each reference row, the log-probability of each token after the first; of a reward model its reward.
    reference: list[list[float]]
    #: Of a reward model on dev pairs.
    reward: ArtifactReward | None


def measure_trained(attempt: Attempt, plan: Plan, trainer: Any) -> Trained:
    """Called by all processes, before they part."""
    state = whole_state(plan, trainer)
    if plan["method"] == "reward":
        return Trained(state, *trained_rewards(attempt, plan, trainer))
    return Trained(state, trained_logprobs(attempt, plan, trainer), None)


def write_artifact(attempt: Attempt, plan: Plan, trainer: Trainer, coverage: list[PlanCoverageItem], measured: Trained) -> None:
    """Saves what was trained, loads it again as a user would, and measures what it does.

    Raises WorkerError artifact-differs, adapter-unchanged (artifact/reload.py).
    """
    attempt.events.phase("saving what was trained")
    folder = attempt.run_folder / "artifact"
    folder.mkdir(exist_ok=True)
    trained: Any = trainer.accelerator.unwrap_model(trainer.model)
    trained.save_pretrained(folder, **({} if measured.state is None else {"state_dict": measured.state}))
    (folder / "README.md").unlink(missing_ok=True)
    is_adapter = plan["values"]["model"]["use_peft"]
    if not is_adapter:
        _copy_tokenizer(transformers_folder(plan), folder)
    is_reward_model = plan["method"] == "reward"
    write_reference = write_reward_reference if is_reward_model else write_parity_reference
    change = write_reference(attempt, plan, trained, measured.reference, folder)
    dev_losses = logged(trainer.state, "eval_loss")
    is_best_kept = plan["values"]["training"]["load_best_model_at_end"]
    policy = plan["models"]["policy"]
    artifact: Artifact = {
        "kind": "reward-model" if is_reward_model else "adapter" if is_adapter else "model",
        "method": plan["method"],
        "run": attempt.run_folder.name,
        "base": {"id": policy["id"], "sha256": policy["sha256"], "quantization": policy["quantization"]},
        "parents": [{"run": parent["run"], "sha256": parent["sha256"]}] if (parent := policy["adapter"]) else [],
        "files": [_hashed(path) for path in sorted(folder.iterdir()) if path.is_file()],  # type: ignore[typeddict-item]
        "lineage": {
            "plan_sha256": _sha256(attempt.folder / "plan.json"),
            "train_sha256": plan["data"]["train_sha256"],
            "num_attempts": int(attempt.folder.name),
            "num_steps": trainer.state.global_step,
            "best_step": trainer.state.best_global_step if is_best_kept else None,
        },
        "train_loss": logged(trainer.state, "loss")[-1],
        "dev_loss": (min(dev_losses) if is_best_kept else dev_losses[-1]) if dev_losses else None,
        "logits_change": change,
        "reward": measured.reward,
        "coverage": coverage,
        "versions": installed_versions(),
    }
    _write_last(folder / "artifact.json", artifact)


def _copy_tokenizer(source: Path, folder: Path) -> None:
    for name in TOKENIZER_FILES:
        if (source / name).exists():
            shutil.copy(source / name, folder / name)


def _write_last(path: Path, artifact: Artifact) -> None:
    """Whole or not at all: its presence means that the run is done."""
    temporary = path.with_suffix(".json.tmp")
    with temporary.open("w", encoding="utf-8") as file:
        json.dump(artifact, file, ensure_ascii=False, allow_nan=False, indent=2)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)


def _hashed(path: Path) -> dict[str, Any]:
    return {"path": path.name, "sha256": _sha256(path), "bytes": path.stat().st_size}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
