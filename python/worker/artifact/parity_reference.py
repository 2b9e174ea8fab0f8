"""The parity reference: what the trained model makes of dev conversations, and how far training has moved it."""

import json
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from transformers import Trainer

from worker.data.examples import shown_conversation
from worker.data.inspect import read_examples, teaches
from worker.errors import WorkerError
from worker.families.load import load_model
from worker.life import Attempt
from worker.protocol import ParityReference, Plan
from worker.training.load_policy import transformers_folder

NUM_PARITY_ROWS = 8
#: A change of logits below this is rounding: float32 has 24 bits and logits are around 10.
SMALLEST_CHANGE = 1e-3
#: The name under which a parent's adapter is loaded beside the new one.
PARENT = "parent"


def trained_logprobs(attempt: Attempt, plan: Plan, trainer: Trainer) -> list[list[float]]:
    """What the model as it was trained makes of each parity row; nothing where rank 0 does not need the others for it."""
    is_sharded = plan["values"]["model"]["fsdp"]
    if attempt.rank != 0 and not is_sharded:
        return []
    attempt.events.phase("measuring the trained model")
    model: Any = trainer.model
    model.eval()
    # Padding-free attention wants to know where rows begin.
    (model.get_base_model() if plan["values"]["model"]["use_peft"] else model).set_attn_implementation("sdpa")
    return [_logprobs(_logits(model, row["input_ids"]), row["input_ids"]) for _, row in _parity_rows(attempt, plan)]


def write_parity_reference(attempt: Attempt, plan: Plan, trained: Any, as_trained: list[list[float]], folder: Path) -> float:
    """Writes parity-reference.jsonl into the artifact's folder, from what was saved there and loaded again.

    Returns the largest absolute change of a logit by the training. Raises WorkerError artifact-differs when what is
    loaded again is not what was trained, adapter-unchanged when training has moved nothing.
    """
    attempt.events.phase("writing the parity reference")
    model_values = plan["values"]["model"]
    model, untrained = _reloaded(plan, folder, trained)
    references: list[ParityReference] = []
    change = 0.0
    for (conversation, row), trained_row in zip(_parity_rows(attempt, plan), as_trained):
        after = _logits(model, row["input_ids"])
        before = _untrained_logits(model, untrained, plan, row["input_ids"])
        change = max(change, (after - before).abs().max().item())
        logprobs = _logprobs(after, row["input_ids"])
        if model_values["precision"] == "float32" and not model_values["load_in_4bit"]:
            refuse_another(logprobs, trained_row)
        reference: ParityReference = {
            "messages": conversation["messages"],
            "text": row["text"],
            "token_ids": row["input_ids"],
            "logprobs": logprobs,
        }
        if model_values["load_in_4bit"]:
            # What is served is on another base than what was trained: the figure against the latter is kept too.
            reference["trained_logprobs"] = trained_row
        if conversation.get("tools"):
            reference["tools"] = conversation["tools"]
        references.append(reference)
    if not change > SMALLEST_CHANGE:
        raise WorkerError("adapter-unchanged", change=f"{change:.1e}")
    lines = [json.dumps(reference, ensure_ascii=False, allow_nan=False) for reference in references]
    (folder / "parity-reference.jsonl").write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return change


def refuse_another(loaded: list[float], trained: list[float]) -> None:
    """Compares log-probabilities, in nats. Raises WorkerError artifact-differs: an adapter whose names do not match
    loads, and does nothing (vllm#34186)."""
    difference = max((abs(one - other) for one, other in zip(loaded, trained)), default=0.0)
    if difference > SMALLEST_CHANGE:
        raise WorkerError("artifact-differs", difference=f"{difference:.1e}")


def _parity_rows(attempt: Attempt, plan: Plan) -> list[tuple[Any, Any]]:
    """The first supervised rows of dev, or of train where there is no dev: as messages and as tokens."""
    source = attempt.run_folder / "data"
    split = "dev" if plan["data"]["num_dev_rows"] else "train"
    with (source / f"{split}.jsonl").open() as lines:
        pairs = list(zip(lines, read_examples(source / f"tokens-{split}.jsonl")))
    taught = [(line, example) for line, example in pairs if teaches(example)][:NUM_PARITY_ROWS]
    return [(shown_conversation(json.loads(line)), example[0]) for line, example in taught]


def _reloaded(plan: Plan, folder: Path, trained: Any) -> tuple[Any, Any]:
    """What was saved, loaded as a user would, and the base (None: the same with its adapter off).

    On a GPU a second copy may not fit beside the trained one, which stands in for it there (not tried).
    """
    is_adapter = plan["values"]["model"]["use_peft"]
    parent = plan["models"]["policy"]["adapter"]
    if torch.cuda.is_available() and not plan["values"]["model"]["fsdp"]:
        model, base = trained, None if is_adapter else load_model(transformers_folder(plan), torch.bfloat16, "sdpa").eval()
    else:
        base = load_model(transformers_folder(plan), torch.float32, "sdpa").eval()
        if is_adapter:
            model, base = PeftModel.from_pretrained(base, folder).eval(), None
        else:
            model = load_model(folder, torch.float32, "sdpa").eval()
    if parent:
        model.load_adapter(parent["folder"], PARENT)
    return model, base


def _untrained_logits(model: Any, base: Any, plan: Plan, token_ids: list[int]) -> torch.Tensor:
    """Logits as they were before training: of the base, or of the parent's adapter on it."""
    if base is not None:
        return _logits(base, token_ids)
    if plan["models"]["policy"]["adapter"]:
        own = model.active_adapter
        model.set_adapter(PARENT)
        logits = _logits(model, token_ids)
        model.set_adapter(own)
        return logits
    with model.disable_adapter():
        return _logits(model, token_ids)


def _logits(model: torch.nn.Module, token_ids: list[int]) -> torch.Tensor:
    """float32 logits [tokens, vocabulary] of one row."""
    with torch.no_grad():
        return model(input_ids=torch.tensor([token_ids], device=next(model.parameters()).device), use_cache=False).logits[0].float().cpu()


def _logprobs(logits: torch.Tensor, token_ids: list[int]) -> list[float]:
    """Natural log-probability of token i + 1 given tokens 0…i; one shorter than the ids."""
    following = torch.tensor(token_ids[1:])
    return torch.log_softmax(logits[:-1], -1).gather(1, following[:, None])[:, 0].tolist()
