# Generated from src/protocol by `npm run gen`. Do not edit.
"""Codes of the catalogue of errors."""

from typing import Literal

ErrorCode = Literal[
    "option-invalid", "recipe-invalid", "gate-invalid", "data-row-invalid", "data-format-unknown",
    "dataset-not-here", "dataset-fetch-failed", "data-format-unlearnable", "field-unrendered",
    "data-limit", "data-empty", "data-split-overlap", "group-unsaid", "file-exists",
    "nothing-to-learn", "answers-truncated", "end-of-turn-unsupervised", "double-bos",
    "pad-ends-turn", "float16-overflow", "target-unmatched", "target-forbidden", "experts-frozen",
    "expert-dropout", "experts-quantized", "nothing-trained", "setting-unsupported",
    "request-invalid", "prompt-too-long", "candidates-identical", "gate-margin-negative",
    "unauthorized", "host-forbidden", "request-forged", "page-not-found", "file-not-found",
    "file-unreadable", "model-not-found", "run-not-found", "comparison-not-found",
    "route-not-found", "python-missing", "python-setup-failed", "disk-too-small",
    "gpu-insufficient", "weights-not-here", "memory-too-small", "gpu-missing",
    "gpu-bindings-failed", "offline-not-cached", "weights-fetch-failed", "weights-hash-mismatch",
    "weights-unsupported", "disk-full", "out-of-memory", "diverged", "worker-failed",
    "worker-killed", "worker-protocol", "no-gradient", "artifact-differs", "adapter-unchanged",
    "model-training-only", "artifact-is-model", "adapter-unsupported", "run-not-resumable",
    "run-active", "build-missing", "parity-failed", "looks-spent", "comparison-not-judged",
    "not-verified", "engine-failed", "engine-busy", "endpoint-failed", "internal",
]
