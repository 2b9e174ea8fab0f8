"""Cross-entropy of a frozen head on supervised tokens only, its gradient formed in the forward pass.

The idea is Liger's fused linear cross-entropy (arXiv 2410.10989). Off switch: `fused_loss: false` in the recipe.
"""

from typing import Any

import torch

CHUNK_TOKENS = 512  # 512 tokens by 49,152 entries in float32 are 100 MB


class _FrozenHeadLoss(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, hidden: torch.Tensor, weight: torch.Tensor, labels: torch.Tensor, count: torch.Tensor):  # noqa: ANN205
        gradient = torch.empty_like(hidden)
        total = torch.zeros((), dtype=torch.float32, device=hidden.device)
        for start in range(0, hidden.shape[0], CHUNK_TOKENS):
            part, wanted = hidden[start : start + CHUNK_TOKENS], labels[start : start + CHUNK_TOKENS]
            logits = (part @ weight.t()).float()
            log_sum = torch.logsumexp(logits, -1)
            total += (log_sum - logits.gather(1, wanted[:, None])[:, 0]).sum()
            # The gradient of the loss with respect to the logits: softmax minus one-hot, over the count.
            logits.sub_(log_sum[:, None]).exp_()
            logits[torch.arange(len(wanted)), wanted] -= 1
            logits.div_(count)
            torch.mm(logits.to(weight.dtype), weight, out=gradient[start : start + CHUNK_TOKENS])
        ctx.save_for_backward(gradient)
        return total / count

    @staticmethod
    def backward(ctx: Any, *upstream: torch.Tensor):  # noqa: ANN205
        (gradient,) = ctx.saved_tensors
        return gradient * upstream[0].to(gradient.dtype), None, None, None


def frozen_head_loss(
    hidden: torch.Tensor, weight: torch.Tensor, labels: torch.Tensor, count: torch.Tensor | int
) -> torch.Tensor:
    """Sum of the next-token cross-entropies over `count`.

    hidden [tokens, width]; weight [vocabulary, width], frozen; labels [tokens], -100 where there is no loss,
    not yet shifted. Raises ValueError when the weight wants a gradient, which this would drop in silence.
    """
    if weight.requires_grad:
        raise ValueError("frozen_head_loss needs a frozen head")
    targets = torch.cat([labels[1:], labels.new_full((1,), -100)])
    kept = targets != -100
    count = torch.as_tensor(count, dtype=torch.float32, device=hidden.device).clamp(min=1)
    return _FrozenHeadLoss.apply(hidden[kept], weight, targets[kept], count)  # type: ignore[no-any-return]
