"""Reward models: what is learnt of pairs, what loads in Transformers, and what the figures of an artifact say."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from conftest import PAIRS, ROWS, pair, read_events, write_run
from peft import PeftModel
from test_preferences import LEARN, calm_pairs, trainer_of
from tiny_families import FAMILIES
from transformers import AutoModelForSequenceClassification

from worker.artifact.reward_reference import reward_figures
from worker.errors import WorkerError
from worker.life import Attempt
from worker.methods import reward, sft
from worker.score import RewardModel
from worker.training.prompt_sampler import PromptSampler

#: Those for which Transformers has a class.
KNOWN_FAMILIES = ["llama", "gemma3_text", "gemma3"]


def train(attempt: Path, method: Any = reward) -> list[dict]:
    with Attempt(str(attempt), is_child=False) as held:
        method.run(held)
    return read_events(attempt)


def artifact_of(attempt: Path) -> Path:
    return attempt.parent.parent / "artifact"


def references(artifact: Path) -> list[dict]:
    return [json.loads(line) for line in (artifact / "reward-reference.jsonl").read_text().splitlines()]


def trained_artifact(model: Path, is_adapter: bool, folder: Path) -> Path:
    form = {} if is_adapter else {"use_peft": False, "learning_rate": 1e-3}
    attempt = write_run(folder, model, PAIRS, method="reward", **form)
    train(attempt)
    return artifact_of(attempt)


@pytest.mark.parametrize("is_adapter", [True, False])
@pytest.mark.parametrize("family", KNOWN_FAMILIES)
def test_what_is_saved_scores_the_same_in_transformers(family: str, is_adapter: bool, family_folder, tmp_path: Path):
    model = family_folder(family)
    folder = trained_artifact(model, is_adapter, tmp_path / "run")
    if is_adapter:
        base = AutoModelForSequenceClassification.from_pretrained(model / "transformers", num_labels=1)
        base.config.get_text_config().pad_token_id = 0
        loaded: Any = PeftModel.from_pretrained(base, folder)
    else:
        loaded = AutoModelForSequenceClassification.from_pretrained(folder)
    lines = references(folder)
    # Padded together: each is read at its own last token.
    longest = max(len(line["token_ids"]) for line in lines)
    padding = [[0] * (longest - len(line["token_ids"])) for line in lines]
    ids = torch.tensor([line["token_ids"] + filler for line, filler in zip(lines, padding)])
    mask = torch.tensor([[1] * len(line["token_ids"]) + filler for line, filler in zip(lines, padding)])
    with torch.no_grad():
        found = loaded.eval()(input_ids=ids, attention_mask=mask).logits[:, 0]
    assert found.tolist() == pytest.approx([line["reward"] for line in lines], abs=1e-4)
    assert len({round(line["reward"], 4) for line in lines}) > 8


def test_a_rule_is_learnt_and_nothing_from_shuffled_pairs(tiny_model: Path, tmp_path: Path):
    attempt = write_run(tmp_path / "rule", tiny_model, calm_pairs(64, seed=1), calm_pairs(32, seed=2), method="reward", **LEARN)
    events = train(attempt)
    last = [event for event in events if event["type"] == "eval-end"][-1]["metrics"]
    figures = json.loads((artifact_of(attempt) / "artifact.json").read_text())["reward"]
    assert last["rewards/accuracies"] >= 0.95 and last["rewards/margins"] > 1
    assert (figures["num_pairs"], figures["num_right"] / 32) == (32, pytest.approx(last["rewards/accuracies"]))
    rows = {"rows": calm_pairs(64, seed=1, shuffled=True), "dev": calm_pairs(64, seed=3, shuffled=True)}
    attempt = write_run(tmp_path / "coin", tiny_model, **rows, method="reward", **LEARN)
    coin = [event for event in train(attempt) if event["type"] == "eval-end"][-1]["metrics"]
    assert 0.3 < coin["rewards/accuracies"] < 0.7


def test_it_begins_from_a_model_that_answers_and_from_one_that_scores(tiny_model: Path, tmp_path: Path):
    train(write_run(tmp_path / "answers", tiny_model, ROWS, **{"learning_rate": 1e-3}), sft)
    first = write_run(tmp_path / "scores", tiny_model, PAIRS, method="reward", further=tmp_path / "answers")
    train(first)
    second = write_run(tmp_path / "further", tiny_model, PAIRS, method="reward", further=tmp_path / "scores", learning_rate=1e-6)
    train(second)
    made = [json.loads((artifact_of(one) / "artifact.json").read_text()) for one in (first, second)]
    assert [one["parents"][0]["run"] for one in made] == ["answers", "scores"]
    # With so small a rate what was learnt is still there: its score was not drawn anew.
    rewards = [[line["reward"] for line in references(artifact_of(one))] for one in (first, second)]
    assert rewards[1] == pytest.approx(rewards[0], abs=0.05)


@pytest.mark.parametrize("is_adapter", [True, False])
@pytest.mark.parametrize("family", FAMILIES)
def test_the_score_verb_gives_what_the_trained_model_gave(family: str, is_adapter: bool, family_folder, tmp_path: Path):
    """It refuses a reference that is another model's, which is how it is known to give the trained model's rewards."""
    model = family_folder(family)
    folder = trained_artifact(model, is_adapter, tmp_path / "run")
    lines = references(folder)
    scorer = RewardModel(model / "transformers", folder, 1)
    conversations: list[Any] = [{"messages": line["messages"]} for line in lines]
    assert scorer.score(conversations[::-1])["rewards"] == pytest.approx([line["reward"] for line in lines][::-1], abs=1e-3)
    scorer.context_length = len(lines[1]["token_ids"]) - 1
    answer = scorer.score(conversations[:2])
    assert (answer["rewards"][0] is None, answer["rewards"][1]) == (len(lines[0]["token_ids"]) > scorer.context_length, None)
    lines[3]["reward"] += 0.01
    (folder / "reward-reference.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    with pytest.raises(WorkerError) as caught:
        RewardModel(model / "transformers", folder, 1)
    assert caught.value.code == "artifact-differs"


def test_a_row_that_was_cut_is_still_a_reference(tiny_model: Path, tmp_path: Path):
    attempt = write_run(tmp_path / "run", tiny_model, PAIRS, method="reward")
    train(attempt)
    path = artifact_of(attempt) / "reward-reference.jsonl"
    lines = references(artifact_of(attempt))
    scorer = RewardModel(tiny_model / "transformers", artifact_of(attempt), 1)
    cut = lines[1]["token_ids"][:-2]
    lines[1] |= {"token_ids": cut, "reward": scorer._rewards([cut])[0]}
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    RewardModel(tiny_model / "transformers", artifact_of(attempt), 1)


def test_rows_of_one_prompt_follow_each_other_in_another_order_each_epoch():
    rows = [{"input_ids": [n // 3, 7, n], "labels": [-100, -100, n]} for n in range(30)]
    sampler = PromptSampler(rows, seed=5)
    epochs = []
    for epoch in range(2):
        sampler.set_epoch(epoch)
        epochs.append(list(sampler))
        assert epochs[-1] == list(sampler)
    assert sorted(epochs[0]) == list(range(30)) and epochs[0] != epochs[1]
    prompts = [row // 3 for row in epochs[0]]
    assert [prompts[start : start + 3] for start in range(0, 30, 3)] == [[prompts[start]] * 3 for start in range(0, 30, 3)]


def test_four_answers_to_a_prompt_are_each_computed_once(tiny_model: Path, tmp_path: Path, monkeypatch):
    answers = [f"Answer {n} of four, which is all of it." for n in range(4)]
    rows = [pair("Say it. " * 12, answers[one], answers[two]) for one in range(4) for two in range(one + 1, 4)]
    trainer = trainer_of(monkeypatch, write_run(tmp_path / "run", tiny_model, rows, method="reward"), "reward")
    batch = trainer.collate(list(trainer.train_dataset))
    lengths = {tuple(row["input_ids"]): row for example in trainer.train_dataset for row in example["rows"]}
    prompt = next(place for place, label in enumerate(next(iter(lengths.values()))["labels"]) if label != -100)
    assert len(lengths) == 4 and len(batch["kept"]) == 4
    # Answers begin alike, and are laid once from where they differ.
    assert batch["input_ids"].numel() <= prompt + sum(len(row) - prompt for row in lengths)


def test_figures_tell_the_better_answer_from_the_longer_one():
    # Of four pairs one is right where lengths differ, and one of two where they are matched.
    rewards = torch.tensor([[2.0, 1.0], [1.0, 2.0], [3.0, 1.0], [0.0, 1.0]])
    lengths = torch.tensor([[20, 10], [10, 20], [21, 20], [20, 20]])
    figures = reward_figures(rewards, lengths)
    assert (figures["num_pairs"], figures["num_right"], figures["num_matched_pairs"], figures["num_right_matched"]) == (4, 2, 2, 1)
    assert figures["mean_reward"] == pytest.approx(11 / 8)
    # numpy.corrcoef of the eight pairs of numbers.
    assert figures["length_correlation"] == pytest.approx(0.3015, abs=1e-4)
    assert reward_figures(rewards, torch.full((4, 2), 7))["length_correlation"] is None
