"""What the processes of one attempt agree on, and how the others wait while rank 0 works alone.

Alone, `torchrun` starts them (worker/launch.py); one process without it makes all of this do nothing.
"""

import time
from collections.abc import Callable
from datetime import timedelta

import torch
import torch.distributed as dist

from worker.life import Attempt
from worker.protocol import Plan

#: The longest wait for another process in a step; longer, and it has died or hangs. What rank 0 does alone is not in it.
COLLECTIVE_TIMEOUT = timedelta(minutes=5)
POLL_SECONDS = 0.05


def start_processes(attempt: Attempt, plan: Plan) -> None:
    """Sets threads and device, and joins the processes of the attempt into one group."""
    torch.set_num_threads(plan["values"]["run"]["num_threads"])
    if torch.cuda.is_available():
        # Before anything is loaded: else every rank puts its weights on the first GPU (not tried on more than one).
        torch.cuda.set_device(attempt.local_rank)
    if attempt.world_size > 1:
        # Before TrainingArguments: on CPU its ddp_timeout is ignored and gloo would wait 30 minutes.
        dist.init_process_group("nccl" if torch.cuda.is_available() else "gloo", timeout=COLLECTIVE_TIMEOUT)


def leave_processes() -> None:
    """Leaves the group. Without this 1 of 23 two-process runs ended with an abort after all was saved."""
    if dist.is_initialized():
        dist.barrier()
        dist.destroy_process_group()


def any_process(is_so: bool) -> bool:
    """Whether it is so in any process. A collective: all must ask."""
    return any_of_each([is_so])[0]


def any_of_each(flags: list[bool]) -> list[bool]:
    """Of each flag, whether it is set in any process. A collective: all must ask, with the same number of flags."""
    if not dist.is_initialized():
        return flags
    counts = torch.tensor(flags, dtype=torch.int32, device=_device())
    dist.all_reduce(counts, op=dist.ReduceOp.MAX)
    return [bool(count) for count in counts.tolist()]


def sum_of(values: list[float]) -> list[float]:
    """Of each value, its sum over the processes. A collective."""
    if not dist.is_initialized():
        return values
    sums = torch.tensor(values, dtype=torch.float64, device=_device())
    dist.all_reduce(sums)
    return sums.tolist()


def wait_for_all() -> None:
    """Returns when every process has come here. A collective."""
    if dist.is_initialized():
        dist.barrier()


def alone(attempt: Attempt, name: str, work: Callable[[], None]) -> None:
    """Rank 0 does the work, however long it takes; the others wait for a file of that name, outside collectives.

    In a collective they would give up after COLLECTIVE_TIMEOUT. Fails rank 0, torchrun ends those that wait.
    """
    if attempt.world_size == 1:
        work()
        return
    mark = attempt.folder / "alone" / name
    if attempt.rank == 0:
        work()
        mark.parent.mkdir(exist_ok=True)
        mark.touch()
    while not mark.exists():
        time.sleep(POLL_SECONDS)


def _device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")
