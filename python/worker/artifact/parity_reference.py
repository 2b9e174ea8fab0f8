"""The parity reference: what the trained model makes of dev conversations, and how far training has moved it."""

from pathlib import Path
from typing import Any

import torch
from transformers import Trainer

from worker.artifact.reference_rows import reference_rows, write_references
from worker.artifact.reload import before_training, is_exact, refuse_another, refuse_unchanged, reload_trained
from worker.data.examples import shown_conversation
from worker.data.masks import TokenRow
from worker.life import Attempt
from worker.protocol import ParityReference, Plan

WRITING = "writing the parity reference"


def trained_logprobs(attempt: Attempt, plan: Plan, trainer: Trainer) -> list[list[float]]:
    """What the model as it was trained makes of each parity row; nothing where rank 0 does not need the others for it."""
    is_sharded = plan["values"]["model"]["fsdp"]
    if attempt.rank != 0 and not is_sharded:
        return []
    model: Any = trainer.model
    model.eval()
    # Padding-free attention wants to know where rows begin.
    (model.get_base_model() if plan["values"]["model"]["use_peft"] else model).set_attn_implementation("sdpa")
    rows = attempt.events.counted("measuring the trained model", _parity_rows(attempt, plan))
    return [_logprobs(_logits(model, row["input_ids"]), row["input_ids"]) for _, row in rows]


def write_parity_reference(attempt: Attempt, plan: Plan, trained: Any, as_trained: list[list[float]], folder: Path) -> float:
    """Writes parity-reference.jsonl into the artifact's folder, from what was saved there and loaded again.

    Returns the largest absolute change of a logit by the training. Raises WorkerError artifact-differs when what is
    loaded again is not what was trained, adapter-unchanged when training has moved nothing.
    """
    attempt.events.phase(WRITING)
    model, untrained = reload_trained(plan, folder, trained)
    references: list[ParityReference] = []
    change = 0.0
    rows = list(zip(_parity_rows(attempt, plan), as_trained))
    for (conversation, row), trained_row in attempt.events.counted(WRITING, rows):
        after = _logits(model, row["input_ids"])
        before = before_training(model, untrained, plan, lambda one, row=row: _logits(one, row["input_ids"]))
        change = max(change, (after - before).abs().max().item())
        logprobs = _logprobs(after, row["input_ids"])
        if is_exact(plan):
            refuse_another(logprobs, trained_row)
        reference: ParityReference = {
            "messages": conversation["messages"],
            "text": row["text"],
            "token_ids": row["input_ids"],
            "logprobs": logprobs,
        }
        if plan["values"]["model"]["load_in_4bit"]:
            # What is served is on another base than what was trained: the figure against the latter is kept too.
            reference["trained_logprobs"] = trained_row
        if conversation.get("tools"):
            reference["tools"] = conversation["tools"]
        references.append(reference)
    refuse_unchanged(change)
    write_references(folder / "parity-reference.jsonl", references)
    return change


def _parity_rows(attempt: Attempt, plan: Plan) -> list[tuple[Any, TokenRow]]:
    """As messages and as tokens."""
    return [(shown_conversation(row), example[0]) for row, example in reference_rows(attempt, plan)]


def _logits(model: torch.nn.Module, token_ids: list[int]) -> torch.Tensor:
    """float32 logits [tokens, vocabulary] of one row."""
    with torch.no_grad():
        return model(input_ids=torch.tensor([token_ids], device=next(model.parameters()).device), use_cache=False).logits[0].float().cpu()


def _logprobs(logits: torch.Tensor, token_ids: list[int]) -> list[float]:
    """Natural log-probability of token i + 1 given tokens 0…i; one shorter than the ids."""
    following = torch.tensor(token_ids[1:])
    return torch.log_softmax(logits[:-1], -1).gather(1, following[:, None])[:, 0].tolist()
