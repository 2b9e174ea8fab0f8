"""Which tokens carry loss."""

import json
import shutil
from pathlib import Path

import pytest
from conftest import ROWS, chat

from worker.compute.row_batch import lay_rows
from worker.data.inspect import inspect_folder
from worker.data.masks import labels_of, tokenize_row
from worker.data.render import ChatTokenizer
from worker.errors import WorkerError
from worker.methods.sft import _dataset


@pytest.fixture(scope="module")
def tokenizer(smollm2: Path) -> ChatTokenizer:
    return ChatTokenizer(smollm2 / "transformers")


def test_rendered_as_transformers_renders(smollm2: Path, tokenizer: ChatTokenizer):
    from transformers import AutoTokenizer

    reference = AutoTokenizer.from_pretrained(smollm2 / "transformers")
    for row in ROWS:
        text = reference.apply_chat_template(row["messages"], tokenize=False)
        assert tokenizer.render(row) == text
        assert tokenizer.encode(text)[0] == reference(text, add_special_tokens=False)["input_ids"]


def test_the_answer_and_its_end_of_turn_and_nothing_else(tokenizer: ChatTokenizer):
    row = tokenize_row(tokenizer, chat("Why?", "Because.", "Be brief."), 1)
    assert row["supervised_text"] == ["Because.<|im_end|>"]
    ((start, end),) = row["supervised"]
    assert end == len(row["input_ids"])
    assert row["input_ids"][end - 1] == tokenizer.tokenizer.token_to_id("<|im_end|>")
    assert tokenizer.tokenizer.decode(row["input_ids"][start : end - 1]) == "Because."
    labels = labels_of(row)
    assert labels[:start] == [-100] * start
    assert labels[start:] == row["input_ids"][start:]


def test_every_answer_of_a_longer_chat(tokenizer: ChatTokenizer):
    messages = chat("One?", "First")["messages"] + chat("Two?", "Second")["messages"]
    row = tokenize_row(tokenizer, {"messages": messages}, 1)
    assert row["supervised_text"] == ["First<|im_end|>", "Second<|im_end|>"]


def test_an_empty_answer_supervises_nothing(tokenizer: ChatTokenizer):
    assert tokenize_row(tokenizer, chat("One?", "  "), 1)["supervised"] == []


def test_a_template_that_is_not_prefix_preserving_is_refused(smollm2: Path, tokenizer: ChatTokenizer):
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    broken = ChatTokenizer(smollm2 / "transformers")
    source = "{{ messages | length }}{% for m in messages %}<|im_start|>{{ m.content }}<|im_end|>{% endfor %}"
    broken._template = ImmutableSandboxedEnvironment().from_string(source)
    with pytest.raises(WorkerError) as error:
        tokenize_row(broken, chat("One?", "Two"), 1)
    assert "prefix-preserving" in str(error.value)


def test_inspection_counts_and_names_rows(tmp_path: Path, smollm2: Path):
    rows = [chat("Short?", "Yes"), chat("Long?", "word " * 50), chat("None?", "")]
    (tmp_path / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (split,) = inspect_folder(smollm2 / "transformers", tmp_path, 60)["splits"]
    assert split["rows_without_supervision"] == [3]
    (cut,) = split["truncated_rows"]
    assert cut["row"] == 2 and cut["num_tokens"] > 60 and cut["num_answer_tokens_cut"] == cut["num_tokens"] - 60
    assert split["supervised_tokens"]["min"] == 0
    assert split["is_end_of_turn_supervised"]


def test_two_bos_are_refused(smollm2: Path):
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    doubled = ChatTokenizer(smollm2 / "transformers")
    source = "<|im_start|>" + "{% for m in messages %}<|im_start|>{{ m.content }}<|im_end|>{% endfor %}"
    doubled._template = ImmutableSandboxedEnvironment().from_string(source)
    with pytest.raises(WorkerError) as error:
        tokenize_row(doubled, {"messages": [{"role": "user", "content": "One?"}]}, 4)
    assert (error.value.code, error.value.data["row"]) == ("double-bos", 4)


@pytest.mark.parametrize("is_padding_free", [True, False])
def test_a_pad_token_that_ends_turns_never_masks_the_end_of_turn(smollm2: Path, tmp_path: Path, is_padding_free: bool):
    """SmolLM2's own config pads with its end of turn: from the rows to a batch's labels, every end of turn carries loss."""
    from trl.trainer.sft_trainer import DataCollatorForLanguageModeling

    model = tmp_path / "model"
    shutil.copytree(smollm2 / "transformers", model, ignore=shutil.ignore_patterns("*.safetensors"))
    config = json.loads((model / "config.json").read_text())
    end = ChatTokenizer(model).tokenizer.token_to_id("<|im_end|>")
    (model / "config.json").write_text(json.dumps(config | {"pad_token_id": end}))
    asked = [chat("One?", "Two"), chat("Three?", "Four and some more, so that the rows differ in length")]
    data = tmp_path / "data"
    data.mkdir()
    (data / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in asked))
    inspect_folder(model, data, 200)
    rows = [dict(row) for row in _dataset(data / "tokens-train.jsonl")]
    batch = lay_rows(rows, shares=False) if is_padding_free else DataCollatorForLanguageModeling(pad_token_id=end)(rows)
    ids, labels = batch["input_ids"], batch["labels"]
    assert (labels[labels != -100] == ids[labels != -100]).all()
    # One end of turn a row is the answer's: it is learnt; the question's, and padding, are not.
    assert (labels == end).sum().item() == 2
    answers = [learnt_text(model, row) for row in rows]
    assert answers == ["Two<|im_end|>", "Four and some more, so that the rows differ in length<|im_end|>"]


def learnt_text(model: Path, row: dict) -> str:
    """What a row's labels say."""
    learnt = [label for label in row["labels"] if label != -100]
    return ChatTokenizer(model).tokenizer.decode(learnt, skip_special_tokens=False)


def test_tools_and_thinking_are_learnt_or_refused(smollm2: Path):
    row = chat("One?", "Two")
    row["messages"][1]["thinking"] = "hmm"
    plain = ChatTokenizer(smollm2 / "transformers")
    with pytest.raises(WorkerError) as error:
        tokenize_row(plain, row, 7)
    assert (error.value.code, error.value.data) == ("field-unrendered", {"field": "thinking", "row": 7})
    with pytest.raises(WorkerError) as error:
        tokenize_row(plain, chat("One?", "Two") | {"tools": [{"name": "look"}]}, 8)
    assert error.value.data["field"] == "tools"

    from jinja2.sandbox import ImmutableSandboxedEnvironment

    knowing = ChatTokenizer(smollm2 / "transformers")
    knowing._source = (
        "{% if tools %}<|im_start|>{{ tools | tojson }}<|im_end|>{% endif %}"
        "{% for m in messages %}<|im_start|>{{ m.role }}:{{ m.thinking }}{{ m.content }}<|im_end|>{% endfor %}"
        "{% if add_generation_prompt %}<|im_start|>assistant:{% endif %}"
    )
    knowing._template = ImmutableSandboxedEnvironment().from_string(knowing._source)
    tokens = tokenize_row(knowing, row | {"tools": [{"name": "look"}]}, 9)
    assert tokens["supervised_text"] == ["hmmTwo<|im_end|>"]
    assert '[{"name": "look"}]' in tokens["text"]


def test_the_end_of_turn_is_what_the_template_writes_after_an_answer(smollm2: Path, tmp_path: Path):
    """As in Gemma's folders: eos_token ends texts, another of the end tokens ends answers; the template lies beside."""
    import json
    import shutil

    shutil.copy(smollm2 / "transformers" / "tokenizer.json", tmp_path)
    config = json.loads((smollm2 / "transformers" / "tokenizer_config.json").read_text())
    (tmp_path / "chat_template.jinja").write_text(config.pop("chat_template"))
    config |= {"eos_token": {"content": "<|endoftext|>"}, "bos_token": None}
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(config))
    (tmp_path / "generation_config.json").write_text(json.dumps({"eos_token_id": [0, 2]}))
    assert ChatTokenizer(tmp_path).end_of_turn == "<|im_end|>"
