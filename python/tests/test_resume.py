"""Killed at any step and resumed, a run is the run that was not interrupted: losses and weights, bit for bit."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import LABELLED, PAIRS, ROOT, ROWS, read_events, write_run

from worker.training.checkpoints import discard_incomplete

#: `npm run verify -- --full` asks for 20.
NUM_KILLS = int(os.environ.get("SLIPWAY_NUM_KILLS", "1"))
#: Dropout draws random numbers at each step, accumulation splits steps, a schedule and two epochs have places to forget.
CHANGES: dict = {
    "num_train_epochs": 4.0,
    "per_device_train_batch_size": 1,
    "gradient_accumulation_steps": 2,
    "lora": {"lora_dropout": 0.1},
    "lr_scheduler_type": "cosine",
    "warmup_steps": 0.1,
    "save_steps": 3,
    "eval_steps": 3,
    "num_eval_generations": 2,
    "load_best_model_at_end": True,
}
#: The kept reference is read again when a run on preferences is resumed.
ROWS_OF = {"sft": ROWS, "dpo": PAIRS, "kto": LABELLED, "reward": PAIRS}
FORMS: dict[str, dict] = {"lora": {}, "qlora": {"load_in_4bit": True}, "full": {"use_peft": False, "learning_rate": 1e-3}}
#: Each trainer once; `npm run verify -- --full` each form of each.
TRAINED = [(method, form) for method in ROWS_OF for form in FORMS if form == "lora" or NUM_KILLS > 1]


def _start(attempt: Path) -> subprocess.Popen:
    env = {"PYTHONPATH": str(ROOT / "python"), "HF_HUB_OFFLINE": "1", "PATH": "/usr/bin:/bin", "OMP_NUM_THREADS": "1"}
    log = (attempt / "worker.log").open("w")
    method = json.loads((attempt / "plan.json").read_text())["method"]
    return subprocess.Popen([sys.executable, "-m", "worker", method, str(attempt)], env=env, stdout=log, stderr=log)


def _finish(attempt: Path) -> None:
    assert _start(attempt).wait() == 0, (attempt / "worker.log").read_text()[-3000:]


def _kill_at(attempt: Path, num_steps: int) -> None:
    worker = _start(attempt)
    while sum(event["type"] == "step-end" for event in _events_so_far(attempt)) < num_steps:
        assert worker.poll() is None, (attempt / "worker.log").read_text()[-3000:]
        time.sleep(0.01)
    worker.send_signal(signal.SIGKILL)
    worker.wait()


def _events_so_far(attempt: Path) -> list[dict]:
    path = attempt / "events.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines(True) if line.endswith("\n")] if path.exists() else []


def _resume(attempt: Path) -> Path:
    """The next attempt, from the newest complete checkpoint, as src/tune/resume-run.ts plans it."""
    plan = json.loads((attempt / "plan.json").read_text())
    complete = [path.parent for path in (attempt.parent.parent / "checkpoints").glob("*/complete")]
    newest = max(complete, key=lambda folder: int(folder.name.split("-")[1]), default=None)
    following = attempt.parent / str(int(attempt.name) + 1)
    following.mkdir()
    (following / "plan.json").write_text(json.dumps(plan | {"resume_from": str(newest) if newest else None}))
    return following


def _curve(*attempts: Path) -> dict[tuple[str, int], float]:
    """Loss by kind and step; a later attempt's word counts."""
    kinds = ("step-end", "eval-end")
    return {(e["type"], e["step"]): e["loss"] for attempt in attempts for e in _events_so_far(attempt) if e["type"] in kinds}


def _chosen(attempt: Path) -> tuple[int, float]:
    """The step whose weights became the artifact, and its dev loss."""
    artifact = json.loads((attempt.parent.parent / "artifact" / "artifact.json").read_text())
    return artifact["lineage"]["best_step"], artifact["dev_loss"]


def _weights(attempt: Path) -> bytes:
    (weights,) = (attempt.parent.parent / "artifact").glob("*.safetensors")
    return weights.read_bytes()


@pytest.mark.parametrize(("method", "form"), TRAINED)
def test_killed_and_resumed_a_run_is_bit_equal(method: str, form: str, tmp_path: Path, tiny_model: Path):
    rows = ROWS_OF[method]
    # KTO wants two answers in a batch.
    changes = CHANGES | FORMS[form] | {"method": method} | ({"per_device_train_batch_size": 2, "gradient_accumulation_steps": 1} if method == "kto" else {})
    whole = write_run(tmp_path / "whole", tiny_model, rows, rows[:4], **changes)
    _finish(whole)
    num_steps = len([event for event in read_events(whole) if event["type"] == "step-end"])
    assert num_steps == 16
    for kill in range(NUM_KILLS):
        step = random.SystemRandom().randint(1, num_steps - 1)
        killed = write_run(tmp_path / f"killed-{kill}", tiny_model, rows, rows[:4], **changes)
        _kill_at(killed, step)
        resumed = _resume(killed)
        _finish(resumed)
        assert _curve(killed, resumed) == _curve(whole), f"killed at step {step}"
        assert _weights(resumed) == _weights(whole), f"killed at step {step}"
        assert _chosen(resumed) == _chosen(whole), f"killed at step {step}"


def test_killed_after_its_last_step_a_run_still_leaves_its_artifact(tmp_path: Path, tiny_model: Path):
    first = write_run(tmp_path / "run", tiny_model, ROWS, ROWS[:4], **CHANGES)
    _finish(first)
    weights, chosen = _weights(first), _chosen(first)
    shutil.rmtree(first.parent.parent / "artifact")
    resumed = _resume(first)
    _finish(resumed)
    assert (_weights(resumed), _chosen(resumed)) == (weights, chosen)


def test_a_checkpoint_without_its_mark_is_discarded(tmp_path: Path):
    for name, is_complete in (("checkpoint-2", True), ("checkpoint-4", False)):
        (tmp_path / name).mkdir()
        if is_complete:
            (tmp_path / name / "complete").touch()
    discard_incomplete(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint-2"]


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("mount"), reason="mounting a small file system needs root")
def test_a_full_disk_leaves_the_last_good_checkpoint(tmp_path: Path, tiny_model: Path):
    attempt = write_run(tmp_path / "run", tiny_model, ROWS, num_train_epochs=4.0, save_steps=2, lora={"r": 64})
    checkpoints = attempt.parent.parent / "checkpoints"
    checkpoints.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=9m", "tmpfs", str(checkpoints)])
    if mounted.returncode != 0:
        pytest.skip("this machine may not mount a file system")
    try:
        assert _start(attempt).wait() != 0
        last = read_events(attempt)[-1]
        assert (last["type"], last["code"]) == ("run-error", "disk-full")
        assert [path.parent.name for path in checkpoints.glob("*/complete")] == ["checkpoint-2"]
    finally:
        subprocess.run(["umount", str(checkpoints)], check=True)
