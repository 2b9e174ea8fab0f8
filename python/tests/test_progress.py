"""What a run says while it trains: the longest batch first, dev losses, samples, the best checkpoint, an early end."""

import json
from pathlib import Path

from conftest import ROWS, chat, write_run
from test_families import train

DEV = [chat(f"Dev question {n}", "An answer") for n in range(6)]


def test_the_longest_batch_is_tried_before_step_1_and_changes_nothing(tmp_path: Path, tiny_model: Path):
    long = [chat("word " * 300, "An answer")] + ROWS[1:]
    events = train(write_run(tmp_path / "run", tiny_model, long, lora={"lora_dropout": 0.1}))
    kinds = [event["type"] for event in events]
    tried = events[kinds.index("worst-batch")]
    assert kinds.index("worst-batch") < kinds.index("step-end")
    assert tried["num_tokens"] > 300 and tried["memory_bytes"] > 100_000_000 and tried["forecast_bytes"] > 900_000_000
    again = train(write_run(tmp_path / "again", tiny_model, long, lora={"lora_dropout": 0.1}))
    losses = [[event["loss"] for event in one if event["type"] == "step-end"] for one in (events, again)]
    assert losses[0] == losses[1]


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
