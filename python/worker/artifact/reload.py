"""What was saved, loaded again as a user would, beside what it was before training."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel

from worker.errors import WorkerError
from worker.families.load import load_model
from worker.protocol import Plan
from worker.training.adapter import with_score
from worker.training.load_policy import score_seed, transformers_folder

#: A difference below this is rounding: float32 has 24 bits, logits are around 10 and rewards around 1.
SMALLEST_CHANGE = 1e-3
#: The name under which a parent's adapter is loaded beside the new one.
PARENT = "parent"


def reload_trained(plan: Plan, folder: Path, trained: Any) -> tuple[Any, Any]:
    """What was saved, and what it was before (None: the same with its adapter off, or with its parent's).

    On a GPU a second copy may not fit beside the trained one, which stands in for it there (not tried).
    """
    seed = score_seed(plan)
    source = transformers_folder(plan)
    is_adapter = plan["values"]["model"]["use_peft"]
    parent = plan["models"]["policy"]["adapter"]
    if torch.cuda.is_available() and not plan["values"]["model"]["fsdp"]:
        model, base = trained, None if is_adapter else load_model(source, torch.bfloat16, "sdpa", score_seed=seed).eval()
    else:
        base = load_model(source, torch.float32, "sdpa", score_seed=seed).eval()
        if is_adapter:
            model, base = PeftModel.from_pretrained(base, folder).eval(), None
        else:
            model = load_model(folder, torch.float32, "sdpa", score_seed=seed).eval()
    if parent and seed is not None:
        # A model that answers has no score, which PEFT would look for in its adapter.
        return model, with_score(load_model(source, torch.float32, "sdpa", score_seed=seed), Path(parent["folder"])).eval()
    if parent:
        model.load_adapter(parent["folder"], PARENT)
    return model, base


def before_training(model: Any, base: Any, plan: Plan, measure: Callable[[Any], torch.Tensor]) -> torch.Tensor:
    """A measurement as it was before training: of the base, or of the parent's adapter on it."""
    if base is not None:
        return measure(base)
    if plan["models"]["policy"]["adapter"]:
        own = model.active_adapter
        model.set_adapter(PARENT)
        found = measure(model)
        model.set_adapter(own)
        return found
    with model.disable_adapter():
        return measure(model)


def refuse_another(loaded: list[float], trained: list[float]) -> None:
    """Compares log-probabilities, in nats, or rewards. Raises WorkerError artifact-differs: an adapter whose names do not match
    loads, and does nothing (vllm#34186)."""
    difference = max((abs(one - other) for one, other in zip(loaded, trained)), default=0.0)
    if difference > SMALLEST_CHANGE:
        raise WorkerError("artifact-differs", difference=f"{difference:.1e}")


def refuse_unchanged(change: float) -> None:
    """Raises WorkerError adapter-unchanged when training has moved nothing."""
    if not change > SMALLEST_CHANGE:
        raise WorkerError("adapter-unchanged", change=f"{change:.1e}")


def is_exact(plan: Plan) -> bool:
    """Whether what is loaded again must be what was trained: it is loaded in float32."""
    model_values = plan["values"]["model"]
    return model_values["precision"] == "float32" and not model_values["load_in_4bit"]
