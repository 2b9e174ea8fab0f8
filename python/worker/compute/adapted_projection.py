"""Frozen projections of one input with their adapters, as one operation: y = x Wᵀ + s · (x Aᵀ) Bᵀ for each.

PEFT computes each projection's product, its adapter's two, a product by the scale and a sum, and saves the input for
each. Here the projections that read the same input (q, k, v; gate, up) share it and one product with all their A;
the scale is applied to the rank's side, and nothing of the output's width is made beside the output.
"""

from typing import Any

import torch
from peft.tuners.lora import Linear as LoraLinear

#: Modules that Transformers calls one after the other with the same input.
SHARED_INPUTS = (("q_proj", "k_proj", "v_proj"), ("gate_proj", "up_proj"), ("o_proj",), ("down_proj",))


class _AdaptedProjections(torch.autograd.Function):
    """x [tokens, in]; `adapters` are A [r, in], B [out, r] and W [out, in] of each projection. Returns one y [tokens, out] for each."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, scales: list[float], *factors: torch.Tensor):  # noqa: ANN205
        a_matrices, b_matrices, weights = factors[::3], factors[1::3], factors[2::3]
        stacked = torch.cat(a_matrices)
        ranks = [len(a) for a in a_matrices]
        reduced = x @ stacked.t()
        for part, scale in zip(reduced.split(ranks, 1), scales):
            part.mul_(scale)
        outputs = []
        for part, b, weight in zip(reduced.split(ranks, 1), b_matrices, weights):
            y = x @ weight.t()
            outputs.append(y.addmm_(part, b.t()) if b.shape[1] else y)
        ctx.save_for_backward(x, reduced, stacked, *b_matrices, *weights)
        ctx.scales, ctx.ranks = scales, ranks
        return tuple(outputs)

    @staticmethod
    def backward(ctx: Any, *upstream: torch.Tensor):  # noqa: ANN205
        x, reduced, stacked, *rest = ctx.saved_tensors
        b_matrices, weights = rest[: len(ctx.ranks)], rest[len(ctx.ranks) :]
        of_reduced = torch.empty_like(reduced)
        for part, up, b, scale in zip(of_reduced.split(ctx.ranks, 1), upstream, b_matrices, ctx.scales):
            torch.mm(up, b, out=part).mul_(scale)
        of_x = None
        if ctx.needs_input_grad[0]:
            of_x = of_reduced @ stacked
            for up, weight in zip(upstream, weights):
                of_x.addmm_(up, weight)
        of_a = (of_reduced.t() @ x).split(ctx.ranks)
        of_b = [up.t() @ part for up, part in zip(upstream, reduced.split(ctx.ranks, 1))]
        return of_x, None, *(gradient for pair in zip(of_a, of_b) for gradient in (*pair, None))


class _Group:
    """Projections of one input: the first call computes all, the others take theirs."""

    def __init__(self, modules: list[torch.nn.Module]) -> None:
        self._modules = modules
        self._input: torch.Tensor | None = None
        self._waiting: dict[int, torch.Tensor] = {}
        for module in modules:
            module.forward = self._forward_of(module, module.forward)  # type: ignore[method-assign]

    def _forward_of(self, module: torch.nn.Module, plain: Any) -> Any:
        def forward(x: torch.Tensor, *args: Any, **kwargs: Any) -> torch.Tensor:
            if not all(_is_plain_lora(one) for one in self._modules):
                return plain(x, *args, **kwargs)
            if self._input is not x or id(module) not in self._waiting:
                self._compute(x)
            y = self._waiting.pop(id(module))
            if not self._waiting:
                self._input = None
            return y

        return forward

    def _compute(self, x: torch.Tensor) -> None:
        factors = [_factors(module, x.dtype) for module in self._modules]
        outputs = _AdaptedProjections.apply(
            x.flatten(0, -2), [scale for *_, scale in factors], *(matrix for *matrices, _ in factors for matrix in matrices)
        )
        self._input = x
        self._waiting = {id(module): y.view(*x.shape[:-1], -1) for module, y in zip(self._modules, outputs)}


def _is_plain_lora(module: torch.nn.Module) -> bool:
    """A frozen linear layer without bias, with one adapter that is on, or none."""
    if isinstance(module, torch.nn.Linear):
        return module.bias is None and not module.weight.requires_grad
    assert isinstance(module, LoraLinear)
    return not module.disable_adapters and not module.merged and len(module.active_adapters) == 1


def _factors(module: Any, dtype: torch.dtype) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, float]:
    """A, B, W and the scale; A and B without a row or column where there is no adapter."""
    if isinstance(module, torch.nn.Linear):
        weight = module.weight
        return weight.new_empty(0, weight.shape[1]), weight.new_empty(weight.shape[0], 0), weight, 1.0
    name = module.active_adapters[0]
    a, b = module.lora_A[name].weight, module.lora_B[name].weight
    return a.to(dtype), b.to(dtype), module.base_layer.weight, module.scaling[name]


def share_projections(model: torch.nn.Module) -> int:
    """Replaces the forward passes of the model's adapted projections; returns how many groups that were.

    Left as they are: layers in 4 bits, with dropout, with a bias, or of another kind of adapter than LoRA.
    """
    groups = 0
    for module in model.modules():
        for names in SHARED_INPUTS:
            found = [getattr(module, name) for name in names if hasattr(module, name)]
            if len(found) == len(names) and all(map(_can_be_replaced, found)) and any(isinstance(one, LoraLinear) for one in found):
                _Group(found)
                groups += 1
    return groups


def _can_be_replaced(module: torch.nn.Module) -> bool:
    base = module.base_layer if isinstance(module, LoraLinear) else module
    if type(base) is not torch.nn.Linear or base.bias is not None or base.weight.requires_grad:
        return False
    if not isinstance(module, LoraLinear):
        return True
    has_dropout = any(not isinstance(one, torch.nn.Identity) for one in module.lora_dropout.values())
    return not has_dropout and not module.lora_variant
