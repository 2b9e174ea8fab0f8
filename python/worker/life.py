"""The life of a worker: lock, lease, pids, and the two ways to be asked to stop."""

import ctypes
import errno
import fcntl
import json
import os
import signal
import threading
import time
from pathlib import Path
from types import FrameType
from typing import Self

from worker.errors import describe
from worker.events import EventWriter
from worker.protocol import Plan

LEASE_SECONDS = 10
PR_SET_PDEATHSIG = 1  # linux/prctl.h


class Attempt:
    """One attempt's folder while the worker holds it."""

    def __init__(self, folder: str, is_child: bool = True) -> None:
        """`is_child`: of a supervisor, whose end is this process's end too."""
        self._is_child = is_child
        self.folder = Path(folder).resolve()
        self.run_folder = self.folder.parent.parent
        self.rank = int(os.environ.get("RANK", "0"))
        self.local_rank = int(os.environ.get("LOCAL_RANK", "0"))
        self.world_size = int(os.environ.get("WORLD_SIZE", "1"))
        self.events = EventWriter(None)
        self._is_terminated = False
        self._has_ended = threading.Event()

    def __enter__(self) -> Self:
        if self._is_child:
            die_with_parent()
        workers = self.folder / "workers"
        workers.mkdir(exist_ok=True)
        (workers / f"{self.rank}.json").write_text(json.dumps({"pid": os.getpid()}))
        signal.signal(signal.SIGTERM, self._on_terminate)
        if self.rank == 0:
            self._lock = open(self.folder / "lock", "w")
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.events = EventWriter(self.folder / "events.jsonl")
            threading.Thread(target=self._renew_lease, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._has_ended.set()
        self.events.close()

    def plan(self) -> Plan:
        return json.loads((self.folder / "plan.json").read_text())

    def fail(self, error: BaseException) -> int:
        """Records why this process ends: each has a file of its own, and the first by time is the cause of the others'.

        Returns the exit code, which is all that is left to tell where the disk is full.
        """
        code, data = describe(error)
        record = {"code": code, "data": data, "at": time.time()}
        try:
            (self.folder / "workers" / f"{self.rank}.error.json").write_text(json.dumps(record))
            self.events.append({"type": "run-error", "code": code, "data": data})
        except OSError:
            pass
        return errno.ENOSPC if code == "disk-full" else 1

    def should_stop(self) -> bool:
        """Whether this process has seen stop.json or received SIGTERM; checked between steps, and agreed by all."""
        return self._is_terminated or (self.folder / "stop.json").exists()

    def _on_terminate(self, _signal: int, _frame: FrameType | None) -> None:
        self._is_terminated = True

    def _renew_lease(self) -> None:
        lease = self.folder / "lease"
        while True:
            lease.touch()
            if self._has_ended.wait(LEASE_SECONDS):
                return


def die_with_parent() -> None:
    """Ties this process to its parent: a worker whose supervisor is gone would train unseen for ever."""
    parent = os.getppid()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    # The parent may have died before the call: then the signal would never come.
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)
