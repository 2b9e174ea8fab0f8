"""Appending events.jsonl: one writer, no gap in `seq`, no NaN, no half line."""

import json
import os
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

SECONDS_BETWEEN_SHARES = 1.0


class EventWriter:
    """Rank 0's events; other ranks get a writer with `path=None`, which writes nothing."""

    def __init__(self, path: Path | None) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600) if path else None
        self._seq = 0
        self._last_phase = ("", 0.0)

    def append(self, event: dict[str, Any]) -> None:
        """Writes one line and hands it to the kernel.

        Raises ValueError when a number is NaN or infinite: such a number is an error, not an event. Raises OSError when
        the disk is full; what was written of the line is taken back.
        """
        if self._file is None:
            return
        at = datetime.now(UTC).isoformat()
        line = json.dumps({**event, "seq": self._seq, "at": at}, ensure_ascii=False, allow_nan=False)
        _write_whole_line(self._file, (line + "\n").encode())
        self._seq += 1

    def phase(self, name: str, share: float | None = None) -> None:
        """Says what is going on before and between steps; `share` is how much of it is done, 0 to 1, told once a second at most."""
        now = time.monotonic()
        last_name, last_at = self._last_phase
        if share is not None and name == last_name and now - last_at < SECONDS_BETWEEN_SHARES:
            return
        self._last_phase = (name, now)
        self.append({"type": "phase", "name": name} | ({} if share is None else {"share": share}))

    def counted(self, name: str, items: Sequence[T]) -> Iterator[T]:
        """The items one by one; which share of them is done is the share of the phase `name`."""
        for index, item in enumerate(items):
            self.phase(name, index / len(items))
            yield item

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)


def _write_whole_line(file: int, line: bytes) -> None:
    """A disk that is nearly full takes a part without an error: the next write tells."""
    before = os.fstat(file).st_size
    try:
        written = 0
        while written < len(line):
            written += os.write(file, line[written:])
    except OSError:
        os.ftruncate(file, before)
        raise
