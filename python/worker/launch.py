"""Starts the processes of an attempt with torchrun, and ends with the supervisor that has started it.

Run: python -m worker.launch <attempt folder> <arguments of torchrun>
"""

import json
import signal
import sys
from pathlib import Path

from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
from torch.distributed.run import main as torchrun

from worker.life import die_with_parent


def main() -> int:
    die_with_parent()
    attempt, arguments = Path(sys.argv[1]), sys.argv[2:]
    try:
        # Else each start would leave a folder of its logs in the machine's temporary folder.
        torchrun(["--log-dir", str(attempt / "torchrun"), *arguments])
        return 0
    except ChildFailedError as error:
        _name_killed(attempt, error)
        raise


def _name_killed(attempt: Path, error: ChildFailedError) -> None:
    """A killed process leaves no error of its own; the others, which it left alone, do (src/tune/launch/first-failure.ts)."""
    killed = {rank: -failure.exitcode for rank, failure in error.failures.items() if failure.exitcode < 0}
    # torchrun itself ends the others with SIGTERM.
    first = next((rank for rank, number in killed.items() if number != signal.SIGTERM), None)
    if first is not None:
        record = {"rank": first, "signal": signal.Signals(killed[first]).name}
        (attempt / "workers" / "killed.json").write_text(json.dumps(record))


if __name__ == "__main__":
    sys.exit(main())
