"""DPO and KTO: what is learnt of pairs and labelled answers, the same losses and gradients as TRL's own, and what comes out."""

import json
import math
import random
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from conftest import LABELLED, PAIRS, labelled, pair, read_events, write_run
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from test_compute import refuse_difference
from tiny_families import FAMILIES

from worker.compute.row_batch import lay_rows
from worker.data.inspect import read_examples
from worker.errors import WorkerError
from worker.life import Attempt
from worker.methods import dpo, kto, reward
from worker.training import train_preferences as preferences

METHODS: dict[str, Any] = {"dpo": dpo, "kto": kto, "reward": reward}
ROWS_OF = {"dpo": PAIRS, "kto": LABELLED, "reward": PAIRS}
FORMS: dict[str, dict[str, Any]] = {
    "lora": {},
    "qlora": {"load_in_4bit": True},
    "checkpointed": {"gradient_checkpointing": True},
    "full": {"use_peft": False, "learning_rate": 1e-3},
}
ALL_PLAIN = ["padding_free", "shared_prefix", "fused_loss", "last_layer", "frozen_layers", "fused_projection", "recomputed", "sparse_experts"]


def train(attempt: Path, method: str) -> list[dict]:
    with Attempt(str(attempt), is_child=False) as held:
        METHODS[method].run(held)
    return read_events(attempt)


def steps_of(events: list[dict]) -> list[dict]:
    return [event for event in events if event["type"] == "step-end"]


class Caught(Exception):
    """Holds the trainer that a run has made, before its first step."""

    def __init__(self, trainer: Any) -> None:
        self.trainer = trainer


def next_attempt(attempt: Path) -> Path:
    """As `slipway resume` makes it; the lock of the earlier one is still held by this process."""
    made = attempt.parent / str(int(attempt.name) + 1)
    made.mkdir()
    shutil.copy(attempt / "plan.json", made / "plan.json")
    return made


def trainer_of(monkeypatch: pytest.MonkeyPatch, attempt: Path, method: str) -> Any:
    def stop(_: Any, __: Any, trainer: Any, ___: Any) -> None:
        raise Caught(trainer)

    monkeypatch.setattr(preferences, "train_and_write", stop)
    with pytest.raises(Caught) as caught:
        train(attempt, method)
    monkeypatch.undo()
    return caught.value.trainer


def measured(trainer: Any) -> tuple[float, dict[str, torch.Tensor]]:
    """Loss of all rows in one batch, with the adapter moved away from the reference, and the gradient of each trained tensor."""
    torch.manual_seed(11)
    for name, parameter in trainer.model.named_parameters():
        if parameter.requires_grad and ".lora_B." in name:
            parameter.data = torch.randn_like(parameter) * 0.05
    trainer.state.global_step = 1
    trainer.model.train()
    loss = trainer.compute_loss(trainer.model, dict(trainer.collate(list(trainer.train_dataset))))
    loss.backward()
    return loss.item(), {name: parameter.grad for name, parameter in trainer.model.named_parameters() if parameter.grad is not None}


@pytest.mark.parametrize(
    ("method", "changes"),
    [
        ("dpo", {"loss_type": "sigmoid"}),
        ("dpo", {"loss_type": "ipo"}),
        ("dpo", {"loss_type": "sigmoid_norm", "beta": 5.0}),
        ("dpo", {"gradient_checkpointing": True}),
        ("kto", {"desirable_weight": 1.0, "undesirable_weight": 1.5}),
        ("reward", {}),
        ("margins", {}),
        ("reward", {"center_rewards_coefficient": 0.1, "gradient_checkpointing": True}),
    ],
)
@pytest.mark.parametrize("family", FAMILIES)
def test_losses_and_gradients_are_those_of_trl(family: str, method: str, changes: dict, family_folder, tmp_path: Path, monkeypatch):
    found = {}
    for name, plain in (("ours", []), ("trl", ALL_PLAIN)):
        model = family_folder(family)
        rows = [row | {"margin": n % 3 / 2} for n, row in enumerate(PAIRS)] if method == "margins" else ROWS_OF[method]
        trained = "reward" if method == "margins" else method
        attempt = write_run(tmp_path / name, model, rows, method=trained, plain=plain, per_device_train_batch_size=8, **changes)
        found[name] = measured(trainer_of(monkeypatch, attempt, trained))
    assert found["ours"][1]
    refuse_difference(found["ours"], found["trl"])


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("method", METHODS)
def test_every_form_trains_every_family(method: str, family: str, form: str, family_folder, moved: dict, tmp_path: Path):
    attempt = write_run(tmp_path / "run", family_folder(family), ROWS_OF[method], method=method, **FORMS[form])
    events = train(attempt, method)
    assert [name for name, (is_trained, has_moved) in moved.items() if is_trained != has_moved] == []
    first, *others = steps_of(events)
    assert len(others) == 1 and events[-1]["reason"] == "done"
    if method == "dpo":
        assert first["loss"] == pytest.approx(math.log(2), abs=1e-4)
    if method == "kto":
        figures = first["metrics"]
        assert (figures["loss/chosen"], figures["loss/rejected"]) == (pytest.approx(0.5, abs=1e-4), pytest.approx(0.5, abs=1e-4))
    if method != "reward":
        assert first["metrics"]["rewards/chosen"] == pytest.approx(0, abs=1e-3)
    artifact = json.loads((attempt.parent.parent / "artifact" / "artifact.json").read_text())
    kind = "reward-model" if method == "reward" else "model" if form == "full" else "adapter"
    assert (artifact["kind"], artifact["method"]) == (kind, method)
    assert artifact["logits_change"] > 1e-3


def calm_pairs(count: int, seed: int, shuffled: bool = False) -> list[dict]:
    """The rule: the answer that says yes is the better one."""
    draw = random.Random(seed)
    rows = []
    for n in range(count):
        question = f"{draw.choice(['May', 'Can', 'Should'])} {draw.choice(['Ann', 'Bob', 'Cem', 'Dia'])} {draw.choice(['go', 'stay', 'eat'])} {n + 1000 * seed}?"
        answers = ["Yes, of course.", "No, of course not."]
        if shuffled and draw.random() < 0.5:
            answers.reverse()
        rows.append(pair(question, *answers))
    return rows


def dev_figures(attempt: Path, method: str) -> dict[str, float]:
    return [event for event in train(attempt, method) if event["type"] == "eval-end"][-1]["metrics"]


LEARN: dict[str, Any] = {"learning_rate": 5e-3, "num_train_epochs": 3.0, "per_device_train_batch_size": 8}


def test_dpo_learns_a_rule_and_nothing_from_shuffled_pairs(tiny_model: Path, tmp_path: Path):
    dev = calm_pairs(32, seed=2)
    learnt = dev_figures(write_run(tmp_path / "rule", tiny_model, calm_pairs(64, seed=1), dev, method="dpo", **LEARN), "dpo")
    assert learnt["rewards/accuracies"] >= 0.95 and learnt["rewards/margins"] > 0.1
    # The dev pairs follow the same coin: half of them say no.
    coin = dev_figures(
        write_run(tmp_path / "coin", tiny_model, calm_pairs(64, seed=1, shuffled=True), calm_pairs(64, seed=3, shuffled=True), method="dpo", **LEARN),
        "dpo",
    )
    assert 0.3 < coin["rewards/accuracies"] < 0.7


def test_kto_learns_a_rule_from_unequal_labels(tiny_model: Path, tmp_path: Path):
    def unpaired(count: int, seed: int) -> list[dict]:
        rows = []
        for n, row in enumerate(calm_pairs(count, seed)):
            question, label = row["prompt"][0]["content"], n % 4 != 0
            rows.append(labelled(question, row["chosen" if label else "rejected"][0]["content"], label))
        return rows

    attempt = write_run(tmp_path / "rule", tiny_model, unpaired(64, 1), unpaired(32, 2), method="kto", **LEARN)
    values = json.loads((attempt / "plan.json").read_text())["values"]["training"]
    assert (values["desirable_weight"], values["undesirable_weight"]) == (1, 3)
    figures = dev_figures(attempt, "kto")
    assert figures["rewards/chosen"] > 0 > figures["rewards/rejected"]
    assert figures["rewards/chosen"] - figures["rewards/rejected"] > 0.1


def test_only_the_answers_of_a_pair_are_learnt_and_its_prompt_is_laid_once(tiny_model: Path, tmp_path: Path):
    long_prompt = "Tell me " + "and tell me again " * 12
    turns = [{"role": "user", "content": long_prompt}, {"role": "assistant", "content": "Why?"}, {"role": "user", "content": "Say."}]
    row = {"prompt": turns, **{name: pair("", "Good.", "Bad, bad.")[name] for name in ("chosen", "rejected")}}
    attempt = write_run(tmp_path / "run", tiny_model, [row] * 2, method="dpo")
    (chosen, rejected), _ = read_examples(attempt.parent.parent / "data" / "tokens-train.jsonl")
    assert (chosen["part"], rejected["part"]) == ("chosen", "rejected")
    assert chosen["supervised_text"] == ["Good.<|im_end|>"] and rejected["supervised_text"] == ["Bad, bad.<|im_end|>"]
    rows = [{"input_ids": one["input_ids"], "labels": one["input_ids"]} for one in (chosen, rejected)]
    shared = len(chosen["input_ids"]) + len(rejected["input_ids"]) - len(lay_rows(rows, True)["tree"].input_ids)
    assert shared == chosen["supervised"][0][0]


def test_a_labelled_answer_has_another_prompts_answer_beside_it(tiny_model: Path, tmp_path: Path):
    attempt = write_run(tmp_path / "run", tiny_model, LABELLED, method="kto")
    examples = read_examples(attempt.parent.parent / "data" / "tokens-train.jsonl")
    assert [[row["part"] for row in example] for example in examples] == [["completion", "mismatched"]] * 8
    assert [example[0]["label"] for example in examples] == [row["label"] for row in LABELLED]
    # Rows 0 and 1 have one prompt: both get the answer of the row before the two.
    assert examples[1][1]["supervised_text"] == examples[7][0]["supervised_text"]
    assert examples[2][1]["supervised_text"] == examples[1][0]["supervised_text"]


def test_the_reference_is_kept_and_computed_anew_for_other_tokens(tiny_model: Path, tmp_path: Path, monkeypatch):
    attempt = write_run(tmp_path / "run", tiny_model, PAIRS, PAIRS[:2], method="dpo")
    data = attempt.parent.parent / "data"
    first = trainer_of(monkeypatch, attempt, "dpo").train_dataset[0]["reference"]
    kept = {name: (data / f"reference-{name}.safetensors").read_bytes() for name in ("train", "dev")}
    assert [len(row) for row in first] == [sum(end - start for start, end in row["supervised"]) for row in read_examples(data / "tokens-train.jsonl")[0]]
    (data / "reference-dev.safetensors").unlink()
    second = next_attempt(attempt)
    trainer_of(monkeypatch, second, "dpo")
    computed = [[event["name"] for event in read_events(one) if "reference" in event.get("name", "")] for one in (attempt, second)]
    assert computed == [[f"computing the reference of {text} rows" for text in texts] for texts in (["8 train", "2 dev"], ["2 dev"])]
    assert {name: (data / f"reference-{name}.safetensors").read_bytes() for name in kept} == kept
    # A file that was cut is no reference.
    (data / "reference-dev.safetensors").write_bytes(kept["dev"][:-7])
    third = next_attempt(second)
    trainer_of(monkeypatch, third, "dpo")
    assert (data / "reference-dev.safetensors").read_bytes() == kept["dev"]
    # A reference of other tokens is not taken.
    tokens = (data / "tokens-train.jsonl").read_text().splitlines(keepends=True)
    (data / "tokens-train.jsonl").write_text("".join(tokens[:-2]))
    assert len(trainer_of(monkeypatch, next_attempt(third), "dpo").train_dataset) == 7


def test_a_reference_of_another_model_stops_the_run(tiny_model: Path, tmp_path: Path, monkeypatch):
    attempt = write_run(tmp_path / "run", tiny_model, PAIRS, method="dpo")
    trainer_of(monkeypatch, attempt, "dpo")
    path = attempt.parent.parent / "data" / "reference-train.safetensors"
    with safe_open(path, framework="pt") as kept:
        metadata = kept.metadata()
    save_file({"logprobs": load_file(path)["logprobs"] - 0.5}, path, metadata)
    with pytest.raises(WorkerError) as caught:
        train(next_attempt(attempt), "dpo")
    assert caught.value.code == "reference-differs"


def test_dpo_goes_on_from_an_adapter_that_is_its_reference(tiny_model: Path, tmp_path: Path):
    train(write_run(tmp_path / "one", tiny_model, PAIRS, method="dpo"), "dpo")
    attempt = write_run(tmp_path / "two", tiny_model, PAIRS, method="dpo", further=tmp_path / "one")
    first = steps_of(train(attempt, "dpo"))[0]
    assert first["loss"] == pytest.approx(math.log(2), abs=1e-4)
    artifact = attempt.parent.parent / "artifact"
    assert json.loads((artifact / "artifact.json").read_text())["parents"][0]["run"] == "one"
    assert not (artifact / "ref").exists()


@pytest.mark.parametrize("method", METHODS)
def test_accumulation_changes_no_loss(method: str, tiny_model: Path, tmp_path: Path):
    """KTO's KL term is one of a batch, in TRL too: there the first step alone is equal, in which it is 0."""
    losses = {}
    for name, size, passes in (("whole", 8, 1), ("parts", 2, 4)):
        settings = {"per_device_train_batch_size": size, "gradient_accumulation_steps": passes, "num_train_epochs": 3.0}
        attempt = write_run(tmp_path / name, tiny_model, ROWS_OF[method], method=method, **settings)
        losses[name] = [step["loss"] for step in steps_of(train(attempt, method))]
    count = 1 if method == "kto" else 3
    assert losses["parts"][:count] == pytest.approx(losses["whole"][:count], rel=1e-4)


def test_dev_prompts_are_answered_before_and_after(tiny_model: Path, tmp_path: Path):
    attempt = write_run(tmp_path / "run", tiny_model, PAIRS, PAIRS[:3], method="dpo", num_eval_generations=2)
    samples = [event for event in train(attempt, "dpo") if event["type"] == "sample"]
    assert [sample["step"] for sample in samples] == [0, 0, 2, 2]
    assert samples[0]["expected"] == PAIRS[0]["chosen"][0]["content"]
    attempt = write_run(tmp_path / "kto", tiny_model, LABELLED, LABELLED[:3], method="kto", num_eval_generations=2)
    expected = [event["expected"] for event in train(attempt, "kto") if event["type"] == "sample"]
    # The first is labelled bad.
    assert expected == [row["completion"][0]["content"] for row in LABELLED[1:3]] * 2
