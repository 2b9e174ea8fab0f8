"""What weights, gradients and moments are held in: an update that is lost in rounding is an update that was not made."""

from pathlib import Path
from typing import Any

import pytest
import torch
from conftest import ROWS, read_events, write_run
from safetensors.torch import load_file

from worker.life import Attempt
from worker.methods import sft
from worker.training.progress import ProgressReporter


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> dict[str, set[torch.dtype]]:
    """Types of what was trained in the last run, at its second step: weights, gradients, and the optimizer's moments."""
    found: dict[str, set[torch.dtype]] = {}
    end = ProgressReporter.on_pre_optimizer_step

    def look(self: ProgressReporter, *args: Any, **options: Any) -> None:
        trainer: Any = self.trainer
        trained = [parameter for parameter in trainer.model.parameters() if parameter.requires_grad]
        found["weights"] = {parameter.dtype for parameter in trained}
        found["gradients"] = {parameter.grad.dtype for parameter in trained}
        states = trainer.optimizer.state.values()
        found["moments"] = {state[name].dtype for state in states for name in ("exp_avg", "exp_avg_sq")}
        end(self, *args, **options)

    monkeypatch.setattr(ProgressReporter, "on_pre_optimizer_step", look)
    return found


def train(attempt: Path) -> list[dict]:
    with Attempt(str(attempt), is_child=False) as one:
        sft.run(one)
    return read_events(attempt)


FORMS: dict[str, dict] = {
    "all weights in bfloat16": {"use_peft": False, "precision": "bfloat16", "learning_rate": 1e-5},
    "QLoRA": {"load_in_4bit": True},
    "LoRA in bfloat16": {"precision": "bfloat16"},
    "QLoRA in bfloat16": {"load_in_4bit": True, "precision": "bfloat16"},
}


@pytest.mark.parametrize("form", FORMS)
def test_what_is_trained_is_held_in_float32(form: str, tiny_model: Path, tmp_path: Path, held: dict):
    events = train(write_run(tmp_path / "run", tiny_model, ROWS, num_train_epochs=2.0, **FORMS[form]))
    assert held == {"weights": {torch.float32}, "gradients": {torch.float32}, "moments": {torch.float32}}
    assert events[-1]["reason"] == "done"


def test_a_small_update_of_a_large_weight_is_not_lost(tiny_model: Path, tmp_path: Path):
    """At a rate of 2e-5 a weight of 1.0, as those of norms are, would not move in bfloat16: its next value is 0.996."""
    train(write_run(tmp_path / "run", tiny_model, ROWS, use_peft=False, precision="bfloat16", learning_rate=2e-5))
    before = load_file(tiny_model / "transformers" / "model.safetensors")
    after = load_file(tmp_path / "run" / "artifact" / "model.safetensors")
    norms = [name for name in before if name.endswith("layernorm.weight")]
    assert norms and all((before[name] == 1).all() for name in norms)
    for name in norms:
        assert (after[name] != before[name]).float().mean() > 0.9, name


def test_bfloat16_gives_nearly_the_losses_of_float32(tiny_model: Path, tmp_path: Path):
    def losses(name: str, **changes: Any) -> list[float]:
        events = train(write_run(tmp_path / name, tiny_model, ROWS, num_train_epochs=2.0, **changes))
        return [event["loss"] for event in events if event["type"] == "step-end"]

    for form in ({"use_peft": False, "learning_rate": 1e-4}, {}):
        whole = losses(f"float32-{len(form)}", **form)
        assert losses(f"bfloat16-{len(form)}", precision="bfloat16", **form) == pytest.approx(whole, rel=1e-2)
