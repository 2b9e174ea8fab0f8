"""The last layer for supervised places only: nothing reads what the others would come to.

Keys and values are needed of every token; the output of attention, the MLP and the final norm only where a target is predicted.
"""

from typing import Any

import torch


def keep_supervised(model: Any) -> None:
    """Replaces the forward pass of the last decoder layer. It then takes `kept`, places of its one row [1, tokens]."""
    layer = model.get_decoder().layers[-1]
    layer.forward = _forward_of(layer, layer.forward)


def _forward_of(layer: Any, plain: Any) -> Any:
    is_gemma = hasattr(layer, "pre_feedforward_layernorm")
    projection = layer.self_attn.o_proj
    plain_projection = projection.forward
    kept_now: list[torch.Tensor] = []

    def project(attended: torch.Tensor) -> torch.Tensor:
        return plain_projection(attended.index_select(1, kept_now[0]) if kept_now else attended)  # type: ignore[no-any-return]

    def forward(hidden_states: torch.Tensor, *args: Any, kept: torch.Tensor | None = None, **options: Any) -> torch.Tensor:
        """hidden_states [1, tokens, width]; returns [1, kept, width]."""
        if kept is None:
            return plain(hidden_states, *args, **options)  # type: ignore[no-any-return]
        kept_now[:] = [kept]
        attended, _ = layer.self_attn(hidden_states=layer.input_layernorm(hidden_states), **options)
        kept_now.clear()
        residual = hidden_states.index_select(1, kept)
        if is_gemma:
            residual = residual + layer.post_attention_layernorm(attended)
            return residual + layer.post_feedforward_layernorm(layer.mlp(layer.pre_feedforward_layernorm(residual)))  # type: ignore[no-any-return]
        residual = residual + attended
        normed = layer.post_attention_layernorm(residual)
        if not hasattr(layer, "feed_forward"):
            return residual + layer.mlp(normed)  # type: ignore[no-any-return]
        out = layer.feed_forward(normed)
        # Experts return their router's logits too, and tokens without the row's dimension.
        return residual + (out[0].view(residual.shape) if isinstance(out, tuple) else out)  # type: ignore[no-any-return]

    projection.forward = project
    return forward
