"""Rows laid end to end in place of padding; attention is computed row by row, so that none sees another.

TRL's padding-free batches want FlashAttention, which no CPU has. Off switch: `packed: false` in the recipe.
"""

from typing import Any

import torch
import torch.nn.functional as F
from transformers import AttentionInterface
from transformers.masking_utils import AttentionMaskInterface

PACKED_ATTENTION = "slipway_packed"


def packed_attention(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float | None = None,
    dropout: float = 0.0,
    row_bounds: list[tuple[int, int]] | None = None,
    **_: Any,
) -> tuple[torch.Tensor, None]:
    """Causal attention within each row.

    query [1, heads, tokens, head_dim]; key, value [1, key-value heads, tokens, head_dim]; `row_bounds` are
    half-open spans of tokens. Without them (generation of one row) the last query sees all keys.
    Returns [1, tokens, heads, head_dim].
    """
    is_grouped = query.shape[1] != key.shape[1]
    if row_bounds is None:
        is_causal = query.shape[2] > 1
        whole = F.scaled_dot_product_attention(
            query, key, value, is_causal=is_causal, scale=scaling, enable_gqa=is_grouped
        )
        return whole.transpose(1, 2).contiguous(), None
    rows = [
        F.scaled_dot_product_attention(
            query[:, :, start:end],
            key[:, :, start:end],
            value[:, :, start:end],
            dropout_p=dropout if module.training else 0.0,
            is_causal=True,
            scale=scaling,
            enable_gqa=is_grouped,
        )
        for start, end in row_bounds
    ]
    return torch.cat(rows, dim=2).transpose(1, 2).contiguous(), None


def register_packed_attention() -> None:
    """Makes `attn_implementation="slipway_packed"` known to Transformers; no mask is built for it."""
    AttentionInterface.register(PACKED_ATTENTION, packed_attention)
    AttentionMaskInterface.register(PACKED_ATTENTION, lambda *_, **__: None)


def collate_packed(rows: list[dict[str, list[int]]]) -> dict[str, Any]:
    """One batch row [1, tokens] of all rows, positions starting anew in each."""
    input_ids = [token for row in rows for token in row["input_ids"]]
    labels = [label for row in rows for label in row["labels"]]
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
