"""act(gate) · up of an MLP, saving gate and up alone: PyTorch's own saves the activation too, and makes a copy in each direction."""

from typing import Any

import torch
import torch.nn.functional as F


class _GatedProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, gate: torch.Tensor, up: torch.Tensor, is_silu: bool):  # noqa: ANN205
        ctx.save_for_backward(gate, up)
        ctx.is_silu = is_silu
        return _activation(gate, is_silu).mul_(up)

    @staticmethod
    def backward(ctx: Any, *upstream: torch.Tensor):  # noqa: ANN205
        gate, up = ctx.saved_tensors
        of_up = _activation(gate, ctx.is_silu).mul_(upstream[0])
        of_activation = upstream[0] * up
        if ctx.is_silu:
            of_gate = torch.ops.aten.silu_backward(of_activation, gate)
        else:
            of_gate = torch.ops.aten.gelu_backward(of_activation, gate, approximate="tanh")
        return of_gate, of_up, None


def _activation(gate: torch.Tensor, is_silu: bool) -> torch.Tensor:
    return F.silu(gate) if is_silu else F.gelu(gate, approximate="tanh")


#: Names of a config's `hidden_act` or `hidden_activation`.
_IS_SILU = {"silu": True, "gelu_pytorch_tanh": False}


def replace_gated_products(model: torch.nn.Module) -> int:
    """Replaces the forward passes of the model's gated MLPs; returns how many that were."""
    count = 0
    for module in model.modules():
        config = getattr(module, "config", None)
        name = getattr(config, "hidden_act", None) or getattr(config, "hidden_activation", None)
        if all(hasattr(module, part) for part in ("gate_proj", "up_proj", "down_proj")) and name in _IS_SILU:
            module.forward = _forward_of(module, _IS_SILU[name])  # type: ignore[method-assign]
            count += 1
    return count


def _forward_of(module: torch.nn.Module, is_silu: bool) -> Any:
    def forward(x: torch.Tensor) -> torch.Tensor:
        gate = module.gate_proj(x)  # type: ignore[operator]
        return module.down_proj(_GatedProduct.apply(gate, module.up_proj(x), is_silu))  # type: ignore[operator, no-any-return]

    return forward
