"""A checkpoint is complete or it is ignored."""

import shutil
from pathlib import Path

#: Its presence means that all else in the folder was written; `resume` looks for it (src/tune/resume-run.ts).
COMPLETE_MARK = "complete"


def mark_complete(folder: Path) -> None:
    (folder / COMPLETE_MARK).touch()


def discard_incomplete(checkpoints: Path) -> None:
    """Removes what a crash left half written: Transformers would count it among the ones to keep."""
    for folder in checkpoints.glob("checkpoint-*"):
        if not (folder / COMPLETE_MARK).exists():
            shutil.rmtree(folder)
