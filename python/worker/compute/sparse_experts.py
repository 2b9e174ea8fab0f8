"""Llama 4's experts on the tokens that are routed to them; Transformers gives every expert every token, most times zero.

Tokens are sorted by expert and multiplied in groups; a token's score is multiplied into its input, as there
(transformers modeling_llama4.py, Llama4TextMoe). An adapter on the experts' weights (PEFT's `target_parameters`) is two
narrow products of the routed tokens, in place of a change of every expert's weights.
"""

from typing import Any, NamedTuple

import torch
import torch.nn.functional as F

#: What the strides of grouped_mm's matrices are multiples of (aten/src/ATen/native/GroupedMMUtils.h).
ALIGNED_BYTES = 16


class _Adapter(NamedTuple):
    """Of one fused weight: a [experts, in, r], b [experts, r, out]."""

    a: torch.Tensor
    b: torch.Tensor
    scale: float


def replace_experts(model: torch.nn.Module) -> int:
    """Replaces the forward passes of the model's expert layers; returns how many that were."""
    count = 0
    for module in model.modules():
        if type(module).__name__ == "Llama4TextMoe" and not _experts_of(module).is_quantized:
            module.forward = _forward_of(module, module.forward)  # type: ignore[method-assign]
            count += 1
    return count


class _Experts(NamedTuple):
    """A layer's experts, and PEFT's wrappers around them, outermost first: one for each adapted weight."""

    base: Any
    wrappers: list[Any]

    @property
    def is_quantized(self) -> bool:
        return hasattr(self.base, "parametrizations")

    @property
    def has_plain_adapters(self) -> bool:
        return all(not one.disable_adapters and not one.merged and len(one.active_adapters) == 1 for one in self.wrappers)

    def adapter(self, name: str) -> _Adapter | None:
        for wrapper in self.wrappers:
            if wrapper.parameter_name == name:
                return _Adapter(*wrapper.get_delta_factors(wrapper.active_adapters[0]))
        return None


def _experts_of(moe: Any) -> _Experts:
    base, wrappers = moe.experts, []
    while hasattr(base, "base_layer"):
        wrappers.append(base)
        base = base.base_layer
    return _Experts(base, wrappers)


def _forward_of(moe: Any, plain: Any) -> Any:
    def forward(hidden_states: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """hidden_states [..., width]; returns [tokens, width] and the router's logits [tokens, experts]."""
        experts = _experts_of(moe)
        if not experts.has_plain_adapters:
            return plain(hidden_states)  # type: ignore[no-any-return]
        tokens = hidden_states.reshape(-1, moe.hidden_dim)
        # The linear layer alone: its own forward pass fills scores of all experts.
        logits = F.linear(tokens, moe.router.weight)
        top, chosen = torch.topk(logits, moe.top_k, dim=1)
        # [tokens · top_k], sorted by expert.
        order = torch.argsort(chosen.flatten(), stable=True)
        source = order // moe.top_k
        scores = torch.sigmoid(top.float()).to(tokens.dtype).flatten()[order]
        ends = torch.bincount(chosen.flatten(), minlength=moe.num_experts).cumsum(0).to(torch.int32)
        routed = tokens[source] * scores[:, None]
        gate, up = _product(routed, experts, "gate_up_proj", ends).chunk(2, dim=-1)
        out = _product(up * experts.base.act_fn(gate), experts, "down_proj", ends)
        shared = moe.shared_expert(tokens)
        return shared.index_add(0, source, out.to(shared.dtype)), logits

    return forward


def _product(x: torch.Tensor, experts: _Experts, name: str, ends: torch.Tensor) -> torch.Tensor:
    """x [routed tokens, in] by each expert's weight of that name, [routed tokens, out], in the type of mixed precision where that is on."""
    kind = x.device.type
    dtype = torch.get_autocast_dtype(kind) if torch.is_autocast_enabled(kind) else x.dtype
    x = x.to(dtype)
    out = F.grouped_mm(x, getattr(experts.base, name).to(dtype), offs=ends)
    adapter = experts.adapter(name)
    if adapter is None:
        return out
    # Of a rank such as 2, zeros fill the rows that grouped_mm reads.
    missing = -adapter.a.shape[2] % (ALIGNED_BYTES // x.element_size())
    a, b = F.pad(adapter.a, (0, missing)).to(dtype), F.pad(adapter.b, (0, 0, 0, missing)).to(dtype)
    narrow = F.grouped_mm(x, a.contiguous(), offs=ends) * adapter.scale
    return out + F.grouped_mm(narrow, b.contiguous(), offs=ends)
