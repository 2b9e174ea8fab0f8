"""Rows of each kind as the conversations that they are made of: one, a better and a worse answer, or a labelled one."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from worker.data.masks import TokenRow, tokenize_row
from worker.data.render import ChatRow, ChatTokenizer

CHOSEN, REJECTED, COMPLETION, MISMATCHED = "chosen", "rejected", "completion", "mismatched"


class Part(NamedTuple):
    """A conversation of an example, and the index of its first message that is learnt."""

    name: str
    conversation: ChatRow
    first_learnt: int


def shown_conversation(row: dict[str, Any]) -> ChatRow:
    """A row as one conversation that ends with its answer: of two answers the better one."""
    return parts_of(row)[0].conversation


def parts_of(row: dict[str, Any]) -> list[Part]:
    """The conversations of a row of train.jsonl or dev.jsonl (src/protocol/row.ts)."""
    if "messages" in row:
        return [Part("", row, 0)]  # type: ignore[typeddict-item]
    names = (CHOSEN, REJECTED) if "chosen" in row else (COMPLETION,)
    return [Part(name, _joined(row, row[name]), len(row["prompt"])) for name in names]


def _joined(row: dict[str, Any], answer: list[dict[str, Any]]) -> ChatRow:
    joined: ChatRow = {"messages": [*row["prompt"], *answer]}
    if row.get("tools"):
        joined["tools"] = row["tools"]
    return joined


def tokenize_examples(chat: ChatTokenizer, rows: list[dict[str, Any]]) -> Iterator[list[TokenRow]]:
    """The token rows of each row, the first row being number 1.

    A labelled one gets a second: its prompt with another prompt's answer, from which KTO estimates how far the policy has
    moved (arXiv 2402.01306, section 4.2; the answer before it, as TRL's KTOTrainer takes it from within a batch).
    """
    for index, row in enumerate(rows):
        parts = parts_of(row)
        if "completion" in row:
            parts.append(Part(MISMATCHED, _joined(row, _answer_elsewhere(rows, index)), len(row["prompt"])))
        tokens = [tokenize_row(chat, part.conversation, index + 1, part.first_learnt) for part in parts]
        for part, found in zip(parts, tokens):
            if part.name:
                found["part"] = part.name
            if "label" in row:
                found["label"] = row["label"]
            if "margin" in row:
                found["margin"] = row["margin"]
        yield tokens


def _answer_elsewhere(rows: list[dict[str, Any]], index: int) -> list[dict[str, Any]]:
    """Of the nearest row before it, going round, that has another prompt; its own where there is no other prompt."""
    for step in range(1, len(rows)):
        other = rows[index - step]
        if other["prompt"] != rows[index]["prompt"]:
            return other["completion"]  # type: ignore[no-any-return]
    return rows[index]["completion"]  # type: ignore[no-any-return]
