"""Versions of what a run's result depends on."""

import platform
from importlib.metadata import version

PACKAGES = ("torch", "transformers", "trl", "peft", "accelerate", "datasets", "tokenizers")


def installed_versions() -> dict[str, str]:
    """Package name to version, and Python's own."""
    return {"python": platform.python_version()} | {name: version(name) for name in PACKAGES}
