"""Run one verb: `python -m worker inspect <request.json>`, or a method by its name: `python -m worker sft <attempt folder>`."""

import sys
from importlib import import_module
from typing import get_args

from worker.gpus import use_one_gpu
from worker.life import Attempt
from worker.protocol import Method


def main() -> int:
    verb, path = sys.argv[1], sys.argv[2]
    if verb == "inspect":
        from worker.data.inspect import inspect_request

        return inspect_request(path)
    # The lock comes before the slow imports: from now on the attempt counts as alive.
    with Attempt(path) as attempt:
        try:
            if verb not in get_args(Method):
                raise ValueError(f"unknown verb {verb}")
            use_one_gpu(attempt)
            attempt.events.phase("loading PyTorch, Transformers and TRL")
            import_module(f"worker.methods.{verb}").run(attempt)
            return 0
        except Exception as error:
            attempt.fail(error)
            raise


if __name__ == "__main__":
    sys.exit(main())
