"""Hidden states below the first adapted layer are computed once: nothing there changes while the adapter is trained.

With `lora.layers_to_transform` the lower layers are frozen and see the same tokens in every epoch and at every dev pass.
What they give is kept by row, in memory, and handed to the first adapted layer in place of the embeddings.
"""

from typing import Any

import torch

from worker.compute.row_tree import RowTree

#: Rows beyond it are computed anew each time: of a 135M model 800,000 tokens fit, of an 8B one 120,000.
MAX_KEPT_BYTES = 2_000_000_000


class FrozenLayers:
    """Of a base model [tokens, width] for each row, by its tokens."""

    def __init__(self, model: Any, num_frozen: int, has_epochs: bool = True) -> None:
        """Without `has_epochs` each train row is seen once, and dev rows alone are kept."""
        self._has_epochs = has_epochs
        self._kept: dict[tuple[int, ...], torch.Tensor] = {}
        self._num_bytes = 0
        self._is_restored = False
        self._wanted: list[tuple[tuple[int, ...], list[int]]] = []
        layers: Any = model.get_decoder().layers
        for layer in layers[:num_frozen]:
            layer.forward = self._skipping(layer.forward)
        layers[num_frozen].register_forward_pre_hook(self._keep)

    def restore(self, inputs: dict[str, Any]) -> dict[str, Any]:
        """The inputs of a batch as lay_rows makes them, with what is kept of its rows where that is all of them.

        For the next forward pass; each has to be asked for.
        """
        tree: RowTree = inputs["tree"]
        rows = [tuple(tree.input_ids[place] for place in places) for places in tree.places]
        self._is_restored = all(row in self._kept for row in rows)
        if not self._is_restored:
            self._wanted = [(row, places) for row, places in zip(rows, tree.places) if row not in self._kept]
            return inputs
        first = self._kept[rows[0]]
        states = first.new_empty(1, len(tree.input_ids), first.shape[1])
        for row, places in zip(rows, tree.places):
            states[0, places] = self._kept[row]
        return {**{name: value for name, value in inputs.items() if name != "input_ids"}, "inputs_embeds": states}

    def _skipping(self, plain: Any) -> Any:
        def forward(hidden_states: torch.Tensor, *args: Any, **options: Any) -> torch.Tensor:
            return hidden_states if self._is_restored else plain(hidden_states, *args, **options)

        return forward

    def _keep(self, _: torch.nn.Module, args: tuple[torch.Tensor, ...]) -> None:
        # The next forward pass may be another's: a sample, or the measuring of what was trained.
        self._is_restored = False
        hidden_states = args[0]
        if torch.is_grad_enabled() and not self._has_epochs:
            self._wanted = []
        for row, places in self._wanted:
            states = hidden_states.detach()[0, places]
            size = states.numel() * states.element_size()
            if self._num_bytes + size <= MAX_KEPT_BYTES:
                self._kept[row] = states
                self._num_bytes += size
        self._wanted = []
