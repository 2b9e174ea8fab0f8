"""Which share of the model's parameters is trained, by class of module; and whether all of it learns."""

import re

import torch

from worker.errors import WorkerError
from worker.families.modules import ModuleClass, module_class
from worker.protocol import PlanCoverageItem
from worker.training.processes import any_of_each
from worker.training.sharding import own_part

_LORA = re.compile(r"\.lora_[AB]\.")


def module_coverage(model: torch.nn.Module) -> list[PlanCoverageItem]:
    """One entry per class that has parameters.

    `num_reached_parameters` counts the weights that training changes, since they carry an adapter or are trained
    themselves, `num_trained_parameters` what the optimizer holds. A tied head is counted once, with the embeddings; 4-bit weights count as what they stand for.
    """
    totals: dict[ModuleClass, list[int]] = {}
    modules = dict(model.named_modules())
    adapted = _adapted_weights(modules)
    for name, parameter in model.named_parameters():
        # PEFT's copy of a module that is trained and saved whole stands beside it.
        if ".original_module." in name:
            continue
        entry = totals.setdefault(module_class(name), [0, 0, 0])
        if _LORA.search(name):
            entry[2] += parameter.numel() if parameter.requires_grad else 0
            continue
        count = _num_weights(name, parameter, modules)
        entry[0] += count
        entry[1] += count if name in adapted or parameter.requires_grad else 0
        entry[2] += count if parameter.requires_grad else 0
    return [
        {
            "module_class": found,
            "num_parameters": entry[0],
            "num_reached_parameters": entry[1],
            "num_trained_parameters": entry[2],
        }
        for found, entry in totals.items()
    ]


def _adapted_weights(modules: dict[str, torch.nn.Module]) -> set[str]:
    """Names of weights under a LoRA layer. PEFT wraps a Linear once, and a module of fused experts once per parameter."""
    names = set()
    for name, module in modules.items():
        if len(getattr(module, "lora_A", ())) == 0:
            continue
        base = f"{name}.base_layer"
        parameter = getattr(module, "parameter_name", "weight")
        while f"{base}.base_layer" in modules:
            base += ".base_layer"
        names.add(f"{base}.{parameter}")
    return names


def _num_weights(name: str, parameter: torch.nn.Parameter, modules: dict[str, torch.nn.Module]) -> int:
    state = getattr(parameter, "quant_state", None)
    if state is None and name.endswith(".original"):
        parametrization: torch.nn.Module = modules[name.removesuffix(".original")][0]  # type: ignore[index]
        state = getattr(parametrization, "quant_state", None)
    return int(torch.Size(state.shape).numel()) if state is not None else parameter.numel()


def refuse_other_coverage(planned: list[PlanCoverageItem], measured: list[PlanCoverageItem]) -> None:
    """Raises WorkerError coverage-differs naming the first class of which another part is trained than was planned."""
    found = {entry["module_class"]: entry for entry in measured}
    expected = {entry["module_class"]: entry for entry in planned}
    for kind in [*expected, *(kind for kind in found if kind not in expected)]:
        plan, model = expected.get(kind), found.get(kind)
        if plan != model:
            counts = {"planned": plan, "measured": model}
            numbers = {name: entry["num_trained_parameters"] if entry else 0 for name, entry in counts.items()}
            raise WorkerError("coverage-differs", module_class=kind, **numbers)


class GradientCheck:
    """Looks at the first gradients that reach the optimizer: a tensor that has none is not learning.

    A LoRA `A` has none while its `B` is zero (LoRA, arXiv 2106.09685), which is so until a step with a learning rate
    above zero was made: `A` is checked after that.
    """

    def __init__(self) -> None:
        self._has_looked_at: set[str] = set()

    def look(self, model: torch.nn.Module, step: int) -> None:
        """Called when gradients are whole and not yet applied, by all processes.

        Raises WorkerError no-gradient naming the classes, or the tensors of a class that has living ones.
        """
        if self._has_looked_at == {"A", "others"}:
            return
        trained = [(name, parameter) for name, parameter in model.named_parameters() if parameter.requires_grad]
        if "others" not in self._has_looked_at:
            _refuse_without_gradient([(n, p) for n, p in trained if ".lora_A." not in n], step)
            self._has_looked_at.add("others")
        if all(_are_not_zero([parameter for name, parameter in trained if ".lora_B." in name])):
            _refuse_without_gradient([(n, p) for n, p in trained if ".lora_A." in n], step)
            self._has_looked_at.add("A")


def _are_not_zero(tensors: list[torch.Tensor | None]) -> list[bool]:
    """A process may hold a part of zeros of a tensor that is not zero."""
    return any_of_each([tensor is not None and bool(own_part(tensor).count_nonzero()) for tensor in tensors])


#: Enough to see which layers they are in.
NUM_NAMED = 3


def _refuse_without_gradient(parameters: list[tuple[str, torch.nn.Parameter]], step: int) -> None:
    alive = _are_not_zero([parameter.grad for _, parameter in parameters])
    by_class: dict[str, list[tuple[str, bool]]] = {}
    for (name, _), has_gradient in zip(parameters, alive):
        part = _LORA.search(name)
        kind = f"{module_class(name)} ({part[0].strip('.') if part else 'weights'})"
        by_class.setdefault(kind, []).append((name, has_gradient))
    without = [text for kind, tensors in by_class.items() if (text := _without_gradient(kind, tensors))]
    if without:
        raise WorkerError("no-gradient", classes=", ".join(without), step=step)


def _without_gradient(kind: str, tensors: list[tuple[str, bool]]) -> str | None:
    """The class where all of it is dead, else the dead tensors; None where there is none."""
    dead = [name for name, has_gradient in tensors if not has_gradient]
    if len(dead) in (0, len(tensors)):
        return kind if dead else None
    more = f" and {len(dead) - NUM_NAMED} more" if len(dead) > NUM_NAMED else ""
    return ", ".join(dead[:NUM_NAMED]) + more
