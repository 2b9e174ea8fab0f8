"""Exceptions as codes of the catalogue in src/protocol/errors.ts."""

import errno

from worker.error_codes import ErrorCode


class WorkerError(Exception):
    """An error that the catalogue has a text for; `data` fills its placeholders."""

    def __init__(self, code: ErrorCode, **data: str | int | float) -> None:
        super().__init__(f"{code} {data}")
        self.code: ErrorCode = code
        self.data: dict[str, str | int | float] = data


def describe(error: BaseException) -> tuple[ErrorCode, dict[str, str | int | float]]:
    """The catalogue's code for any exception, and the data for its text."""
    if isinstance(error, WorkerError):
        return error.code, error.data
    problem = f"{type(error).__name__}: {error}"[:500]
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return "disk-full", {"problem": problem}
    # PyTorch's CPU allocator raises a plain RuntimeError with this text (c10/core/impl/alloc_cpu.cpp).
    if isinstance(error, MemoryError) or "out of memory" in problem or "can't allocate memory" in problem:
        return "out-of-memory", {"problem": problem}
    # safetensors and torch.save report a full disk as text.
    if "No space left on device" in problem:
        return "disk-full", {"problem": problem}
    return "worker-failed", {"problem": problem}
