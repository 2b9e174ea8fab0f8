"""Rows laid end to end in place of padding; attention is computed row by row, so that none sees another.

TRL's padding-free batches want FlashAttention, which no CPU has. Off switch: `padding_free: false` in the recipe.
"""

from typing import Any

import torch
import torch.nn.functional as F
from transformers import AttentionInterface
from transformers.masking_utils import AttentionMaskInterface

PADDING_FREE_ATTENTION = "slipway_padding_free"


def padding_free(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    *,
    row_bounds: list[tuple[int, int]],
    scaling: float | None = None,
    dropout: float = 0.0,
    sliding_window: int | None = None,
    **_: Any,
) -> tuple[torch.Tensor, None]:
    """Causal attention within each row, within the window (Gemma 3) or chunk (Llama 4) where the layer has one.

    query [1, heads, tokens, head_dim]; key, value [1, key-value heads, tokens, head_dim]; `row_bounds` are
    half-open spans of tokens. Returns [1, tokens, heads, head_dim].
    """
    chunk = _chunk_size(module)
    rows = []
    for start, end in row_bounds:
        mask = _local_mask(end - start, sliding_window, chunk, query.device)
        rows.append(
            F.scaled_dot_product_attention(
                query[:, :, start:end],
                key[:, :, start:end],
                value[:, :, start:end],
                attn_mask=mask,
                dropout_p=dropout if module.training else 0.0,
                is_causal=mask is None,
                scale=scaling,
                enable_gqa=query.shape[1] != key.shape[1],
            )
        )
    return torch.cat(rows, dim=2).transpose(1, 2).contiguous(), None


def _chunk_size(module: torch.nn.Module) -> int | None:
    """Llama 4's layers with rotary embeddings attend within chunks (transformers masking_utils.py, chunked_overlay)."""
    config: Any = getattr(module, "config", None)
    types = getattr(config, "layer_types", None)
    if not types or types[module.layer_idx] != "chunked_attention":
        return None
    return int(config.attention_chunk_size)


def _local_mask(length: int, window: int | None, chunk: int | None, device: torch.device) -> torch.Tensor | None:
    """[length, length], true where attention is allowed; None where plain causal attention is the same."""
    if length <= min(window or length, chunk or length):
        return None
    query = torch.arange(length, device=device)[:, None]
    key = torch.arange(length, device=device)[None]
    mask = key <= query
    if window:
        mask &= key > query - window
    if chunk:
        mask &= key // chunk == query // chunk
    return mask


def register_padding_free_attention() -> None:
    """Makes `attn_implementation="slipway_padding_free"` known to Transformers; no mask is built for it."""
    AttentionInterface.register(PADDING_FREE_ATTENTION, padding_free)
    AttentionMaskInterface.register(PADDING_FREE_ATTENTION, lambda *_, **__: None)


def collate_padding_free(rows: list[dict[str, list[int]]]) -> dict[str, Any]:
    """One batch row [1, tokens] of all rows, positions starting anew in each."""
    input_ids = [token for row in rows for token in row["input_ids"]]
    # A row's first token would be predicted from the last of the row before.
    labels = [label for row in rows for label in [-100, *row["labels"][1:]]]
    positions = [position for row in rows for position in range(len(row["input_ids"]))]
    bounds, start = [], 0
    for row in rows:
        bounds.append((start, start + len(row["input_ids"])))
        start = bounds[-1][1]
    return {
        "input_ids": torch.tensor([input_ids]),
        "labels": torch.tensor([labels]),
        "position_ids": torch.tensor([positions]),
        "row_bounds": bounds,
    }
