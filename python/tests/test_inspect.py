"""What `inspect` writes, to the last field, and chat templates at their edges."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from conftest import chat
from jinja2.exceptions import TemplateError

from worker.compute.row_tree import heaviest_examples
from worker.data.inspect import inspect_folder, inspect_request, read_examples
from worker.data.masks import TokenRow, tokenize_row, truncate_row
from worker.data.render import ChatTokenizer
from worker.errors import WorkerError

#: Tokens of a row.
LIMIT = 40
PLAIN = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


@pytest.fixture
def folder(smollm2: Path, tmp_path: Path) -> Any:
    """Makes model folders with SmolLM2's tokenizer and a template of their own."""

    def make(template: str = PLAIN, ends: Any = None, **config: Any) -> Path:
        model = tmp_path / f"model-{len(list(tmp_path.iterdir()))}"
        model.mkdir()
        (model / "tokenizer.json").write_text((smollm2 / "transformers" / "tokenizer.json").read_text())
        named = {"bos_token": "<|im_start|>", "eos_token": "<|im_end|>", "chat_template": template} | config
        (model / "tokenizer_config.json").write_text(json.dumps(named))
        if ends is not None:
            (model / "generation_config.json").write_text(json.dumps(ends))
        return model

    return make


def write_rows(data: Path, **splits: list[dict]) -> None:
    data.mkdir(exist_ok=True)
    for split, rows in splits.items():
        (data / f"{split}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_report_of_two_splits(folder: Any, tmp_path: Path):
    model, data = folder(), tmp_path / "data"
    train = [chat("One?", "Two"), chat("Three?", "Four five six é"), chat("Seven?", ""), chat("Eight?", "Nine " * 40)]
    write_rows(data, train=train, dev=[chat("Ten?", "Eleven")])
    report = inspect_folder(model, data, LIMIT)
    chat_tokenizer = ChatTokenizer(model)
    whole = [tokenize_row(chat_tokenizer, row, n + 1) for n, row in enumerate(train)]  # type: ignore[arg-type]
    lengths = [len(row["input_ids"]) for row in whole]
    assert lengths[3] > LIMIT >= max(lengths[:3])
    learnt = [sum(end - start for start, end in row["supervised"]) for row in whole]
    cut = learnt[3] - (lengths[3] - LIMIT)
    counts = [learnt[0], learnt[1], 0, cut]
    assert report["max_length"] == LIMIT
    assert report["tokenizer_sha256"] == sha256(model / "tokenizer.json")
    first, second = report["splits"]
    assert first == {
        "split": "train",
        "sha256": sha256(data / "train.jsonl"),
        "num_rows": 4,
        "num_tokens": sum(lengths[:3]) + LIMIT,
        "longest_row": {"row": 4, "num_tokens": LIMIT},
        "longest_lengths": sorted([*lengths[:2], LIMIT], reverse=True),
        "heaviest_own_tokens": [own for _, own in heaviest_examples([[row["input_ids"][:LIMIT]] for row in whole if row["row"] != 3], 3)],
        "computed_shares": first["computed_shares"],
        "supervised_tokens": {"min": 0, "median": sorted(counts)[1] / 2 + sorted(counts)[2] / 2, "max": cut},
        "rows_without_supervision": [3],
        "truncated_rows": [{"row": 4, "num_tokens": lengths[3], "num_answer_tokens_cut": lengths[3] - LIMIT}],
        "is_end_of_turn_supervised": True,
    }
    assert (second["split"], second["num_rows"], second["sha256"]) == ("dev", 1, sha256(data / "dev.jsonl"))
    assert json.dumps(report["first_rows"]) == json.dumps(whole[:3])
    # What is trained on is what was reported; text stays readable.
    written = [row for (row,) in read_examples(data / "tokens-train.jsonl")]
    assert written[:3] == json.loads(json.dumps(whole[:3]))
    assert written[3]["input_ids"] == whole[3]["input_ids"][:LIMIT]
    assert "six é" in (data / "tokens-train.jsonl").read_text(encoding="utf-8")
    assert [row["row"] for (row,) in read_examples(data / "tokens-dev.jsonl")] == [1]
    assert sorted(path.name for path in data.iterdir()) == ["dev.jsonl", "tokens-dev.jsonl", "tokens-train.jsonl", "train.jsonl"]


def test_what_rows_share_is_found(folder: Any, tmp_path: Path):
    data, model = tmp_path / "data", folder()
    instruction = {"role": "system", "content": " ".join(["one", "two", "three", "four"] * 20)}
    rows = [{"messages": [instruction, *chat(name, "One")["messages"]]} for name in ("One?", "Two?", "Six?", "Ten?")]
    write_rows(data, train=rows)
    (split,) = inspect_folder(model, data, 600)["splits"]
    longest, *others = split["heaviest_own_tokens"]
    assert longest > 80 and max(others) < 20 and len(others) == 3
    _, pairs, fours = split["computed_shares"]
    assert (pairs["num_rows"], fours["num_rows"]) == (2, 4) and pairs["share"] < 0.6
    assert fours["share"] == pytest.approx((longest + sum(others)) / split["num_tokens"], abs=1e-3)


def test_a_folder_without_train_rows_still_reports_dev(folder: Any, tmp_path: Path):
    data = tmp_path / "data"
    write_rows(data, dev=[chat("Ten?", "Eleven")])
    report = inspect_folder(folder(), data, 60)
    assert [split["split"] for split in report["splits"]] == ["dev"]
    assert [row["supervised_text"] for row in report["first_rows"]] == [["Eleven<|im_end|>"]]


def test_an_end_of_turn_that_is_not_learnt_is_told(folder: Any, tmp_path: Path):
    """The end token is two tokens for the tokenizer: the last supervised one is not it."""
    data = tmp_path / "data"
    write_rows(data, train=[chat("One?", "Two")])
    report = inspect_folder(folder(PLAIN.replace("<|im_end|>", "</end>"), eos_token="</end>"), data, 60)
    assert report["splits"][0]["is_end_of_turn_supervised"] is False


def test_the_verb_writes_its_report_or_its_error(folder: Any, tmp_path: Path, capsys: pytest.CaptureFixture):
    model, data = folder(), tmp_path / "data"
    write_rows(data, train=[chat("One?", "é")])
    request = data / "request.json"
    request.write_text(json.dumps({"model_folder": str(model), "data_folder": str(data), "max_length": 50}))
    assert inspect_request(str(request)) == 0
    report = (data / "inspection.json").read_text(encoding="utf-8")
    assert json.loads(report) == json.loads(json.dumps(inspect_folder(model, data, 50)))
    assert "é" in report and report.startswith('{\n "max_length"')
    assert not (data / "error.json").exists()

    write_rows(data, train=[chat("One?", "Two") | {"tools": [{"name": "look"}]}])
    assert inspect_request(str(request)) == 1
    assert json.loads((data / "error.json").read_text()) == {"code": "field-unrendered", "data": {"field": "tools", "row": 1}}
    assert capsys.readouterr().err.startswith("WorkerError: field-unrendered")
    assert not [path for path in data.iterdir() if path.name.endswith(".tmp")]


def test_a_row_is_cut_from_its_end():
    row: TokenRow = {"row": 7, "input_ids": list(range(10)), "supervised": [(2, 4), (6, 10)], "text": "t", "supervised_text": ["a", "b"]}
    assert truncate_row(row, 10) == (row, None)
    assert truncate_row(row, 8) == (
        {**row, "input_ids": list(range(8)), "supervised": [(2, 4), (6, 8)]},
        {"row": 7, "num_tokens": 10, "num_answer_tokens_cut": 2},
    )
    assert truncate_row(row, 6) == (
        {**row, "input_ids": list(range(6)), "supervised": [(2, 4)]},
        {"row": 7, "num_tokens": 10, "num_answer_tokens_cut": 4},
    )


def test_an_empty_answer_is_passed_over_and_a_call_alone_is_learnt(folder: Any):
    tokenizer = ChatTokenizer(folder())
    messages = chat("One?", " ")["messages"] + chat("Two?", "Second")["messages"]
    assert tokenize_row(tokenizer, {"messages": messages}, 1)["supervised_text"] == ["Second<|im_end|>"]
    calling = ChatTokenizer(folder(PLAIN.replace("{{ m.content }}", "{{ m.content }}{{ m.tool_calls }}")))
    call = {"role": "assistant", "content": "", "tool_calls": ["look"]}
    row = tokenize_row(calling, {"messages": [{"role": "user", "content": "Q"}, call]}, 1)
    assert row["supervised_text"] == ["['look']<|im_end|>"]


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        # "hel" and "lo" are one token.
        ("{% for m in messages %}{{ m.content }}{% if m.role == 'assistant' %}<|im_end|>{% endif %}{% endfor %}", "straddles the edge"),
        ("{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}{% if add_generation_prompt %}assistant: {% endif %}", "ends no turn"),
        ("{{ messages | length }}{% for m in messages %}{{ m.content }}<|im_end|>{% endfor %}", "not prefix-preserving"),
    ],
)
def test_templates_whose_masks_would_be_a_guess_are_refused(folder: Any, template: str, problem: str):
    told = {
        "straddles the edge": "row 5: a token straddles the edge of an answer",
        "ends no turn": "the chat template ends no turn with <|im_end|>",
        "not prefix-preserving": "the chat template is not prefix-preserving: masks would be a guess",
    }
    with pytest.raises(WorkerError) as error:
        tokenize_row(ChatTokenizer(folder(template)), chat("hel", "lo"), 5)  # type: ignore[arg-type]
    assert (error.value.code, error.value.data) == ("worker-failed", {"problem": told[problem]})


def test_two_bos_are_named(folder: Any):
    with pytest.raises(WorkerError) as error:
        tokenize_row(ChatTokenizer(folder("<|im_start|>" + PLAIN)), chat("One?", "Two"), 4)  # type: ignore[arg-type]
    assert (error.value.code, error.value.data) == ("double-bos", {"row": 4, "bos": "<|im_start|>"})


#: Turns that end with one token, and a text that ends with another, as Gemma's.
TWO_ENDS = "{% for m in messages %}{{ m.role }} {{ m.content }}<|im_end|>\n{% endfor %}<|endoftext|>"
#: The user's turns end otherwise than the assistant's.
BY_ROLE = (
    "{% for m in messages %}{% if m.role == 'user' %}b{{ m.content }}<|endoftext|>"
    "{% elif m.role == 'assistant' %}{{ m.content }}<|im_end|><|endoftext|>{% endif %}{% endfor %}"
)


@pytest.mark.parametrize(
    ("template", "eos", "ends", "expected"),
    [
        (PLAIN, "<|im_end|>", None, "<|im_end|>"),
        (TWO_ENDS, "<|endoftext|>", {"eos_token_id": [0, 2]}, "<|im_end|>"),
        (TWO_ENDS, "<|endoftext|>", {"eos_token_id": 2}, "<|im_end|>"),
        (TWO_ENDS, "<|endoftext|>", {}, "<|endoftext|>"),
        (TWO_ENDS, None, {"eos_token_id": [0, 2]}, "<|im_end|>"),
        (BY_ROLE, "<|endoftext|>", {"eos_token_id": [2]}, "<|im_end|>"),
        ("{% for m in messages %}{{ m.content }}{% endfor %}", "<|im_end|>", {"eos_token_id": [0]}, "<|im_end|>"),
        ("{% for m in messages %}{{ m.content }}<|im_end|>{% endfor %}", {"content": "<|im_end|>"}, None, "<|im_end|>"),
    ],
)
def test_the_end_of_turn_is_what_the_template_writes_after_an_answer(folder: Any, template: str, eos: Any, ends: Any, expected: str):
    assert ChatTokenizer(folder(template, ends, eos_token=eos)).end_of_turn == expected


def test_templates_have_what_transformers_gives_them(folder: Any):
    blocks = "{% for m in messages %}\n    {% if true %}\n{{ m.content }}{{ bos_token }}{{ eos_token }}{{ pad_token }}\n    {% endif %}\n{% endfor %}\n"
    tokenizer = ChatTokenizer(folder(blocks, pad_token="<|endoftext|>"))
    assert tokenizer.render({"messages": [{"role": "user", "content": "a"}]}) == "a<|im_start|><|im_end|><|endoftext|>\n"
    refusing = ChatTokenizer(folder(PLAIN + "{% if messages | length > 2 %}{{ raise_exception('too long') }}{% endif %}"))
    with pytest.raises(TemplateError, match="too long"):
        refusing.render({"messages": chat("a", "b", "c")["messages"]})


def test_no_token_is_added_to_a_text(gemma3: Path):
    """Gemma's tokenizer adds <bos> of itself; the template has written it already."""
    ids, offsets = ChatTokenizer(gemma3 / "transformers").encode("a b")
    assert (len(ids), offsets) == (2, [(0, 1), (1, 3)])
