"""Run one verb: `python -m worker inspect <request.json>`, `score`, or a method by its name: `python -m worker sft <attempt folder>`."""

import errno
import os
import sys
import traceback
from contextlib import suppress
from importlib import import_module
from typing import NoReturn, get_args

from worker.gpus import use_one_gpu
from worker.life import Attempt
from worker.protocol import Method


def main() -> int:
    verb = sys.argv[1]
    if verb == "score":
        from worker.score import serve_scores

        return serve_scores()
    path = sys.argv[2]
    if verb == "inspect":
        from worker.data.inspect import inspect_request

        return inspect_request(path)
    try:
        # The lock comes before the slow imports: from now on the attempt counts as alive.
        with Attempt(path) as attempt:
            return train(attempt, verb)
    except OSError as error:
        _end(error, errno.ENOSPC if error.errno == errno.ENOSPC else 1)


def train(attempt: Attempt, method: str) -> int:
    """Runs the method. Ends the process when it fails, with the code of a full disk where nothing can be written."""
    try:
        if method not in get_args(Method):
            raise ValueError(f"unknown verb {method}")
        use_one_gpu(attempt)
        attempt.events.phase("loading PyTorch, Transformers and TRL")
        import_module(f"worker.methods.{method}").run(attempt)
        return 0
    except Exception as error:
        _end(error, attempt.fail(error))


def _end(error: Exception, code: int) -> NoReturn:
    """At once: Python's own end writes what is left of the output, and has another exit code where it cannot."""
    with suppress(OSError):
        traceback.print_exception(error)
    os._exit(code)


if __name__ == "__main__":
    sys.exit(main())
