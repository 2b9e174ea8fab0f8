# Generated from src/protocol by `npm run gen`. Do not edit.
"""Codes of the catalogue of errors."""

from typing import Literal

ErrorCode = Literal[
    "data-row-invalid", "data-format-unknown", "column-unknown", "column-unused",
    "data-format-unlearnable", "data-limit", "file-not-regular", "data-empty", "data-split-overlap",
    "near-duplicates", "group-splits-prompt", "test-rows-used-up", "dataset-not-here",
    "dataset-fetch-failed", "group-unsaid", "field-unrendered", "nothing-to-learn",
    "answers-truncated", "end-of-turn-unsupervised", "double-bos", "pad-ends-turn",
    "recipe-invalid", "setting-unsupported", "target-unmatched", "target-forbidden",
    "experts-frozen", "expert-dropout", "experts-quantized", "class-unknown", "nothing-trained",
    "coverage-differs", "python-missing", "python-setup-failed", "package-unlisted",
    "gpu-insufficient", "memory-too-small", "run-not-found", "run-active", "run-not-resumable",
    "resume-differs", "out-of-memory", "disk-full", "diverged", "reference-differs", "no-gradient",
    "worker-failed", "worker-killed", "worker-protocol", "artifact-differs", "adapter-unchanged",
    "model-not-found", "model-not-here", "model-exists", "model-training-only", "weights-not-here",
    "weights-fetch-failed", "weights-hash-mismatch", "weights-unsupported", "artifact-is-model",
    "artifact-scores", "artifact-answers", "adapter-unsupported", "build-missing", "parity-failed",
    "gpu-missing", "engine-missing", "engine-unlisted", "engine-install-failed",
    "platform-unsupported", "engine-failed", "engine-gone", "server-ending", "engine-busy",
    "request-invalid", "prompt-too-long", "route-not-found", "gate-invalid", "gate-margin-negative",
    "function-failed", "candidates-identical", "comparison-not-found", "comparison-format",
    "evidence-duplicate", "ledger-broken", "not-judged", "not-verified", "endpoint-invalid",
    "endpoint-not-found", "endpoint-key-missing", "endpoint-failed", "option-invalid",
    "job-not-found", "erased", "id-ambiguous", "not-running", "file-not-found", "file-unreadable",
    "file-exists", "offline-not-cached", "disk-too-small", "locked", "unauthorized",
    "api-key-wrong", "user-forbidden", "path-forbidden", "upload-refused", "host-forbidden",
    "request-forged", "page-not-found", "internal",
]
