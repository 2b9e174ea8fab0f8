"""The worker with what a test adds to it. Run by torchrun: two_ranks.py sft <attempt folder>

FSDP_ON_CPU=1   shards on gloo: Accelerate does so on GPUs only, and there by this very assignment (accelerate/state.py)
FAULT=...       what rank 1 does, or rank 0 is slow at
"""

import os
import sys
import time
from datetime import timedelta
from typing import Any

from worker import __main__ as worker


def shard_on_cpu() -> None:
    from accelerate import state
    from torch.distributed.tensor import DTensor

    from worker.training.progress import ProgressReporter

    plain = state.AcceleratorState.__init__

    def sharded(self: Any, *args: Any, fsdp_plugin: Any = None, **options: Any) -> None:
        plain(self, *args, fsdp_plugin=fsdp_plugin, **options)
        if self.distributed_type == state.DistributedType.MULTI_CPU and fsdp_plugin is not None:
            self.distributed_type = state.DistributedType.FSDP
            if self._mixed_precision != "no":
                fsdp_plugin.set_mixed_precision(self._mixed_precision)
            self.fsdp_plugin = fsdp_plugin
            state.PartialState._shared_state["distributed_type"] = self.distributed_type

    state.AcceleratorState.__init__ = sharded
    begin = ProgressReporter.on_train_begin

    def refuse_whole(self: ProgressReporter, *args: Any, **options: Any) -> None:
        # Without the assignment above it would train whole copies, and nobody would see.
        assert all(isinstance(parameter, DTensor) for parameter in self.trainer.model.parameters())  # type: ignore[union-attr]
        begin(self, *args, **options)

    ProgressReporter.on_train_begin = refuse_whole


def add_fault(fault: str) -> None:
    from worker.training import processes, progress, train
    from worker.training.progress import ProgressReporter

    rank = int(os.environ["RANK"])
    if fault == "raises" and rank == 1:
        save = ProgressReporter.on_save

        def fail(self: ProgressReporter, args: Any, state: Any, *others: Any, **options: Any) -> None:
            if state.global_step == 2:
                raise MemoryError("rank 1 has no memory left")
            save(self, args, state, *others, **options)

        ProgressReporter.on_save = fail
    if fault == "rank 0 is slow":
        processes.COLLECTIVE_TIMEOUT = timedelta(seconds=2)
        for module, name in ((progress.ProgressReporter, "_answer_dev_rows"), (train, "write_artifact")):
            setattr(module, name, slow(getattr(module, name)))


def slow(work: Any) -> Any:
    def wait(*args: Any) -> None:
        time.sleep(3)
        work(*args)

    return wait


if __name__ == "__main__":
    if os.environ.get("FSDP_ON_CPU"):
        shard_on_cpu()
    if os.environ.get("FAULT"):
        add_fault(os.environ["FAULT"])
    sys.exit(worker.main())
