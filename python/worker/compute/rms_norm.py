"""RMSNorm that saves its input and one number per token; what else its gradient needs is computed again.

y = x · r · w with r = 1 / √(mean x² + ε) (arXiv 1910.07467); with g = upstream · w,
∂x = r · g − x · r³ · mean(g · x).
"""

from typing import Any

import torch


class _RmsNorm(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, weight: torch.Tensor, epsilon: float, offset: float):  # noqa: ANN205
        wide = x.float()
        scale = torch.linalg.vector_norm(wide, dim=-1, keepdim=True).square_().div_(x.shape[-1]).add_(epsilon).rsqrt_()
        ctx.save_for_backward(x, weight, scale)
        ctx.offset = offset
        factor = weight.float() + offset if offset else weight.float()
        return (wide * scale).mul_(factor).to(x.dtype)

    @staticmethod
    def backward(ctx: Any, *upstream: torch.Tensor):  # noqa: ANN205
        x, weight, scale = ctx.saved_tensors
        wide, up = x.float(), upstream[0].float()
        of_weight = None
        if ctx.needs_input_grad[1]:
            of_weight = ((wide * scale).mul_(up)).flatten(0, -2).sum(0).to(weight.dtype)
        of_x = None
        if ctx.needs_input_grad[0]:
            weighted = up * (weight.float() + ctx.offset)
            mean = torch.linalg.vecdot(weighted, wide)[..., None].div_(x.shape[-1])
            of_x = weighted.mul_(scale).sub_(wide * mean.mul_(scale.pow(3))).to(x.dtype)
        return of_x, of_weight, None, None


#: Class of the norm to what is added to its weight: Gemma holds it around 0 (transformers#29402).
_OFFSETS = {"LlamaRMSNorm": 0.0, "Llama4TextRMSNorm": 0.0, "Gemma3RMSNorm": 1.0}


def replace_norms(model: torch.nn.Module) -> int:
    """Replaces the forward passes of the model's RMSNorms; returns how many that were."""
    count = 0
    for module in model.modules():
        offset = _OFFSETS.get(type(module).__name__)
        if offset is None:
            continue
        epsilon = getattr(module, "variance_epsilon", None) or module.eps
        module.forward = _forward_of(module, float(epsilon), offset)  # type: ignore[method-assign]
        count += 1
    return count


def _forward_of(module: torch.nn.Module, epsilon: float, offset: float) -> Any:
    def forward(x: torch.Tensor) -> torch.Tensor:
        return _RmsNorm.apply(x, module.weight, epsilon, offset)  # type: ignore[no-any-return]

    return forward
