"""What a run says while it trains: the longest batch first, dev losses, samples, the best checkpoint, an early end."""

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import ROWS, chat, write_run
from test_families import train

from worker import events as events_module
from worker.events import EventWriter
from worker.methods.sft import SftTrainer
from worker.training import worst_batch

DEV = [chat(f"Dev question {n}", "An answer") for n in range(6)]


def test_the_longest_batch_is_tried_before_step_1_and_changes_nothing(tmp_path: Path, tiny_model: Path):
    long = [chat("word " * 300, "An answer")] + ROWS[1:]
    events = train(write_run(tmp_path / "run", tiny_model, long, lora={"lora_dropout": 0.1}))
    kinds = [event["type"] for event in events]
    tried = events[kinds.index("worst-batch")]
    assert kinds.index("worst-batch") < kinds.index("step-end")
    assert tried["num_tokens"] > 300 and tried["memory_bytes"] > 100_000_000 and tried["forecast_bytes"] > 600_000_000
    again = train(write_run(tmp_path / "again", tiny_model, long, lora={"lora_dropout": 0.1}))
    losses = [[event["loss"] for event in one if event["type"] == "step-end"] for one in (events, again)]
    assert losses[0] == losses[1]


def test_a_phase_says_how_much_of_it_is_done(tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(events_module, "SECONDS_BETWEEN_SHARES", 0.0)
    events = train(write_run(tmp_path / "run", tiny_model, ROWS, DEV, eval_steps=1))
    told = [(event["name"], event["share"]) for event in events if event["type"] == "phase" and "share" in event]
    for name in ("dev pass", "measuring the trained model", "writing the parity reference"):
        shares = [share for one, share in told if one == name]
        assert shares and shares[0] == 0 and all(0 <= share < 1 for share in shares), name
    assert len([share for name, share in told if name == "measuring the trained model"]) == len(DEV)


def test_shares_are_told_once_a_second(tmp_path: Path):
    path = tmp_path / "events.jsonl"
    writer = EventWriter(path)
    assert list(writer.counted("counting", [1, 2, 3])) == [1, 2, 3]
    writer.phase("another", 0.5)
    writer.phase("without a share")
    told = [json.loads(line) for line in path.read_text().splitlines()]
    assert [(event["name"], event.get("share")) for event in told] == [("counting", 0), ("another", 0.5), ("without a share", None)]


def test_the_same_dev_prompts_are_answered_at_each_pass(tmp_path: Path, tiny_model: Path):
    events = train(write_run(tmp_path / "run", tiny_model, ROWS, DEV, num_eval_generations=5, eval_steps=1))
    asked = [(event["step"], event["prompt"]) for event in events if event["type"] == "sample"]
    prompts = [f"Dev question {n}" for n in range(5)]
    assert asked == [(step, prompt) for step in (1, 2) for prompt in prompts]


def test_the_best_checkpoint_becomes_the_artifact_and_a_run_that_gets_worse_ends(tmp_path: Path, tiny_model: Path):
    other = [chat(f"Dev question {n}", "zebra quilt vortex") for n in range(4)]
    attempt = write_run(
        tmp_path / "run",
        tiny_model,
        ROWS,
        other,
        learning_rate=0.1,
        num_train_epochs=20.0,
        eval_steps=2,
        save_steps=2,
        early_stopping_patience=2,
        load_best_model_at_end=True,
    )
    events = train(attempt)
    passes = [event for event in events if event["type"] == "eval-end"]
    best = min(passes, key=lambda event: event["loss"])
    assert [event["is_best"] for event in passes] == [event["loss"] == min(e["loss"] for e in passes[: n + 1]) for n, event in enumerate(passes)]
    assert any(event["type"] == "phase" and event["name"] == "ending early: no lower dev loss in 2 passes" for event in events)
    last = events[-1]
    assert last["reason"] == "done" and last["step"] < 40 and best["step"] < last["step"]
    artifact = json.loads((attempt.parent.parent / "artifact" / "artifact.json").read_text())
    assert artifact["lineage"]["best_step"] == best["step"] and artifact["dev_loss"] == best["loss"]
    assert (attempt.parent.parent / "checkpoints" / f"checkpoint-{best['step']}" / "complete").exists()


def test_the_last_weights_are_measured_on_dev_too(tmp_path: Path, tiny_model: Path):
    events = train(write_run(tmp_path / "run", tiny_model, ROWS, DEV, num_train_epochs=1.5, eval_steps=2))
    assert [event["step"] for event in events if event["type"] == "eval-end"] == [2, 3]


def test_the_dev_loss_is_per_token_whatever_the_batch(tmp_path: Path, tiny_model: Path):
    dev = [chat(f"Dev question {n}", "An answer " * (1 + 7 * (n % 3))) for n in range(7)]

    def dev_losses(name: str, **changes: object) -> list[float]:
        events = train(write_run(tmp_path / name, tiny_model, ROWS, dev, eval_steps=1, **changes))
        return [event["loss"] for event in events if event["type"] == "eval-end"]

    # Two rows a step in each, so that only the batches of the dev pass differ.
    ours = dev_losses("two", per_device_train_batch_size=2)
    assert dev_losses("one", per_device_train_batch_size=1, gradient_accumulation_steps=2) == pytest.approx(ours, abs=2e-5)
    plain = {"plain": ["padding_free", "fused_loss", "fused_projection", "recomputed"]}
    assert dev_losses("plain", per_device_train_batch_size=2, **plain) == pytest.approx(ours, abs=2e-5)


def test_rows_that_teach_nothing_are_no_steps(tmp_path: Path, tiny_model: Path):
    rows = [*ROWS, *(chat(f"Nothing {n}?", "") for n in range(8))]
    attempt = write_run(tmp_path / "run", tiny_model, rows, allow=["rows-without-supervision"], num_train_epochs=2.0)
    events = train(attempt)
    num_steps = len([event for event in events if event["type"] == "step-end"])
    assert num_steps == 4 == json.loads((attempt / "plan.json").read_text())["forecast"]["num_steps"]


def test_the_trial_holds_the_moments_and_adds_to_gradients_as_a_step_does(tmp_path: Path, tiny_model: Path, monkeypatch):
    seen: list[tuple[bool, int, int]] = []
    plain, moments = worst_batch._moments, []

    def remember(trainer: Any) -> list:
        moments[:] = plain(trainer)
        return moments

    loss = SftTrainer.compute_loss

    def look(self: Any, model: Any, inputs: Any, *args: Any, **options: Any) -> Any:
        trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
        held = sum(moment.numel() for moment in moments)
        seen.append((trained[0].grad is not None, held, sum(parameter.numel() for parameter in trained)))
        return loss(self, model, inputs, *args, **options)

    monkeypatch.setattr(worst_batch, "_moments", remember)
    monkeypatch.setattr(SftTrainer, "compute_loss", look)
    train(write_run(tmp_path / "run", tiny_model, ROWS, gradient_accumulation_steps=2, per_device_train_batch_size=1))
    (first, second, *rest) = seen
    assert first[0] is False and second[0] is True
    assert first[1] == second[1] == 2 * first[2] > 0
    assert [held for _, held, _ in rest] == [0] * len(rest)
