"""The most memory that this process has held."""

import resource

import torch


def peak_memory_bytes() -> int:
    """On a GPU what its allocator has handed out, else the process's resident peak."""
    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated()
    # Linux: ru_maxrss is in KiB (getrusage(2)).
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
