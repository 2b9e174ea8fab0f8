"""Appending events.jsonl: one writer, no gap in `seq`, no NaN."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


class EventWriter:
    """Rank 0's events; other ranks get a writer with `path=None`, which writes nothing."""

    def __init__(self, path: Path | None) -> None:
        self._file = open(path, "a", encoding="utf-8") if path else None
        self._seq = 0

    def append(self, event: dict[str, Any]) -> None:
        """Writes one line and hands it to the kernel.

        Raises ValueError when a number is NaN or infinite: such a number is an error, not an event.
        """
        if self._file is None:
            return
        at = datetime.now(UTC).isoformat()
        line = json.dumps({**event, "seq": self._seq, "at": at}, ensure_ascii=False, allow_nan=False)
        self._file.write(line + "\n")
        self._file.flush()
        self._seq += 1

    def phase(self, name: str, share: float | None = None) -> None:
        """Says what is going on before and between steps; `share` is how much of it is done, 0 to 1."""
        self.append({"type": "phase", "name": name} | ({} if share is None else {"share": share}))

    def close(self) -> None:
        if self._file:
            self._file.close()
