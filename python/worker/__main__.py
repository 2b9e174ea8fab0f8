"""Run one verb: `python -m worker inspect <request.json>` or `python -m worker sft <attempt folder>`."""

import sys

from worker.errors import describe
from worker.life import Attempt


def main() -> int:
    verb, path = sys.argv[1], sys.argv[2]
    if verb == "inspect":
        from worker.data.inspect import inspect_request

        return inspect_request(path)
    # The lock comes before the slow imports: from now on the attempt counts as alive.
    with Attempt(path) as attempt:
        try:
            if verb == "sft":
                attempt.events.phase("loading PyTorch, Transformers and TRL")
                from worker.methods.sft import run

                run(attempt)
                return 0
            raise ValueError(f"unknown verb {verb}")
        except Exception as error:
            code, data = describe(error)
            attempt.events.append({"type": "run-error", "code": code, "data": data})
            raise


if __name__ == "__main__":
    sys.exit(main())
