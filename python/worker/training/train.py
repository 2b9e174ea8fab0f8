"""From a trainer to an artifact: checks before step 1, training, and the artifact."""

from typing import Any, cast

import torch
from datasets import Dataset
from transformers import Trainer

from worker.artifact.write import write_artifact
from worker.errors import WorkerError
from worker.life import Attempt
from worker.protocol import Plan
from worker.training.checkpoints import discard_incomplete
from worker.training.coverage import module_coverage, refuse_other_coverage
from worker.training.progress import ProgressReporter
from worker.training.start import end_processes
from worker.training.versions import installed_versions
from worker.training.worst_batch import try_worst_batch


def train_and_write(attempt: Attempt, plan: Plan, trainer: Trainer, reporter: ProgressReporter) -> None:
    """Trains until the end, a stop or an error; writes the artifact when it came to its end.

    Raises WorkerError coverage-differs when another part of the model would be trained than the plan says, and those
    of training and writing.
    """
    reporter.trainer = trainer
    if trainer.accelerator.num_processes != attempt.world_size:
        raise WorkerError("worker-failed", problem=f"{attempt.world_size} processes were started, they train apart")
    coverage = module_coverage(cast(torch.nn.Module, trainer.model))
    refuse_other_coverage(plan["coverage"], coverage)
    resume_from = plan["resume_from"]
    attempt.events.append(
        {
            "type": "run-start",
            "num_steps": plan["forecast"]["num_steps"],
            "start_step": int(resume_from.rsplit("-", 1)[-1]) if resume_from else 0,
            "coverage": coverage,
            "versions": installed_versions(),
        }
    )
    attempt.events.phase("trying the longest batch first")
    train, dev = cast(Dataset, trainer.train_dataset), cast(Dataset | None, trainer.eval_dataset)
    attempt.events.append(try_worst_batch(cast(Any, trainer), train, dev) | {"forecast_bytes": plan["forecast"]["memory_bytes"]})
    if attempt.rank == 0:
        discard_incomplete(attempt.run_folder / "checkpoints")
    trainer.train(resume_from_checkpoint=resume_from)
    is_done = not reporter.was_stopped
    if is_done and attempt.rank == 0:
        write_artifact(attempt, plan, trainer, coverage)
    attempt.events.append({"type": "run-end", "step": trainer.state.global_step, "reason": "done" if is_done else "stopped"})
    end_processes(attempt)
