"""From a trainer to an artifact: checks before step 1, training, and the artifact."""

from typing import Any, cast

import torch
from transformers import Trainer

from worker.artifact.write import measure_trained, write_artifact
from worker.compute.replace import replace_computations
from worker.errors import WorkerError
from worker.life import Attempt
from worker.protocol import Plan
from worker.training.adapter import hold_adapter_in_float32
from worker.training.checkpoints import discard_incomplete
from worker.training.coverage import module_coverage, refuse_other_coverage
from worker.training.packed_trainer import PackedTrainer
from worker.training.processes import leave_processes, wait_for_all
from worker.training.progress import ProgressReporter
from worker.training.versions import installed_versions


def prepare_trainer(trainer: PackedTrainer, plan: Plan) -> None:
    """Gives a new trainer its plan, and its model the computations that the plan wants."""
    trainer.plan = plan
    trained: Any = trainer.model
    hold_adapter_in_float32(trained)
    trainer.frozen_layers = replace_computations(trained.get_base_model() if plan["values"]["model"]["use_peft"] else trained, plan)


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
    if attempt.rank == 0:
        discard_incomplete(attempt.run_folder / "checkpoints")
    wait_for_all()
    trainer.train(resume_from_checkpoint=resume_from)
    is_done = not reporter.was_stopped
    # What needs the other processes comes first; then they end, and rank 0 has all the time that it needs.
    trained = measure_trained(attempt, plan, trainer) if is_done else None
    leave_processes()
    if trained and attempt.rank == 0:
        write_artifact(attempt, plan, trainer, coverage, trained)
    attempt.events.append({"type": "run-end", "step": trainer.state.global_step, "reason": "done" if is_done else "stopped"})
