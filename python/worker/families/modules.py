"""Which class a module is of, by its name: the same words in the report, in the checks and on the page."""

import re
from typing import Literal

ModuleClass = Literal[
    "attention", "mlp", "shared expert", "routed experts", "router", "embeddings", "head", "norm", "vision"
]

#: Looked at in this order; Gemma 3 has `vision_tower`, Llama 4 `vision_model`, both `multi_modal_projector`.
_PATTERNS: list[tuple[ModuleClass, str]] = [
    ("vision", r"vision_tower|vision_model|multi_modal_projector"),
    ("router", r"\.router(\.|$)"),
    ("norm", r"norm"),
    ("attention", r"\.self_attn\."),
    ("routed experts", r"\.experts(\.|$)"),
    ("shared expert", r"\.shared_expert\."),
    ("mlp", r"\.(mlp|feed_forward)\."),
    ("embeddings", r"embed_tokens"),
    ("head", r"lm_head|(^|\.)score\."),
]
#: What is never trained, in any form: a router that moves sends tokens elsewhere, and no row here holds an image.
FROZEN_CLASSES: tuple[ModuleClass, ...] = ("router", "vision")
#: What `all-linear` reaches.
LINEAR_CLASSES: tuple[ModuleClass, ...] = ("attention", "mlp", "shared expert")


def module_class(name: str) -> ModuleClass:
    """The class of a module or parameter. Raises ValueError for a name of no known family."""
    # A module's own name has no dot at its end: its parameter's has.
    for found, pattern in _PATTERNS:
        if re.search(pattern, f"{name}."):
            return found
    raise ValueError(f"a tensor of no known class: {name}")
