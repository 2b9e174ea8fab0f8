"""The rows of a batch as a tree: tokens that several rows begin with are there, and are computed, once.

A token sees its own row's tokens before it and nothing else. So what two rows share at their beginning has the same
hidden states in both, and its gradient is the sum over both: exact, not an approximation.
"""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

#: A shorter common beginning costs more in further attention calls than it saves.
MIN_SHARED_TOKENS = 16


class Node(NamedTuple):
    """Tokens that follow each other in the same rows. All that begins with them is laid right behind them."""

    start: int
    end: int
    #: Where the last of the rows that begin with it ends.
    subtree_end: int
    #: Of its first token in its rows.
    position: int
    #: Index of the node before it; −1 for a row's beginning.
    parent: int


@dataclass
class RowTree:
    nodes: list[Node]
    input_ids: list[int]
    position_ids: list[int]
    #: Of each row, in the order they were given: the places of its tokens.
    places: list[list[int]]

    @property
    def longest(self) -> int:
        """Tokens of the longest row."""
        return max(map(len, self.places))

    @property
    def num_row_tokens(self) -> int:
        """Tokens of all rows; those that are computed are as many as `input_ids`."""
        return sum(map(len, self.places))


def grow_tree(rows: list[list[int]], min_shared: int | None = MIN_SHARED_TOKENS) -> RowTree:
    """The tree of rows of token ids. Beginnings shorter than `min_shared` are laid once for each row that differs; None: all are, for each."""
    tree = RowTree([], [], [], [[] for _ in rows])
    # Sorted, rows that begin alike are neighbours.
    order = sorted(range(len(rows)), key=lambda row: rows[row])
    waiting = [(sharing, 0, -1) for sharing in reversed(_sharing(rows, order, 0, min_shared))]
    while waiting:
        sharing, start, parent = waiting.pop()
        index, first = len(tree.nodes), len(tree.input_ids)
        tokens = rows[sharing[0]][start : start + _common(rows[sharing[0]][start:], rows[sharing[-1]][start:])]
        end = start + len(tokens)
        tree.input_ids += tokens
        tree.position_ids += range(start, end)
        for row in sharing:
            tree.places[row] += range(first, first + len(tokens))
        tree.nodes.append(Node(first, first + len(tokens), first + len(tokens), start, parent))
        longer = [row for row in sharing if len(rows[row]) > end]
        waiting += [(below, end, index) for below in reversed(_sharing(rows, longer, end, min_shared))]
    # A node's descendants are laid behind it.
    for node in reversed(tree.nodes):
        if node.parent >= 0:
            above = tree.nodes[node.parent]
            tree.nodes[node.parent] = above._replace(subtree_end=max(above.subtree_end, node.subtree_end))
    return tree


def _sharing(rows: list[list[int]], group: list[int], start: int, min_shared: int | None) -> list[list[int]]:
    """A sorted group, parted into the rows that share a node from `start` on."""
    return [list(same) for _, same in groupby(group, key=lambda row: _beginning(rows[row], row, start, min_shared))]


def _beginning(row: list[int], index: int, start: int, min_shared: int | None) -> tuple[int, ...]:
    """What a row must have in common with another to share a node: all that is left of it where that is less; its own index where nothing is shared."""
    return (index,) if min_shared is None else tuple(row[start : start + min_shared])


def _common(first: list[int], second: list[int]) -> int:
    """Length of what both begin with."""
    return next((i for i, (one, other) in enumerate(zip(first, second)) if one != other), min(len(first), len(second)))


def heaviest_examples(examples: Sequence[list[list[int]]], count: int, min_shared: int | None = MIN_SHARED_TOKENS) -> list[tuple[int, int]]:
    """Indices of examples that cost most together, and the tokens that each adds to those before it; an example is some rows.

    Each is the one that adds most (a tree's size is submodular, so that a greedy choice comes near the worst batch:
    Nemhauser, Wolsey and Fisher 1978). Examples are compared by their first rows. None: nothing is shared.
    """
    sizes = [len(rows[0]) if len(rows) == 1 else len(grow_tree(rows, min_shared).input_ids) for rows in examples]
    chosen: list[tuple[int, int]] = []
    # What an example adds can only fall as others are chosen: it is looked at anew when it is on top.
    queue = [(-size, index, 0) for index, size in enumerate(sizes)]
    heapq.heapify(queue)
    while queue and len(chosen) < count:
        added, index, num_seen = heapq.heappop(queue)
        shared = sizes[index] + added
        for other, _ in chosen[num_seen:] if min_shared else []:
            common = _common(examples[index][0], examples[other][0])
            shared = max(shared, common if common >= (min_shared or 0) else 0)
        now = sizes[index] - shared
        if queue and now < -queue[0][0]:
            heapq.heappush(queue, (-now, index, len(chosen)))
        else:
            chosen.append((index, now))
    return chosen
