"""The log-probability of one target per token, without the logits of the vocabulary.

Every method's loss is made of these: SFT sums them, DPO and KTO compare them with a reference's, GRPO and PPO take ratios.
The softmax runs over blocks of the vocabulary with a running maximum, as FlashAttention does over keys (arXiv 2205.14135):
the rows of the head are keys and values at once, so the gradient with respect to the hidden state is formed in the same
pass. It is saved for a target's log-probability and multiplied by what comes from above (after Liger's fused linear
cross-entropy, arXiv 2410.10989, which knows the mean of a batch only).
"""

from typing import Any

import torch

#: 1,024 tokens by 4,096 entries in float32 are 16 MB: a block stays in a CPU's last cache.
CHUNK_TOKENS = 1024
CHUNK_ENTRIES = 4096


def token_logprobs(hidden: torch.Tensor, head: torch.Tensor, targets: torch.Tensor, softcap: float | None = None) -> torch.Tensor:
    """Natural log-probability of each target given its hidden state, float32 [tokens].

    hidden [tokens, width]; head [vocabulary, width]; targets [tokens] are entries of the vocabulary. Products are in the
    type of mixed precision where that is on, else in the head's; sums are in float32.
    `softcap`: logits become softcap · tanh(logits / softcap), Gemma's `final_logit_softcapping`. No gradient is formed
    where none is wanted.
    """
    kind = hidden.device.type
    held = torch.get_autocast_dtype(kind) if torch.is_autocast_enabled(kind) else head.dtype
    hidden, head = hidden.to(held), head.to(held)
    wants = torch.is_grad_enabled() and hidden.requires_grad, torch.is_grad_enabled() and head.requires_grad
    with torch.autocast(kind, enabled=False):
        return _TokenLogprobs.apply(hidden, head, targets, softcap, wants)  # type: ignore[no-any-return]


class _TokenLogprobs(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, hidden: torch.Tensor, head: torch.Tensor, targets: torch.Tensor, softcap: float | None, wants: tuple[bool, bool]):  # noqa: ANN205
        wants_hidden, wants_head = wants
        num_tokens = hidden.shape[0]
        log_sums = hidden.new_empty(num_tokens, dtype=torch.float32)
        target_logits = torch.empty_like(log_sums)
        gradient = torch.empty_like(hidden) if wants_hidden else None
        buffer = _Buffer(hidden, head)
        for start in range(0, num_tokens, CHUNK_TOKENS):
            tokens = slice(start, start + CHUNK_TOKENS)
            part, wanted = hidden[tokens], targets[tokens]
            rows = head.index_select(0, wanted)
            target = (part.float() * rows.float()).sum(-1)
            target, slope = _capped(target, softcap)
            target_logits[tokens] = target
            largest = torch.full_like(target, float("-inf"))
            total = torch.zeros_like(target)
            mean_row = torch.zeros(part.shape, dtype=torch.float32, device=part.device) if wants_hidden else None
            for first in range(0, head.shape[0], CHUNK_ENTRIES):
                block = head[first : first + CHUNK_ENTRIES]
                logits, slopes = _capped(buffer.product(part, block), softcap)
                new_largest = torch.maximum(largest, logits.amax(-1))
                shrink = (largest - new_largest).exp_()
                weights = logits.sub_(new_largest[:, None]).exp_()
                total.mul_(shrink).add_(weights.sum(-1))
                largest = new_largest
                if mean_row is not None:
                    mean_row.mul_(shrink[:, None])
                    if slopes is not None:
                        weights.mul_(slopes)
                    _add_product(mean_row, weights, block)
            log_sums[tokens] = largest + total.log()
            if gradient is not None and mean_row is not None:
                # d log p / d hidden = the target's row − the mean row under the softmax.
                mean_row.div_(total[:, None]).neg_()
                gradient[tokens] = mean_row.add_(rows if slope is None else rows * slope[:, None])
        ctx.softcap = softcap
        ctx.wants_head = wants_head
        saved = (hidden, head, targets, log_sums) if wants_head else (None, None, None, None)
        ctx.save_for_backward(gradient, *saved)
        return target_logits - log_sums

    @staticmethod
    def backward(ctx: Any, *upstream: torch.Tensor):  # noqa: ANN205
        gradient, hidden, head, targets, log_sums = ctx.saved_tensors
        (up,) = upstream
        of_hidden = None if gradient is None else gradient * up[:, None].to(gradient.dtype)
        of_head = _head_gradient(hidden, head, targets, log_sums, up, ctx.softcap) if ctx.wants_head else None
        return of_hidden, of_head, None, None, None


def _head_gradient(
    hidden: torch.Tensor, head: torch.Tensor, targets: torch.Tensor, log_sums: torch.Tensor, up: torch.Tensor, softcap: float | None
) -> torch.Tensor:
    """Of a trained head: what comes from above is known only now, so the softmax is computed a second time."""
    gradient = torch.zeros_like(head)
    buffer = _Buffer(hidden, head)
    for start in range(0, hidden.shape[0], CHUNK_TOKENS):
        tokens = slice(start, start + CHUNK_TOKENS)
        part, wanted, above = hidden[tokens], targets[tokens], up[tokens]
        _, slope = _capped((part.float() * head.index_select(0, wanted).float()).sum(-1), softcap)
        scaled = part * (above if slope is None else above * slope)[:, None].to(part.dtype)
        gradient.index_add_(0, wanted, scaled)
        for first in range(0, head.shape[0], CHUNK_ENTRIES):
            entries = slice(first, first + CHUNK_ENTRIES)
            logits, slopes = _capped(buffer.product(part, head[entries]), softcap)
            weights = logits.sub_(log_sums[tokens, None]).exp_().mul_(above[:, None])
            if slopes is not None:
                weights.mul_(slopes)
            gradient[entries].addmm_(weights.to(part.dtype).t(), part, alpha=-1)
    return gradient


class _Buffer:
    """One block of logits, used again for each."""

    def __init__(self, hidden: torch.Tensor, head: torch.Tensor) -> None:
        size = min(CHUNK_TOKENS, hidden.shape[0]) * min(CHUNK_ENTRIES, head.shape[0])
        self._memory = hidden.new_empty(size)

    def product(self, part: torch.Tensor, block: torch.Tensor) -> torch.Tensor:
        """part · blockᵀ in float32; overwritten by the next call where it is float32 itself."""
        out = self._memory[: part.shape[0] * block.shape[0]].view(part.shape[0], block.shape[0])
        return torch.mm(part, block.t(), out=out).float()


def _capped(logits: torch.Tensor, softcap: float | None) -> tuple[torch.Tensor, torch.Tensor | None]:
    """The logits after the cap, and its slope there (None: there is no cap)."""
    if softcap is None:
        return logits, None
    bent = torch.tanh(logits / softcap)
    return bent * softcap, 1 - bent * bent


def _add_product(total: torch.Tensor, weights: torch.Tensor, block: torch.Tensor) -> None:
    """total += weights · block, added in float32."""
    if block.dtype == torch.float32:
        total.addmm_(weights, block)
    else:
        total.add_(weights.to(block.dtype) @ block)
