"""Which GPU a single process uses."""

import os

from worker.life import Attempt


def use_one_gpu(attempt: Attempt) -> None:
    """Shows one GPU to a process that trains alone, and says which: seeing several, the Trainer would split each batch
    over them (torch.nn.DataParallel), with other losses. Before torch is imported. Not tried on a machine with several."""
    if attempt.world_size > 1 or attempt.plan()["device"] != "cuda":
        return
    gpu = os.environ.get("CUDA_VISIBLE_DEVICES", "0").split(",")[0]
    os.environ["CUDA_VISIBLE_DEVICES"] = gpu
    attempt.events.phase(f"using GPU {gpu}")
