"""Rotary embeddings that save the angles alone, and write each result once.

A rotation's gradient is the rotation back (RoFormer, arXiv 2104.09864): (g₁ cos₁ + g₂ sin₂, g₂ cos₂ − g₁ sin₁).
"""

from typing import Any

import torch
from transformers.models.gemma3 import modeling_gemma3
from transformers.models.llama import modeling_llama


class _Rotary(torch.autograd.Function):
    """x [..., head_dim], turned in pairs of its two halves."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor):  # noqa: ANN205
        ctx.save_for_backward(cos, sin)
        out = x * cos
        half = x.shape[-1] // 2
        out[..., :half].addcmul_(x[..., half:], sin[..., :half], value=-1)
        out[..., half:].addcmul_(x[..., :half], sin[..., half:])
        return out

    @staticmethod
    def backward(ctx: Any, *upstream: torch.Tensor):  # noqa: ANN205
        cos, sin = ctx.saved_tensors
        (up,) = upstream
        half = up.shape[-1] // 2
        of_x = up * cos
        of_x[..., :half].addcmul_(up[..., half:], sin[..., half:])
        of_x[..., half:].addcmul_(up[..., :half], sin[..., :half], value=-1)
        return of_x, None, None


def _apply(query: torch.Tensor, key: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor, unsqueeze_dim: int = 1):  # noqa: ANN202
    cos, sin = cos.unsqueeze(unsqueeze_dim), sin.unsqueeze(unsqueeze_dim)
    return _Rotary.apply(query, cos, sin), _Rotary.apply(key, cos, sin)


def replace_rotary() -> None:
    """Of Llama and Gemma 3, whose attention calls a function of its module; Llama 4 turns pairs of neighbours as complex numbers."""
    modeling_llama.apply_rotary_pos_emb = _apply
    modeling_gemma3.apply_rotary_pos_emb = _apply
