"""A checkpoint is complete or it is ignored."""

import os
import shutil
from pathlib import Path

#: Its presence means that all else in the folder was written; `resume` looks for it (src/tune/resume-run.ts).
COMPLETE_MARK = "complete"


def mark_complete(folder: Path) -> None:
    """Only when all that is in it is on disk: a mark that outlives its files would be worse than none."""
    for path in folder.rglob("*"):
        if path.is_file():
            _flush(path)
    (folder / COMPLETE_MARK).touch()
    _flush(folder)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def discard_incomplete(checkpoints: Path) -> None:
    """Removes what a crash left half written: Transformers would count it among the ones to keep."""
    for folder in checkpoints.glob("checkpoint-*"):
        if not (folder / COMPLETE_MARK).exists():
            shutil.rmtree(folder)
