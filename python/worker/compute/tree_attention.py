"""Attention over a tree of rows, node by node: each token sees its own node up to itself, and all nodes above it.

What begins with a node is laid right behind it, so a node's keys are read by one span of queries: first causally by
its own tokens, then whole by all of its descendants'. The parts of a softmax are joined by their log-sums, and each
part's gradient needs only the joined result and log-sum (Ring Attention, arXiv 2310.01889). No mask is built, no key is copied.

Layers with a window (Gemma 3) or chunks (Llama 4) that a row is longer than take `_local` in its place.
"""

from typing import Any

import torch
import torch.nn.functional as F
from transformers import AttentionInterface
from transformers.masking_utils import AttentionMaskInterface

from worker.compute.row_tree import Node, RowTree

TREE_ATTENTION = "slipway_tree"
_flash = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu
_flash_backward = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu_backward


def tree_attention(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    *,
    tree: RowTree,
    scaling: float | None = None,
    dropout: float = 0.0,
    sliding_window: int | None = None,
    **_: Any,
) -> tuple[torch.Tensor, None]:
    """query [1, heads, tokens, head_dim]; key, value [1, key-value heads, tokens, head_dim], laid as `tree` has them.

    Returns [1, tokens, heads, head_dim].
    """
    nodes, chunk = tree.nodes, _chunk_size(module)
    query = _at_true_positions(module, query, tree)
    # As PyTorch's own attention does: under mixed precision rotary embeddings hand out float32.
    if torch.is_autocast_enabled(query.device.type):
        query, key, value = (tensor.to(torch.get_autocast_dtype(query.device.type)) for tensor in (query, key, value))
    if tree.longest <= min(sliding_window or tree.longest, chunk or tree.longest) and not dropout and query.device.type == "cpu":
        out = _TreeAttention.apply(query, key, value, nodes, scaling)
    else:
        out = _local(query, key, value, nodes, scaling, dropout, sliding_window, chunk)
    return out.transpose(1, 2), None


class _TreeAttention(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, nodes: list[Node], scale: float | None):  # noqa: ANN205
        # Laid out as [1, tokens, heads, head_dim], which is what the next projection reads.
        out = torch.empty_like(query.transpose(1, 2)).transpose(1, 2)
        log_sums = query.new_empty(query.shape[:3], dtype=torch.float32)
        for start, end, _, _, _ in nodes:
            own = slice(start, end)
            out[:, :, own], log_sums[:, :, own] = _flash(query[:, :, own], key[:, :, own], value[:, :, own], 0.0, True, scale=scale)
        for node in nodes:
            if node.end == node.subtree_end:
                continue
            own, below = slice(node.start, node.end), slice(node.end, node.subtree_end)
            part, part_log_sums = _flash(query[:, :, below], key[:, :, own], value[:, :, own], 0.0, False, scale=scale)
            joined = torch.logaddexp(log_sums[:, :, below], part_log_sums)
            out[:, :, below].mul_((log_sums[:, :, below] - joined).exp_()[..., None])
            out[:, :, below].add_(part.mul_((part_log_sums - joined).exp_()[..., None]))
            log_sums[:, :, below] = joined
        ctx.save_for_backward(query, key, value, out, log_sums)
        ctx.nodes, ctx.scale = nodes, scale
        return out

    @staticmethod
    def backward(ctx: Any, *upstream: torch.Tensor):  # noqa: ANN205
        query, key, value, out, log_sums = ctx.saved_tensors
        gradients = [torch.empty_like(tensor.transpose(1, 2)).transpose(1, 2) for tensor in (query, key, value)]

        def parts(queries: slice, keys: slice, is_causal: bool) -> list[tuple[torch.Tensor, torch.Tensor]]:
            """Gradients of the three beside the places where they belong."""
            own = (upstream[0][:, :, queries], query[:, :, queries], key[:, :, keys], value[:, :, keys])
            found = _flash_backward(*own, out[:, :, queries], log_sums[:, :, queries], 0.0, is_causal, scale=ctx.scale)
            return [(whole[:, :, where], part) for whole, where, part in zip(gradients, (queries, keys, keys), found)]

        for node in ctx.nodes:
            own = slice(node.start, node.end)
            for whole, part in parts(own, own, True):
                whole.copy_(part)
        for node in ctx.nodes:
            if node.end < node.subtree_end:
                for whole, part in parts(slice(node.end, node.subtree_end), slice(node.start, node.end), False):
                    whole.add_(part)
        return *gradients, None, None


def _local(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    nodes: list[Node],
    scale: float | None,
    dropout: float,
    window: int | None,
    chunk: int | None,
) -> torch.Tensor:
    """Each node's queries on the keys of its path that are within reach of the first of them, by a mask of true positions."""
    # Split once: the backward pass of a slice fills a tensor of all tokens with zeros.
    lengths = [node.end - node.start for node in nodes]
    keys, values = key.split(lengths, 2), value.split(lengths, 2)
    out = []
    for index, (node, queries) in enumerate(zip(nodes, query.split(lengths, 2))):
        first = max(node.position - window + 1 if window else 0, node.position // chunk * chunk if chunk else 0)
        path = _path(nodes, index)
        seen = [(one, max(0, first - nodes[one].position)) for one in path]
        seen = [(one, skipped) for one, skipped in seen if skipped < lengths[one]]
        mask = _mask(node, lengths[index], nodes[seen[0][0]].position + seen[0][1], window, chunk, query.device)
        out.append(
            F.scaled_dot_product_attention(
                queries,
                torch.cat([keys[one][:, :, skipped:] for one, skipped in seen], 2),
                torch.cat([values[one][:, :, skipped:] for one, skipped in seen], 2),
                attn_mask=mask,
                dropout_p=dropout,
                is_causal=mask is None,
                scale=scale,
                enable_gqa=query.shape[1] != key.shape[1],
            )
        )
    return torch.cat(out, 2)


def _path(nodes: list[Node], index: int) -> list[int]:
    """From a row's first node to this one."""
    path = []
    while index >= 0:
        path.append(index)
        index = nodes[index].parent
    return path[::-1]


def _mask(node: Node, length: int, first: int, window: int | None, chunk: int | None, device: torch.device) -> torch.Tensor | None:
    """[length, keys], true where attention is allowed; keys are at positions from `first` on. None: plain causal attention."""
    if first == node.position and length <= min(window or length, chunk or length):
        return None
    query = torch.arange(node.position, node.position + length, device=device)[:, None]
    key = torch.arange(first, node.position + length, device=device)[None]
    mask = key <= query
    if window:
        mask &= key > query - window
    if chunk:
        mask &= key // chunk == query // chunk
    return mask


def _at_true_positions(module: Any, query: torch.Tensor, tree: RowTree) -> torch.Tensor:
    """Llama 4's layers without rotary embeddings scale queries by position, and take that of the batch for a row's.

    The scale is 1 up to `floor_scale` tokens (arXiv 2501.19399; transformers modeling_llama4.py, Llama4TextAttention).
    """
    if not getattr(module, "attn_temperature_tuning", False) or module.use_rope or query.shape[2] < module.floor_scale:
        return query

    def scales(positions: torch.Tensor) -> torch.Tensor:
        return torch.log1p(torch.floor((positions + 1.0) / module.floor_scale)) * module.attn_scale + 1.0

    true = scales(torch.tensor(tree.position_ids, dtype=torch.float32))
    taken = scales(torch.arange(query.shape[2], dtype=torch.float32))
    return query * (true / taken).to(query)[:, None]


def _chunk_size(module: torch.nn.Module) -> int | None:
    """Llama 4's layers with rotary embeddings attend within chunks (transformers masking_utils.py, chunked_overlay)."""
    config: Any = getattr(module, "config", None)
    types = getattr(config, "layer_types", None)
    if not types or types[module.layer_idx] != "chunked_attention":
        return None
    return int(config.attention_chunk_size)


def register_tree_attention() -> None:
    """Makes `attn_implementation="slipway_tree"` known to Transformers; no mask is built for it."""
    AttentionInterface.register(TREE_ATTENTION, tree_attention)
    AttentionMaskInterface.register(TREE_ATTENTION, lambda *_, **__: None)
