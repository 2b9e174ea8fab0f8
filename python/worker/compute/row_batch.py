"""Rows as batches: laid end to end without padding, what they share once, and grouped by the tokens that are computed."""

from collections.abc import Callable
from typing import Any

import torch

from worker.compute.row_tree import MIN_SHARED_TOKENS, RowTree, grow_tree

#: A row as the trainer has it: `input_ids`, and `labels` of the same length with −100 where nothing is learnt.
Row = dict[str, list[int]]
#: What one loss is made of, as a method's dataset has it: one row or several.
Example = dict[str, Any]
RowsOf = Callable[[Example], list[Row]]


def lay_rows(rows: list[Row], shares: bool) -> dict[str, Any]:
    """One batch of all rows: what the model's forward pass takes, and what the loss is made of.

    `input_ids` and `position_ids` are [1, tokens] as `tree` has them; `kept` [places] are the places whose hidden state
    predicts a supervised token, `sources` [targets] an index into them for each of `shift_labels` [targets], `owners`
    [targets] the index of the row that each belongs to. Targets are in the order of rows and of their tokens. Without
    `shares` no place stands for several rows, and `labels` [1, tokens] are as Transformers' own loss takes them.
    """
    tree = grow_tree([row["input_ids"] for row in rows], MIN_SHARED_TOKENS if shares else None)
    labels = [-100] * len(tree.input_ids)
    places, targets, owners = [], [], []
    for number, (row, own) in enumerate(zip(rows, tree.places)):
        # A row's first token would be predicted from the last of the row before.
        for index, label in enumerate(row["labels"][1:], 1):
            labels[own[index]] = label
            if label != -100:
                places.append(own[index - 1])
                targets.append(label)
                owners.append(number)
    return _laid(tree, places) | {
        "owners": torch.tensor(owners, dtype=torch.long),
        "shift_labels": torch.tensor(targets, dtype=torch.long),
        "labels": torch.tensor([labels]),
    }


def lay_scored(rows: list[list[int]], shares: bool) -> dict[str, Any]:
    """One batch of rows of token ids whose last tokens are scored: as lay_rows, `sources` [rows] are of these."""
    tree = grow_tree(rows, MIN_SHARED_TOKENS if shares else None)
    return _laid(tree, [own[-1] for own in tree.places])


def _laid(tree: RowTree, places: list[int]) -> dict[str, Any]:
    kept, sources = torch.unique(torch.tensor(places, dtype=torch.long), return_inverse=True)
    return {
        "input_ids": torch.tensor([tree.input_ids]),
        "position_ids": torch.tensor([tree.position_ids]),
        "tree": tree,
        "kept": kept,
        "sources": sources,
    }


def num_targets(row: Row) -> int:
    """Supervised tokens of a row; its first has nothing to be predicted from."""
    return sum(label != -100 for label in row["labels"][1:])


def group_examples(examples: list[Example], rows_of: RowsOf, num_groups: int, shares: bool) -> list[list[Example]]:
    """The examples in so many groups, none empty, the largest with as few computed tokens as may be."""
    order = _by_beginning(examples, rows_of, shares)
    smallest, largest = 0, sum(whole for _, _, whole in order)
    while largest - smallest > 1:
        middle = (smallest + largest) // 2
        fits = len(_filled(order, middle)) <= num_groups
        smallest, largest = (smallest, middle) if fits else (middle, largest)
    groups = _filled(order, largest)
    while len(groups) < num_groups:
        longest = max(groups, key=len)
        at = groups.index(longest)
        groups[at : at + 1] = [longest[: len(longest) // 2], longest[len(longest) // 2 :]]
    return groups


def batches_of(examples: list[Example], rows_of: RowsOf, max_tokens: int, shares: bool) -> list[list[Example]]:
    """The examples in groups of at most so many computed tokens, or of one; those that begin alike together."""
    return _filled(_by_beginning(examples, rows_of, shares), max_tokens)


def _by_beginning(examples: list[Example], rows_of: RowsOf, shares: bool) -> list[tuple[Example, int, int]]:
    """The examples sorted, each with the tokens that none before it has in common with it, and with those that it has alone."""
    order = sorted(examples, key=lambda example: rows_of(example)[0]["input_ids"])
    ids = [[row["input_ids"] for row in rows_of(example)] for example in order]
    min_shared = MIN_SHARED_TOKENS if shares else None
    places = iter(grow_tree([row for rows in ids for row in rows], min_shared).places)
    seen: set[int] = set()
    costs = []
    for example, rows in zip(order, ids):
        own = {place for _ in rows for place in next(places)}
        costs.append((example, len(own - seen), len(own)))
        seen |= own
    return costs


def _filled(order: list[tuple[Example, int, int]], max_tokens: int) -> list[list[Example]]:
    groups: list[list[Example]] = []
    computed = 0
    for example, added, whole in order:
        if groups and computed + added <= max_tokens:
            groups[-1].append(example)
            computed += added
        else:
            groups.append([example])
            computed = whole
    return groups


def supervised_places(labels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Of padded labels [rows, tokens]: places [targets] among rows · tokens whose hidden states predict, and the targets."""
    targets = torch.cat([labels[:, 1:], labels.new_full((len(labels), 1), -100)], 1).flatten()
    places = (targets != -100).nonzero()[:, 0]
    return places, targets[places]


def pad_rows(rows: list[Row], pad_token: int) -> dict[str, torch.Tensor]:
    """Rows padded on their right, as TRL's preference trainers take them: `completion_mask` is 1 where a token is learnt."""
    longest = max(len(row["input_ids"]) for row in rows)

    def padded(values: list[int], filler: int) -> list[int]:
        return values + [filler] * (longest - len(values))

    return {
        "input_ids": torch.tensor([padded(row["input_ids"], pad_token) for row in rows]),
        "attention_mask": torch.tensor([padded([1] * len(row["input_ids"]), 0) for row in rows]),
        "completion_mask": torch.tensor([padded([int(label != -100) for label in row["labels"]], 0) for row in rows]),
    }
