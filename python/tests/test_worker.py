"""Events, errors, coverage, and what the worker does when training goes wrong."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, ROWS, read_events, write_run

from worker.errors import WorkerError, describe
from worker.events import EventWriter


def test_events_count_without_a_gap_and_refuse_nan(tmp_path: Path):
    writer = EventWriter(tmp_path / "events.jsonl")
    writer.phase("loading", 0.5)
    with pytest.raises(ValueError):
        writer.append({"type": "eval-end", "step": 1, "loss": float("nan")})
    writer.phase("going on")
    lines = [json.loads(line) for line in (tmp_path / "events.jsonl").read_text().splitlines()]
    assert [line["seq"] for line in lines] == [0, 1]
    assert lines[0]["share"] == 0.5


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (WorkerError("diverged", loss="nan", step=3), "diverged"),
        (OSError(errno.ENOSPC, "No space left on device"), "disk-full"),
        (RuntimeError("[enforce fail at alloc_cpu.cpp:117] DefaultCPUAllocator: can't allocate memory"), "out-of-memory"),
        (MemoryError(), "out-of-memory"),
        (KeyError("x"), "worker-failed"),
    ],
)
def test_exceptions_become_catalogue_codes(error: Exception, code: str):
    assert describe(error)[0] == code


def _run(attempt: Path) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "worker", "sft", str(attempt)]
    env = {"PYTHONPATH": str(ROOT / "python"), "HF_HUB_OFFLINE": "1", "PATH": "/usr/bin:/bin"}
    return subprocess.run(command, env=env, capture_output=True, text=True)


def test_a_run_that_diverges_says_so_and_leaves_no_artifact(tmp_path: Path, tiny_model: Path):
    attempt = write_run(tmp_path / "run", tiny_model, ROWS, learning_rate=1e30, max_grad_norm=1e9, num_train_epochs=4.0)
    done = _run(attempt)
    assert done.returncode != 0
    last = read_events(attempt)[-1]
    assert (last["type"], last["code"]) == ("run-error", "diverged")
    assert not (tmp_path / "run" / "artifact" / "artifact.json").exists()
    assert "Traceback" in done.stderr


def test_an_adapter_that_does_nothing_is_an_error(tmp_path: Path, tiny_model: Path):
    attempt = write_run(tmp_path / "run", tiny_model, ROWS, learning_rate=1e-12)
    assert _run(attempt).returncode != 0
    assert read_events(attempt)[-1]["code"] == "adapter-unchanged"


def test_coverage_tells_which_weights_carry_an_adapter(tiny_model: Path):
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    from worker.training.coverage import module_coverage

    base = AutoModelForCausalLM.from_pretrained(tiny_model / "transformers")
    model = get_peft_model(base, LoraConfig(r=2, target_modules=["q_proj"], task_type="CAUSAL_LM"))
    found = {entry["module_class"]: entry for entry in module_coverage(model)}
    assert found["attention"]["num_reached_parameters"] == 4 * 64 * 64
    assert found["attention"]["num_trained_parameters"] == 4 * 2 * (64 + 64)
    assert found["mlp"]["num_reached_parameters"] == found["mlp"]["num_trained_parameters"] == 0
    assert found["embeddings"]["num_parameters"] == 49152 * 64


def test_a_class_of_tensors_without_a_gradient_stops_the_run(tiny_model: Path):
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    from worker.training.coverage import GradientCheck

    base = AutoModelForCausalLM.from_pretrained(tiny_model / "transformers")
    model = get_peft_model(base, LoraConfig(r=2, target_modules=["q_proj", "down_proj"], task_type="CAUSAL_LM"))
    model(input_ids=torch.tensor([[5, 6, 7]]), labels=torch.tensor([[5, 6, 7]])).loss.backward()
    GradientCheck().look(model, 1)
    for name, parameter in model.named_parameters():
        if "down_proj" in name:
            parameter.grad = None
    with pytest.raises(WorkerError) as caught:
        GradientCheck().look(model, 1)
    assert (caught.value.code, caught.value.data["classes"]) == ("no-gradient", "mlp (lora_B)")


def test_a_model_that_trains_another_part_than_the_plan_says_stops_before_step_1(tmp_path: Path, tiny_model: Path):
    attempt = write_run(tmp_path / "run", tiny_model, ROWS)
    plan = json.loads((attempt / "plan.json").read_text())
    attention = next(entry for entry in plan["coverage"] if entry["module_class"] == "attention")
    attention["num_trained_parameters"] += 1
    (attempt / "plan.json").write_text(json.dumps(plan))
    assert _run(attempt).returncode != 0
    last = read_events(attempt)[-1]
    assert (last["code"], last["data"]["module_class"]) == ("coverage-differs", "attention")
    assert last["data"]["planned"] == last["data"]["measured"] + 1
    assert not [event for event in read_events(attempt) if event["type"] in ("run-start", "step-end")]


def test_a_class_that_only_one_side_has_differs_too():
    from worker.training.coverage import refuse_other_coverage

    entry = {"module_class": "mlp", "num_parameters": 5, "num_reached_parameters": 5, "num_trained_parameters": 2}
    refuse_other_coverage([entry], [dict(entry)])  # type: ignore[list-item, typeddict-item]
    for planned, measured in (([entry], []), ([], [entry])):
        with pytest.raises(WorkerError) as caught:
            refuse_other_coverage(planned, measured)  # type: ignore[arg-type]
        assert caught.value.code == "coverage-differs"


def test_what_loads_as_another_model_is_refused():
    from worker.artifact.reload import refuse_another

    refuse_another([-1.0, -2.0], [-1.0, -2.0001])
    with pytest.raises(WorkerError) as caught:
        refuse_another([-1.0, -2.0], [-1.0, -3.0])
    assert caught.value.code == "artifact-differs"


def test_a_dead_layer_among_living_ones_is_named(tiny_model: Path):
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    from worker.training.coverage import GradientCheck

    base = AutoModelForCausalLM.from_pretrained(tiny_model / "transformers")
    model = get_peft_model(base, LoraConfig(r=2, target_modules=["q_proj", "down_proj"], task_type="CAUSAL_LM"))
    model(input_ids=torch.tensor([[5, 6, 7]]), labels=torch.tensor([[5, 6, 7]])).loss.backward()
    for name, parameter in model.named_parameters():
        if "layers.2.mlp.down_proj.lora_B" in name:
            parameter.grad = torch.zeros_like(parameter)
    with pytest.raises(WorkerError) as caught:
        GradientCheck().look(model, 1)
    assert caught.value.data["classes"] == "base_model.model.model.layers.2.mlp.down_proj.lora_B.default.weight"


def test_a_full_disk_leaves_whole_lines_only(tmp_path: Path):
    """`ulimit -f` cuts a write as a full disk does, in the middle of a line."""
    program = (
        "import resource, signal, sys; from pathlib import Path; from worker.events import EventWriter\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "writer = EventWriter(Path(sys.argv[1])); count = 0\n"
        "try:\n    while True: writer.phase('x' * 50); count += 1\nexcept OSError: print(count)\n"
    )
    path = tmp_path / "events.jsonl"
    done = subprocess.run([sys.executable, "-c", program, str(path)], env={"PYTHONPATH": str(ROOT / "python")}, capture_output=True, text=True)
    lines = path.read_text().splitlines(keepends=True)
    assert len(lines) == int(done.stdout) > 0 and all(json.loads(line) and line.endswith("\n") for line in lines)


@pytest.mark.parametrize(("visible", "world", "expected"), [(None, 1, "0"), ("2,3", 1, "2"), ("2,3", 2, "2,3")])
def test_one_process_uses_one_gpu_and_says_which(visible: str | None, world: int, expected: str, tmp_path: Path, monkeypatch):
    from worker.gpus import use_one_gpu
    from worker.life import Attempt

    attempt = tmp_path / "run" / "attempts" / "1"
    attempt.mkdir(parents=True)
    (attempt / "plan.json").write_text(json.dumps({"device": "cuda"}))
    monkeypatch.setenv("WORLD_SIZE", str(world))
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if visible:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    with Attempt(str(attempt), is_child=False) as held:
        use_one_gpu(held)
    assert os.environ["CUDA_VISIBLE_DEVICES"] == expected
    assert [event["name"] for event in read_events(attempt)] == ([f"using GPU {expected}"] if world == 1 else [])
