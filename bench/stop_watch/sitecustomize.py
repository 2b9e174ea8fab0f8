"""Reads clock, memory and losses inside a trainer of Transformers, whoever has started it; on PYTHONPATH, and told where to write by SLIPWAY_STOP_WATCH.

Each tool of the benchmarks trains with a subclass of transformers.Trainer. It gets one more callback, and its
training_step is looked at; nothing is changed.
"""

import json
import os
import resource
import sys
import time
from importlib.abc import Loader, MetaPathFinder
from importlib.util import find_spec

WATCHED = "transformers.trainer"


def note(kind, **what):
    used = resource.getrusage(resource.RUSAGE_SELF)
    line = {"kind": kind, "at": time.time(), "cpu_s": used.ru_utime + used.ru_stime, "peak_kib": used.ru_maxrss, **what}
    with open(os.environ["SLIPWAY_STOP_WATCH"], "a") as log:
        log.write(json.dumps(line) + "\n")


def watch(module):
    class Clock(module.TrainerCallback):
        def on_train_begin(self, args, state, control, model=None, **_):
            trained = sum(p.numel() for p in model.parameters() if p.requires_grad)
            import torch

            note("begin", num_threads=torch.get_num_threads(), num_trained=trained, dtypes=sorted({str(p.dtype) for p in model.parameters()}))

        def on_step_end(self, args, state, control, **_):
            note("step", step=state.global_step)

    plain_init, plain_step = module.Trainer.__init__, module.Trainer.training_step

    def init(self, *args, **options):
        plain_init(self, *args, **options)
        self.add_callback(Clock())

    def training_step(self, model, inputs, *args, **options):
        labels = inputs.get("shift_labels")
        supervised = int((labels != -100).sum()) if labels is not None else int((inputs["labels"][:, 1:] != -100).sum())
        loss = plain_step(self, model, inputs, *args, **options)
        note("batch", loss=float(loss), places=inputs["input_ids"].numel(), supervised=supervised)
        return loss

    module.Trainer.__init__, module.Trainer.training_step = init, training_step


class WatchingLoader(Loader):
    def __init__(self, plain):
        self.plain = plain

    def create_module(self, spec):
        return self.plain.create_module(spec)

    def exec_module(self, module):
        self.plain.exec_module(module)
        watch(module)


class Finder(MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name != WATCHED:
            return None
        sys.meta_path.remove(self)
        spec = find_spec(name)
        spec.loader = WatchingLoader(spec.loader)
        return spec


if os.environ.get("SLIPWAY_STOP_WATCH"):
    sys.meta_path.insert(0, Finder())
