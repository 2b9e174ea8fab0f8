"""Hidden states below the first adapted layer are computed once: nothing there changes while the adapter is trained.

With `lora.layers_to_transform` the lower layers are frozen and see the same tokens in every epoch and at every dev pass.
What they give is kept by row, in memory, and handed to the first adapted layer in place of the embeddings.

A product's last bits depend on how many tokens are multiplied together. So with several epochs each train row is computed
alone: what is kept of it is the same in a run that was resumed in a later epoch, whose first batch is another.
"""

from typing import Any

import torch

from worker.compute.row_tree import RowTree, grow_tree

#: Rows beyond it are computed anew each time: of a 135M model 800,000 tokens fit, of an 8B one 120,000.
MAX_KEPT_BYTES = 2_000_000_000


class FrozenLayers:
    """Of a base model [tokens, width] for each row, by its tokens."""

    def __init__(self, model: Any, num_frozen: int, has_epochs: bool = True) -> None:
        """Without `has_epochs` each train row is seen once, and dev rows alone are kept."""
        self._has_epochs = has_epochs
        self._decoder = model.get_decoder()
        self._kept: dict[tuple[int, ...], torch.Tensor] = {}
        self._num_bytes = 0
        self._is_restored = False
        self._is_alone = False
        self._found: torch.Tensor | None = None
        #: Rows of a dev batch and their places, to be kept by its forward pass.
        self._waiting: list[tuple[tuple[int, ...], list[int]]] = []
        for index, layer in enumerate(self._decoder.layers):
            layer.forward = self._skipping(layer.forward, index < num_frozen)
        self._decoder.layers[num_frozen].register_forward_pre_hook(self._look)

    def restore(self, inputs: dict[str, Any]) -> dict[str, Any]:
        """The inputs of a batch as lay_rows makes them, with its rows' states in place of tokens where these are known.

        For the next forward pass; each has to be asked for.
        """
        tree: RowTree = inputs["tree"]
        rows = [tuple(tree.input_ids[place] for place in places) for places in tree.places]
        if torch.is_grad_enabled():
            known = [self._of_row(row, inputs["input_ids"].device) for row in rows] if self._has_epochs else None
        else:
            known = [self._kept[row] for row in rows] if all(row in self._kept for row in rows) else None
        if known is None:
            self._waiting = [] if torch.is_grad_enabled() else list(zip(rows, tree.places))
            return inputs
        self._is_restored = True
        states = known[0].new_empty(1, len(tree.input_ids), known[0].shape[1])
        for of_row, places in zip(known, tree.places):
            states[0, places] = of_row
        return {**{name: value for name, value in inputs.items() if name != "input_ids"}, "inputs_embeds": states}

    def _of_row(self, row: tuple[int, ...], device: torch.device) -> torch.Tensor:
        if row not in self._kept:
            tree = grow_tree([list(row)])
            ids, positions = (torch.tensor([values], device=device) for values in (tree.input_ids, tree.position_ids))
            self._is_alone = True
            with torch.no_grad():
                self._decoder(input_ids=ids, position_ids=positions, tree=tree, use_cache=False)
            self._is_alone = False
            assert self._found is not None
            states, self._found = self._found[0], None
            self._keep(row, states)
            return states
        return self._kept[row]

    def _skipping(self, plain: Any, is_frozen: bool) -> Any:
        def forward(hidden_states: torch.Tensor, *args: Any, **options: Any) -> torch.Tensor:
            is_skipped = self._is_restored if is_frozen else self._is_alone
            return hidden_states if is_skipped else plain(hidden_states, *args, **options)

        return forward

    def _look(self, _: torch.nn.Module, args: tuple[torch.Tensor, ...]) -> None:
        """Before the first adapted layer."""
        # The next forward pass may be another's: a sample, or the measuring of what was trained.
        self._is_restored = False
        if self._is_alone:
            self._found = args[0]
        for row, places in self._waiting:
            self._keep(row, args[0].detach()[0, places])
        self._waiting = []

    def _keep(self, row: tuple[int, ...], states: torch.Tensor) -> None:
        size = states.numel() * states.element_size()
        if row not in self._kept and self._num_bytes + size <= MAX_KEPT_BYTES:
            self._kept[row] = states
            self._num_bytes += size
