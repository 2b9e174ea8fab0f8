"""Two processes, with whole and with sharded weights (gloo; NCCL not tried): they train as one, stop as one, and fail by name."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from conftest import PAIRS, ROOT, ROWS, chat, read_events, write_run
from safetensors.torch import load_file

from worker.life import Attempt
from worker.methods import dpo, reward, sft
from worker.training.checkpoints import COMPLETE_MARK

PROGRAM = Path(__file__).parent / "two_ranks.py"
#: Of other lengths than each other, and not a multiple of any batch.
DEV = [chat(f"Which one is number {n}?", "yes " * (1 + 5 * (n % 3))) for n in range(5)]
SETTINGS: dict = {"num_train_epochs": 2.0, "eval_steps": 2, "save_steps": 2, "num_eval_generations": 2, "load_best_model_at_end": True}


def start(attempt: Path, processes: int, **env: str) -> subprocess.Popen:
    launcher = ["-m", "worker.launch", str(attempt), "--standalone", "--local-addr", "127.0.0.1", "--nproc-per-node", str(processes)]
    method = json.loads((attempt / "plan.json").read_text())["method"]
    command = [sys.executable, *launcher, str(PROGRAM), method, str(attempt)]
    path = {"PYTHONPATH": str(ROOT / "python"), "HF_HUB_OFFLINE": "1", "PATH": "/usr/bin:/bin", "OMP_NUM_THREADS": "1"}
    log = (attempt / "worker.log").open("w")
    (attempt / "workers").mkdir(exist_ok=True)
    return subprocess.Popen(command, env=path | env, stdout=log, stderr=log)


def finish(attempt: Path, processes: int, **env: str) -> list[dict]:
    assert start(attempt, processes, **env).wait(timeout=120) == 0, (attempt / "worker.log").read_text()[-4000:]
    events = read_events(attempt)
    assert (events[-1]["type"], events[-1]["reason"]) == ("run-end", "done")
    return events


def losses(events: list[dict], kind: str = "step-end") -> list[float]:
    return [event["loss"] for event in events if event["type"] == kind]


def pids(attempt: Path) -> list[int]:
    return [json.loads((attempt / "workers" / f"{rank}.json").read_text())["pid"] for rank in range(2)]


def wait_for_step(attempt: Path, step: int, process: subprocess.Popen) -> None:
    path = attempt / "events.jsonl"
    while not path.exists() or sum('"step-end"' in line for line in path.read_text().splitlines()) < step:
        assert process.poll() is None, (attempt / "worker.log").read_text()[-3000:]
        time.sleep(0.02)


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Path:
    """The same runs by one process: an adapter, and all weights."""
    folder = tmp_path_factory.mktemp("alone")
    for form, changes in FORMS.items():
        attempt = write_run(folder / form, tiny_model, ROWS, DEV, per_device_train_batch_size=4, **SETTINGS, **changes)
        with Attempt(str(attempt), is_child=False) as held:
            sft.run(held)
    return folder


FORMS: dict[str, dict] = {"lora": {}, "full": {"use_peft": False, "learning_rate": 1e-3}}
WEIGHTS = {"lora": "adapter_model.safetensors", "full": "model.safetensors"}


def assert_same(attempt: Path, other: Path, form: str) -> None:
    events = [read_events(one) for one in (attempt, other)]
    for kind in ("step-end", "eval-end"):
        assert losses(events[0], kind) == pytest.approx(losses(events[1], kind), abs=2e-5), kind
    samples = [[event["answer"] for event in found if event["type"] == "sample"] for found in events]
    assert len(samples[0]) == 4 and len(samples[0]) == len(samples[1])
    weights = [load_file(one.parent.parent / "artifact" / WEIGHTS[form]) for one in (attempt, other)]
    assert weights[0].keys() == weights[1].keys()
    assert all(torch.allclose(weights[0][name], weights[1][name], atol=1e-4) for name in weights[0])
    assert json.loads((attempt.parent.parent / "artifact" / "artifact.json").read_text())["logits_change"] > 1e-3


@pytest.mark.parametrize("form", FORMS)
def test_two_processes_with_sharded_weights_train_as_one(form: str, tmp_path: Path, tiny_model: Path, alone: Path):
    changes = FORMS[form] | {"num_processes": 2, "per_device_train_batch_size": 2, "fsdp": True}
    attempt = write_run(tmp_path / "run", tiny_model, ROWS, DEV, **SETTINGS, **changes)
    finish(attempt, 2, FSDP_ON_CPU="1")
    assert_same(attempt, alone / form / "attempts" / "1", form)
    assert {path.parent.name for path in tmp_path.glob(f"run/checkpoints/*/{COMPLETE_MARK}")} == {"checkpoint-2", "checkpoint-4"}


def test_two_processes_train_as_one_however_long_rank_0_works_alone(tmp_path: Path, tiny_model: Path, alone: Path):
    changes = {"num_processes": 2, "per_device_train_batch_size": 2}
    attempt = write_run(tmp_path / "run", tiny_model, ROWS, DEV, **SETTINGS, **changes)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    finish(attempt, 2, FAULT="rank 0 is slow", TMPDIR=str(temporary))
    # torchrun's own logs lie with the attempt.
    assert not list(temporary.glob("torchelastic*")) and (attempt / "torchrun").is_dir()
    assert_same(attempt, alone / "lora" / "attempts" / "1", "lora")


@pytest.mark.parametrize("method", [dpo, reward])
def test_two_processes_on_pairs_train_as_one(method, tmp_path: Path, tiny_model: Path):
    """Rank 0 computes the reference, and both read it; figures are means over the pairs of both."""
    settings = {**SETTINGS, "method": method.__name__.rsplit(".")[-1], "num_eval_generations": 0}
    one = write_run(tmp_path / "one", tiny_model, PAIRS, PAIRS[:5], per_device_train_batch_size=4, **settings)
    with Attempt(str(one), is_child=False) as held:
        method.run(held)
    two = write_run(tmp_path / "two", tiny_model, PAIRS, PAIRS[:5], per_device_train_batch_size=2, num_processes=2, **settings)
    events = [finish(two, 2), read_events(one)]
    for kind in ("step-end", "eval-end"):
        assert losses(events[0], kind) == pytest.approx(losses(events[1], kind), abs=2e-5), kind
        margins = [[event["metrics"]["rewards/margins"] for event in found if event["type"] == kind] for found in events]
        assert margins[0] == pytest.approx(margins[1], abs=1e-3) and len(margins[0]) > 1, kind


@pytest.mark.parametrize("is_sharded", [False, True])
def test_when_one_is_asked_to_stop_all_stop_after_the_same_step(is_sharded: bool, tmp_path: Path, tiny_model: Path, alone: Path):
    changes = {"num_processes": 2, "per_device_train_batch_size": 2, "fsdp": is_sharded}
    attempt = write_run(tmp_path / "run", tiny_model, ROWS, DEV, **SETTINGS, **changes)
    env = {"FSDP_ON_CPU": "1"} if is_sharded else {}
    process = start(attempt, 2, **env)
    wait_for_step(attempt, 1, process)
    os.kill(pids(attempt)[1], signal.SIGTERM)
    assert process.wait(timeout=60) == 0, (attempt / "worker.log").read_text()[-3000:]
    assert read_events(attempt)[-1]["reason"] == "stopped"
    (complete,) = tmp_path.glob(f"run/checkpoints/*/{COMPLETE_MARK}")
    if is_sharded:
        _resume_as_one(attempt, complete.parent, alone, env)


def _resume_as_one(attempt: Path, checkpoint: Path, alone: Path, env: dict[str, str]) -> None:
    following = attempt.parent / "2"
    following.mkdir()
    plan = json.loads((attempt / "plan.json").read_text())
    (following / "plan.json").write_text(json.dumps(plan | {"resume_from": str(checkpoint)}))
    finish(following, 2, **env)
    whole = losses(read_events(alone / "lora" / "attempts" / "1"))
    resumed = losses(read_events(following))
    assert 0 < len(resumed) < 4
    assert resumed == pytest.approx(whole[-len(resumed) :], abs=2e-5)


def test_the_first_to_fail_leaves_its_own_error_and_its_checkpoint_is_not_complete(tmp_path: Path, tiny_model: Path):
    attempt = write_run(tmp_path / "run", tiny_model, ROWS, DEV, **SETTINGS, num_processes=2, per_device_train_batch_size=2)
    assert start(attempt, 2, FAULT="raises").wait(timeout=60) == 1
    errors = {path.name[0]: json.loads(path.read_text()) for path in (attempt / "workers").glob("*.error.json")}
    assert errors["1"]["code"] == "out-of-memory" and "no memory left" in errors["1"]["data"]["problem"]
    assert "0" not in errors or errors["1"]["at"] < errors["0"]["at"]
    assert (tmp_path / "run" / "checkpoints" / "checkpoint-2").exists()
    assert not list(tmp_path.glob(f"run/checkpoints/*/{COMPLETE_MARK}"))


def test_a_killed_process_is_named_by_torchrun(tmp_path: Path, tiny_model: Path):
    attempt = write_run(tmp_path / "run", tiny_model, ROWS, **SETTINGS | {"num_train_epochs": 200.0, "load_best_model_at_end": False}, num_processes=2)
    process = start(attempt, 2)
    wait_for_step(attempt, 1, process)
    os.kill(pids(attempt)[1], signal.SIGKILL)
    assert process.wait(timeout=60) == 1
    assert json.loads((attempt / "workers" / "killed.json").read_text()) == {"rank": 1, "signal": "SIGKILL"}


def test_torchrun_and_its_processes_die_with_who_started_them(tmp_path: Path, tiny_model: Path):
    attempt = write_run(tmp_path / "run", tiny_model, ROWS, **SETTINGS | {"num_train_epochs": 200.0, "load_best_model_at_end": False}, num_processes=2)
    supervisor = os.fork()
    if supervisor == 0:
        start(attempt, 2).wait()
        os._exit(0)
    until = time.monotonic() + 60
    while not (ranks := _pids_if_written(attempt)) and time.monotonic() < until:
        time.sleep(0.05)
    assert ranks
    os.kill(supervisor, signal.SIGKILL)
    os.waitpid(supervisor, 0)
    until = time.monotonic() + 10
    while any(_runs(pid) for pid in ranks) and time.monotonic() < until:
        time.sleep(0.05)
    assert not any(_runs(pid) for pid in ranks)


def _pids_if_written(attempt: Path) -> list[int]:
    """Empty while a file is not there, or is being written."""
    try:
        return pids(attempt)
    except (FileNotFoundError, json.JSONDecodeError):
        return []


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
