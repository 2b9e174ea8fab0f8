"""What the worker's tests share: the imported model's folder, and a tiny model with its tokenizer."""

import json
import os
from pathlib import Path

import pytest
from tiny_families import tiny_family

ROOT = Path(__file__).parents[2]
HOME = Path(os.environ.get("SLIPWAY_TEST_HOME", ROOT / ".slipway" / "home"))
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"


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


def chat(question: str, answer: str, system: str | None = None) -> dict:
    messages = [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    return {"messages": ([{"role": "system", "content": system}] if system else []) + messages}


ROWS = [chat(f"Question {n} " + "and more " * (n % 5), f"Answer number {n} " * (1 + n % 3), "Be brief.") for n in range(8)]


def write_run(folder: Path, model: Path, rows: list[dict], dev: list[dict] | None = None, **changes: object) -> Path:
    """A run folder with its rows inspected and a plan of SFT on them; returns the attempt's folder."""
    from worker.data.inspect import inspect_folder

    data = folder / "data"
    data.mkdir(parents=True)
    (data / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    if dev:
        (data / "dev.jsonl").write_text("".join(json.dumps(row) + "\n" for row in dev))
    inspect_folder(model / "transformers", data, 4096)
    attempt = folder / "attempts" / "1"
    attempt.mkdir(parents=True)
    settings = {
        "use_peft": True,
        "load_in_4bit": False,
        "lora_r": 4,
        "lora_alpha": 8,
        "lora_dropout": 0.0,
        "lora_target_modules": ["all-linear"],
        "lora_target_parameters": [],
        "use_rslora": False,
        "learning_rate": 1e-2,
        "num_train_epochs": 1.0,
        "per_device_train_batch_size": 4,
        "gradient_accumulation_steps": 1,
        "max_length": 4096,
        "lr_scheduler_type": "constant",
        "warmup_ratio": 0.0,
        "weight_decay": 0.0,
        "max_grad_norm": 1.0,
        "eval_steps": 100,
        "save_steps": 100,
        "save_total_limit": 2,
        "early_stopping_patience": 0,
        "load_best_model_at_end": False,
        "gradient_checkpointing": False,
        "num_eval_generations": 0,
        "seed": 3,
        "num_threads": 1,
        "num_processes": 1,
        "precision": "float32",
        "padding_free": True,
        "fused_loss": True,
        "allow": [],
    } | changes
    per_step = settings["per_device_train_batch_size"] * settings["gradient_accumulation_steps"] * settings["num_processes"]
    plan = {
        "method": "sft",
        "model": {"id": "tiny", "folder": str(model), "sha256": "0", "quantization": "F32"},
        "data": {"num_train_rows": len(rows), "num_dev_rows": len(dev or []), "train_sha256": "0"},
        "settings": {name: {"value": value, "source": "default"} for name, value in settings.items()},
        "forecast": {"num_steps": int(len(rows) / per_step * settings["num_train_epochs"]), "memory_bytes": 2_000_000_000},
        "resume_from": None,
    }
    (attempt / "plan.json").write_text(json.dumps(plan))
    return attempt


def read_events(attempt: Path) -> list[dict]:
    return [json.loads(line) for line in (attempt / "events.jsonl").read_text().splitlines()]
