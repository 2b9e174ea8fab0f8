"""The verb `inspect`: tokenizes the splits once, and reports what each row teaches."""

import hashlib
import json
import os
import sys
from itertools import groupby
from pathlib import Path
from random import Random
from statistics import median
from typing import TypedDict

from worker.compute.row_tree import grow_tree, heaviest_examples
from worker.data.examples import MISMATCHED, tokenize_examples
from worker.data.masks import TokenRow, TruncatedRow, truncate_row
from worker.data.render import ChatTokenizer
from worker.errors import describe
from worker.protocol import Inspection, InspectionSplitsItem, InspectionSplitsItemComputedSharesItem

NUM_FIRST_ROWS = 3
#: Rows of one batch: for a larger one the last of them stands for the rest.
NUM_LISTED_LENGTHS = 256
#: Rows of the batches whose sharing is sampled, and rows that are drawn for each: long rows must not make anyone wait.
SAMPLED_BATCH_ROWS = (1, 2, 4, 8, 16, 32, 64)
NUM_SAMPLED_ROWS = 160


class InspectRequest(TypedDict):
    """What TypeScript writes into the request file."""

    model_folder: str
    data_folder: str
    max_length: int


def inspect_request(path: str) -> int:
    """Writes inspection.json and tokens-<split>.jsonl beside the splits; on failure error.json and exit code 1."""
    request: InspectRequest = json.loads(Path(path).read_text())
    folder = Path(request["data_folder"])
    try:
        inspection = inspect_folder(Path(request["model_folder"]), folder, request["max_length"])
        _write_whole(folder / "inspection.json", json.dumps(inspection, ensure_ascii=False, indent=1))
        return 0
    except Exception as error:
        code, data = describe(error)
        _write_whole(folder / "error.json", json.dumps({"code": code, "data": data}))
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1


def inspect_folder(model_folder: Path, data_folder: Path, max_length: int) -> Inspection:
    """Tokenizes train.jsonl and dev.jsonl of the folder, if they exist."""
    chat = ChatTokenizer(model_folder)
    splits: list[InspectionSplitsItem] = []
    first_rows: list[TokenRow] = []
    for split in ("train", "dev"):
        source = data_folder / f"{split}.jsonl"
        if not source.exists():
            continue
        whole = tokenize_examples(chat, [json.loads(line) for line in source.open()])
        cut = [[truncate_row(row, max_length) for row in example] for example in whole]
        examples = [[row for row, _ in example] for example in cut]
        lines = (json.dumps(row, ensure_ascii=False) for example in examples for row in example)
        _write_whole(data_folder / f"tokens-{split}.jsonl", "".join(line + "\n" for line in lines))
        truncated = [max(found, key=lambda one: one["num_tokens"]) for example in cut if (found := [one for _, one in example if one])]
        splits.append(_summarize(split, source, examples, truncated, chat))
        first_rows = first_rows or [row for example in examples[:NUM_FIRST_ROWS] for row in example if row.get("part") != MISMATCHED]
    return {
        "max_length": max_length,
        "tokenizer_sha256": _sha256(model_folder / "tokenizer.json"),
        "splits": splits,
        "first_rows": first_rows,  # type: ignore[typeddict-item]
    }


def read_examples(path: Path) -> list[list[TokenRow]]:
    """What `inspect` wrote: the token rows of each row."""
    rows: list[TokenRow] = [json.loads(line) for line in path.open()]
    return [list(example) for _, example in groupby(rows, key=lambda row: row["row"])]


def teaches(example: list[TokenRow]) -> bool:
    """Whether each of its texts has supervised tokens."""
    return all(row["supervised"] for row in example)


def _summarize(
    split: str, source: Path, examples: list[list[TokenRow]], truncated: list[TruncatedRow], chat: ChatTokenizer
) -> InspectionSplitsItem:
    rows = [row for example in examples for row in example]
    learnt = [row for row in rows if row.get("part") != MISMATCHED]
    counts = [sum(end - start for start, end in row["supervised"]) for row in learnt]
    longest = max(rows, key=lambda row: len(row["input_ids"]))
    taught = [[row["input_ids"] for row in example] for example in examples if teaches(example)]
    cut_rows = {row["row"] for row in truncated}
    end_of_turn = chat.tokenizer.token_to_id(chat.end_of_turn)
    return {
        "split": split,  # type: ignore[typeddict-item]
        "sha256": _sha256(source),
        "num_rows": len(examples),
        "num_tokens": sum(len(row["input_ids"]) for row in rows),
        "longest_row": {"row": longest["row"], "num_tokens": len(longest["input_ids"])},
        "longest_lengths": sorted((sum(map(len, example)) for example in taught), reverse=True)[:NUM_LISTED_LENGTHS],
        "heaviest_own_tokens": [own for _, own in heaviest_examples(taught, NUM_LISTED_LENGTHS)],
        "computed_shares": _computed_shares(taught),
        "supervised_tokens": {"min": min(counts), "median": median(counts), "max": max(counts)},
        "rows_without_supervision": [example[0]["row"] for example in examples if not teaches(example)],
        "truncated_rows": truncated,  # type: ignore[typeddict-item]
        "is_end_of_turn_supervised": all(
            row["input_ids"][end - 1] == end_of_turn for row in learnt if row["row"] not in cut_rows for _, end in row["supervised"]
        ),
    }


def _computed_shares(examples: list[list[list[int]]]) -> list[InspectionSplitsItemComputedSharesItem]:
    """For batches of rows drawn at random, the share of their tokens that a row tree has."""
    random = Random(0)
    shares: list[InspectionSplitsItemComputedSharesItem] = []
    for num_rows in (size for size in SAMPLED_BATCH_ROWS if size <= len(examples)):
        drawn = [random.sample(examples, num_rows) for _ in range(NUM_SAMPLED_ROWS // num_rows)]
        trees = [grow_tree([row for example in batch for row in example]) for batch in drawn]
        computed, whole = sum(len(tree.input_ids) for tree in trees), sum(tree.num_row_tokens for tree in trees)
        shares.append({"num_rows": num_rows, "share": round(computed / whole, 4)})
    return shares


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _write_whole(path: Path, text: str) -> None:
    temporary = path.with_suffix(path.suffix + ".tmp")
    temporary.write_text(text, encoding="utf-8")
    os.replace(temporary, path)
