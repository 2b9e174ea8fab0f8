"""The verb `inspect`: tokenizes the splits once, and reports what each row teaches."""

import hashlib
import json
import os
import sys
from pathlib import Path
from random import Random
from statistics import median
from typing import TypedDict

from worker.compute.row_tree import grow_tree, heaviest_rows
from worker.data.masks import TokenRow, TruncatedRow, tokenize_row, truncate_row
from worker.data.render import ChatTokenizer
from worker.errors import describe
from worker.protocol import Inspection, InspectionSplitsItem, InspectionSplitsItemComputedSharesItem

NUM_FIRST_ROWS = 3
#: Rows of one batch: for a larger one the last of them stands for the rest.
NUM_LISTED_LENGTHS = 256
#: Rows of the batches whose sharing is sampled, and rows that are drawn for each: long rows must not make anyone wait.
SAMPLED_BATCH_ROWS = (2, 4, 8, 16, 32, 64)
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
        whole = (tokenize_row(chat, json.loads(line), n + 1) for n, line in enumerate(source.open()))
        cut = [truncate_row(row, max_length) for row in whole]
        rows = [row for row, _ in cut]
        lines = (json.dumps(row, ensure_ascii=False) for row in rows)
        _write_whole(data_folder / f"tokens-{split}.jsonl", "".join(line + "\n" for line in lines))
        splits.append(_summarize(split, source, rows, [truncated for _, truncated in cut if truncated], chat))
        first_rows = first_rows or rows[:NUM_FIRST_ROWS]
    return {
        "max_length": max_length,
        "tokenizer_sha256": _sha256(model_folder / "tokenizer.json"),
        "splits": splits,
        "first_rows": first_rows,  # type: ignore[typeddict-item]
    }


def read_tokens(path: Path) -> list[TokenRow]:
    """The rows that `inspect` wrote."""
    return [json.loads(line) for line in path.open()]


def _summarize(split: str, source: Path, rows: list[TokenRow], truncated: list[TruncatedRow], chat: ChatTokenizer) -> InspectionSplitsItem:
    counts = [sum(end - start for start, end in row["supervised"]) for row in rows]
    lengths = [len(row["input_ids"]) for row in rows]
    longest = max(range(len(rows)), key=lambda n: lengths[n])
    taught = [row["input_ids"] for row, count in zip(rows, counts) if count]
    cut_rows = {row["row"] for row in truncated}
    end_of_turn = chat.tokenizer.token_to_id(chat.end_of_turn)
    return {
        "split": split,  # type: ignore[typeddict-item]
        "sha256": _sha256(source),
        "num_rows": len(rows),
        "num_tokens": sum(lengths),
        "longest_row": {"row": rows[longest]["row"], "num_tokens": lengths[longest]},
        "longest_lengths": sorted(map(len, taught), reverse=True)[:NUM_LISTED_LENGTHS],
        "heaviest_own_tokens": [own for _, own in heaviest_rows(taught, NUM_LISTED_LENGTHS)],
        "computed_shares": _computed_shares(taught),
        "supervised_tokens": {"min": min(counts), "median": median(counts), "max": max(counts)},
        "rows_without_supervision": [row["row"] for row, count in zip(rows, counts) if count == 0],
        "truncated_rows": truncated,  # type: ignore[typeddict-item]
        "is_end_of_turn_supervised": all(
            row["input_ids"][end - 1] == end_of_turn for row in rows if row["row"] not in cut_rows for _, end in row["supervised"]
        ),
    }


def _computed_shares(rows: list[list[int]]) -> list[InspectionSplitsItemComputedSharesItem]:
    """For batches of rows drawn at random, the share of their tokens that a row tree has."""
    random = Random(0)
    shares: list[InspectionSplitsItemComputedSharesItem] = []
    for num_rows in (size for size in SAMPLED_BATCH_ROWS if size <= len(rows)):
        trees = [grow_tree(random.sample(rows, num_rows)) for _ in range(NUM_SAMPLED_ROWS // num_rows)]
        computed, whole = sum(len(tree.input_ids) for tree in trees), sum(tree.num_row_tokens for tree in trees)
        shares.append({"num_rows": num_rows, "share": round(computed / whole, 4)})
    return shares


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _write_whole(path: Path, text: str) -> None:
    temporary = path.with_suffix(path.suffix + ".tmp")
    temporary.write_text(text, encoding="utf-8")
    os.replace(temporary, path)
