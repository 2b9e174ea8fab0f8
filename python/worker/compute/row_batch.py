"""Rows as batches: laid end to end without padding, what they share once, and grouped by the tokens that are computed."""

from typing import Any

import torch

from worker.compute.row_tree import MIN_SHARED_TOKENS, grow_tree

#: A row as the trainer has it: `input_ids`, and `labels` of the same length with −100 where nothing is learnt.
Row = dict[str, list[int]]


def lay_rows(rows: list[Row], shares: bool) -> dict[str, Any]:
    """One batch of all rows: what the model's forward pass takes, and what the loss is made of.

    `input_ids` and `position_ids` are [1, tokens] as `tree` has them; `kept` [places] are the places whose hidden state
    predicts a supervised token, `sources` [targets] an index into them for each of `shift_labels` [targets]. Without
    `shares` no place stands for several rows, and `labels` [1, tokens] are as Transformers' own loss takes them.
    """
    tree = grow_tree([row["input_ids"] for row in rows], MIN_SHARED_TOKENS if shares else None)
    labels = [-100] * len(tree.input_ids)
    places, targets = [], []
    for row, own in zip(rows, tree.places):
        # A row's first token would be predicted from the last of the row before.
        for index, label in enumerate(row["labels"][1:], 1):
            labels[own[index]] = label
            if label != -100:
                places.append(own[index - 1])
                targets.append(label)
    kept, sources = torch.unique(torch.tensor(places, dtype=torch.long), return_inverse=True)
    return {
        "input_ids": torch.tensor([tree.input_ids]),
        "position_ids": torch.tensor([tree.position_ids]),
        "tree": tree,
        "kept": kept,
        "sources": sources,
        "shift_labels": torch.tensor(targets, dtype=torch.long),
        "labels": torch.tensor([labels]),
    }


def group_rows(rows: list[Row], num_groups: int, shares: bool) -> list[list[Row]]:
    """The rows in so many groups, none empty, the largest with as few computed tokens as may be."""
    order = _by_beginning(rows, shares)
    smallest, largest = 0, sum(len(row["input_ids"]) for row in rows)
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


def batches_of(rows: list[Row], max_tokens: int, shares: bool) -> list[list[Row]]:
    """The rows in groups of at most so many computed tokens, or of one row; those that begin alike together."""
    return _filled(_by_beginning(rows, shares), max_tokens)


def _by_beginning(rows: list[Row], shares: bool) -> list[tuple[Row, int]]:
    """The rows sorted, each with the tokens that no row before it has in common with it."""
    order = sorted(rows, key=lambda row: row["input_ids"])
    seen: set[int] = set()
    costs = []
    for places in grow_tree([row["input_ids"] for row in order], MIN_SHARED_TOKENS if shares else None).places:
        costs.append(len(set(places) - seen))
        seen.update(places)
    return list(zip(order, costs))


def _filled(order: list[tuple[Row, int]], max_tokens: int) -> list[list[Row]]:
    groups: list[list[Row]] = []
    computed = 0
    for row, own in order:
        if groups and computed + own <= max_tokens:
            groups[-1].append(row)
            computed += own
        else:
            groups.append([row])
            computed = len(row["input_ids"])
    return groups


def supervised_places(labels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Of padded labels [rows, tokens]: places [targets] among rows · tokens whose hidden states predict, and the targets."""
    targets = torch.cat([labels[:, 1:], labels.new_full((len(labels), 1), -100)], 1).flatten()
    places = (targets != -100).nonzero()[:, 0]
    return places, targets[places]


