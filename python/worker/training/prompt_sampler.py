"""The order of train rows in which those of one prompt follow each other."""

from collections.abc import Iterator
from random import Random

from torch.utils.data import Sampler

from worker.compute.row_batch import Row


class PromptSampler(Sampler[int]):
    """Prompts in a random order of each epoch, the rows of one prompt behind each other in theirs.

    With several answers to a prompt an answer is in several pairs. Spread over an epoch each would be a gradient step of its own
    on it, and a reward model overfits within one epoch (InstructGPT, arXiv 2203.02155, section 3.5); in one step, the prompt
    and each answer are computed once.
    """

    def __init__(self, rows: list[Row], seed: int) -> None:
        """`rows`: the first of each example; its prompt is what comes before its first supervised token."""
        prompts: dict[tuple[int, ...], list[int]] = {}
        for index, row in enumerate(rows):
            start = next(place for place, label in enumerate(row["labels"]) if label != -100)
            prompts.setdefault(tuple(row["input_ids"][:start]), []).append(index)
        self._prompts = list(prompts.values())
        self._num_rows = len(rows)
        self._seed = seed
        self._epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Called by accelerate's loader before each epoch, that of a resumed run too."""
        self._epoch = epoch

    def __len__(self) -> int:
        return self._num_rows

    def __iter__(self) -> Iterator[int]:
        order = list(self._prompts)
        Random(f"{self._seed} {self._epoch}").shuffle(order)
        return iter([index for prompt in order for index in prompt])
