"""The rows that a trained model is remembered by, and the file that says what it made of them."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from worker.data.inspect import read_examples, teaches
from worker.data.masks import TokenRow
from worker.life import Attempt
from worker.protocol import Plan

NUM_REFERENCE_ROWS = 8


def reference_rows(attempt: Attempt, plan: Plan) -> list[tuple[dict[str, Any], list[TokenRow]]]:
    """The first supervised rows of dev, or of train where there is no dev, each with its tokens."""
    source = attempt.run_folder / "data"
    split = "dev" if plan["data"]["num_dev_rows"] else "train"
    with (source / f"{split}.jsonl").open() as lines:
        rows = list(zip(lines, read_examples(source / f"tokens-{split}.jsonl")))
    return [(json.loads(line), example) for line, example in rows if teaches(example)][:NUM_REFERENCE_ROWS]


def write_references(path: Path, references: Sequence[Any]) -> None:
    lines = [json.dumps(reference, ensure_ascii=False, allow_nan=False) for reference in references]
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
