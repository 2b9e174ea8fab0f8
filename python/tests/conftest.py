"""What the worker's tests share: the imported model's folder, and a tiny model with its tokenizer."""

import json
import os
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from tiny_families import tiny_family

from worker.errors import WorkerError

ROOT = Path(__file__).parents[2]
HOME = Path(os.environ.get("SLIPWAY_TEST_HOME", ROOT / ".slipway" / "home"))
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"


def pytest_configure() -> None:
    """Errors that the worker raises in tests are recorded: `npm run verify` wants every one."""
    recorded = os.environ.get("SLIPWAY_RAISED_ERRORS")
    if not recorded:
        return
    plain = WorkerError.__init__

    def recording(self: WorkerError, code: Any, **data: Any) -> None:
        plain(self, code, **data)
        with open(recorded, "a") as lines:
            lines.write(f"worker {code}\n")

    WorkerError.__init__ = recording


@pytest.fixture(scope="session")
def smollm2() -> Path:
    """The folder that `slipway` imported SmolLM2-135M into (the TypeScript tests do, and run first)."""
    folder = HOME / "models" / "smollm2-135m-instruct"
    assert folder.exists(), "run npm run verify: the TypeScript tests import the model"
    return folder


@pytest.fixture(scope="session")
def gemma3() -> Path:
    """The folder that `slipway` imported Gemma 3 270M into."""
    folder = HOME / "models" / "gemma-3-270m"
    assert folder.exists(), "run npm run verify: the TypeScript tests import the model"
    return folder


@pytest.fixture(scope="session")
def tiny_model(smollm2: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model of Llama type with random weights and the real tokenizer."""
    return tiny_family("llama", smollm2, tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="session")
def family_folder(smollm2: Path, tmp_path_factory: pytest.TempPathFactory):
    """The folder of a family's tiny model, made once."""
    made: dict[str, Path] = {}

    def folder(family: str) -> Path:
        made[family] = made.get(family) or tiny_family(family, smollm2, tmp_path_factory.mktemp(family))
        return made[family]

    return folder


@pytest.fixture
def moved(monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[bool, bool]]:
    """Of each parameter of the model that was trained last: whether it was to be trained, and whether it moved."""
    import torch

    from worker.training import train as training
    from worker.training.progress import ProgressReporter

    before: dict[str, torch.Tensor] = {}
    found: dict[str, tuple[bool, bool]] = {}
    begin, measure = ProgressReporter.on_train_begin, training.measure_trained

    def remember(self: Any, *args: Any, **kwargs: Any) -> None:
        begin(self, *args, **kwargs)
        before.update((name, parameter.detach().clone()) for name, parameter in self.trainer.model.named_parameters())

    def compare(attempt: Any, plan: Any, trainer: Any) -> Any:
        for name, parameter in trainer.model.named_parameters():
            found[name] = (parameter.requires_grad, not torch.equal(parameter, before[name]))
        return measure(attempt, plan, trainer)

    monkeypatch.setattr(ProgressReporter, "on_train_begin", remember)
    monkeypatch.setattr(training, "measure_trained", compare)
    return found


def chat(question: str, answer: str, system: str | None = None) -> dict:
    messages = [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    return {"messages": ([{"role": "system", "content": system}] if system else []) + messages}


ROWS = [chat(f"Question {n} " + "and more " * (n % 5), f"Answer number {n} " * (1 + n % 3), "Be brief.") for n in range(8)]




def pair(question: str, chosen: str, rejected: str) -> dict:
    answers = {name: [{"role": "assistant", "content": text}] for name, text in (("chosen", chosen), ("rejected", rejected))}
    return {"prompt": [{"role": "user", "content": question}], **answers}


def labelled(question: str, answer: str, label: bool) -> dict:
    return {
        "prompt": [{"role": "user", "content": question}],
        "completion": [{"role": "assistant", "content": answer}],
        "label": label,
    }


#: A prompt that two pairs share, prompts too short to share, and answers of different lengths.
PAIRS = [
    pair(f"Question {n // 2} " + "and more " * (4 * (n // 2)), f"Short {n}.", f"A long answer number {n} " * (1 + n % 3)) for n in range(8)
]
LABELLED = [
    labelled(f"Question {n // 2} " + "and more " * (4 * (n // 2)), f"Answer {n} " * (1 + n % 3), n % 3 != 0) for n in range(8)
]

#: What a recipe of these tests says unless a test says otherwise.
SETTINGS: dict[str, Any] = {
    "learning_rate": 1e-2,
    "per_device_train_batch_size": 4,
    "lr_scheduler_type": "constant",
    "warmup_steps": 0,
    "eval_steps": 100,
    "save_steps": 100,
    "early_stopping_patience": 0,
    "load_best_model_at_end": False,
    "num_eval_generations": 0,
    "seed": 3,
    "num_threads": 1,
}


@cache
def _planner() -> subprocess.Popen[str]:
    """The product's planner, running for all tests."""
    command = ["node", str(Path(__file__).parent / "planner.mjs")]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def write_run(
    folder: Path, model: Path, rows: list[dict], dev: list[dict] | None = None, further: Path | None = None, **settings: Any
) -> Path:
    """A run folder with its rows inspected and its plan made as the product makes it; returns the attempt's folder.

    `further`: a run whose adapter is trained further. `settings`: as a recipe has them, LoRA's under `lora`.
    """
    from worker.data.inspect import inspect_folder

    data = folder / "data"
    data.mkdir(parents=True)
    (data / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    if dev:
        (data / "dev.jsonl").write_text("".join(json.dumps(row) + "\n" for row in dev))
    inspection = inspect_folder(model / "transformers", data, 4096)
    attempt = folder / "attempts" / "1"
    attempt.mkdir(parents=True)
    form = {"r": 4, "lora_alpha": 8}
    recipe = {"model": "tiny", "method": "sft", "data": {"train": "train.jsonl"}, "lora": {} if further else form, **SETTINGS}
    recipe |= settings | {"lora": recipe["lora"] | settings.get("lora", {})}
    labels = [row["label"] for row in rows if "label" in row]
    request = {
        "model": str(model),
        "splits": inspection["splits"],
        "recipe": recipe,
        "parent": _parent(further),
        "labels": {"good": sum(labels), "bad": len(labels) - sum(labels)} if labels else None,
    }
    planner = _planner()
    assert planner.stdin and planner.stdout
    planner.stdin.write(json.dumps(request) + "\n")
    planner.stdin.flush()
    plan = json.loads(planner.stdout.readline())
    assert "error" not in plan, plan
    (attempt / "plan.json").write_text(json.dumps(plan))
    return attempt


def _parent(run: Path | None) -> dict | None:
    if run is None:
        return None
    plan = json.loads((run / "attempts" / "1" / "plan.json").read_text())
    artifact = {"run": run.name, "folder": str(run / "artifact"), "sha256": "0"}
    return {"artifact": artifact, "lora": plan["values"]["lora"]}


def read_events(attempt: Path) -> list[dict]:
    return [json.loads(line) for line in (attempt / "events.jsonl").read_text().splitlines()]
