"""What the trainer does, as events; and stopping between steps."""

import json
import math
import time
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from transformers import Trainer, TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from worker.data.examples import shown_conversation
from worker.data.render import ChatRow
from worker.errors import WorkerError
from worker.life import Attempt
from worker.protocol import Plan
from worker.training.checkpoints import mark_complete
from worker.training.coverage import GradientCheck
from worker.training.memory import peak_memory_bytes
from worker.training.processes import alone, any_process, wait_for_all
from worker.training.worst_batch import try_worst_batch

MAX_SAMPLE_TOKENS = 80
#: What the trainer logs of itself; all else is a metric of the method.
_COMMON = {"loss", "grad_norm", "learning_rate", "epoch", "step", "num_tokens", "num_input_tokens_seen"}
_COMMON_EVAL = {"loss", "runtime", "samples_per_second", "steps_per_second", "num_tokens"}


def logged(state: TrainerState, name: str) -> list[float]:
    """Values that the trainer has logged under a name, in this attempt and in those that it resumes."""
    return [float(entry[name]) for entry in state.log_history if name in entry]


class ProgressReporter(TrainerCallback):
    """Reports steps, dev loss, dev samples and checkpoints; makes the trainer save and stop on request."""

    def __init__(self, attempt: Attempt, plan: Plan, has_first_samples: bool = False) -> None:
        """`has_first_samples`: dev rows are answered before the first step too."""
        run = plan["values"]["run"]
        #: Dev passes without a lower loss until the run ends; 0 for never.
        self._patience = run["early_stopping_patience"]
        self.trainer: Trainer | None = None
        self.was_stopped = False
        self._gradients = GradientCheck()
        self._attempt = attempt
        self._plan = plan
        self._has_first_samples = has_first_samples
        self._dev_rows = _first_rows(attempt.run_folder / "data" / "dev.jsonl", run.get("num_eval_generations", 0))
        self._step_started = 0.0
        self._step_seconds: list[float] = []
        self._num_tokens = 0

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        assert self.trainer is not None
        self._attempt.events.phase("trying the longest batch first")
        trainer: Any = self.trainer
        tried = try_worst_batch(trainer, trainer.train_dataset)
        self._attempt.events.append(tried | {"forecast_bytes": self._plan["forecast"]["memory_bytes"]})
        if self._has_first_samples and state.global_step == 0:
            self._sample(0)
        self.trainer.model.register_forward_pre_hook(self._count_tokens, with_kwargs=True)

    def on_step_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        self._step_started = time.perf_counter()
        self._num_tokens = 0

    def on_pre_optimizer_step(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        assert self.trainer is not None
        self._gradients.look(self.trainer.model, state.global_step + 1)  # type: ignore[arg-type]

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        self._step_seconds.append(time.perf_counter() - self._step_started)
        # All processes stop after the same step: one that went on would wait for the others for ever.
        should_stop = any_process(self._attempt.should_stop())
        if state.global_step >= state.max_steps:
            # The last weights are measured too: without it the best checkpoint could only be an earlier one.
            control.should_evaluate = args.eval_strategy == "steps"
        elif should_stop:
            self.was_stopped = True
            control.should_save = True
            control.should_training_stop = True

    def on_log(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, logs: dict[str, Any] | None = None, **_: Any) -> None:
        if not logs or "loss" not in logs:
            return
        loss = float(logs["loss"])
        if not math.isfinite(loss) or not math.isfinite(float(logs.get("grad_norm", 0.0))):
            suggestion = args.learning_rate / 3
            raise WorkerError("diverged", loss=str(loss), step=state.global_step, suggestion=f"{suggestion:.1e}")
        recent = self._step_seconds[-10:]
        self._attempt.events.append(
            {
                "type": "step-end",
                "step": state.global_step,
                "loss": loss,
                "learning_rate": float(logs["learning_rate"]),
                "grad_norm": float(logs.get("grad_norm", 0.0)),
                "num_tokens": self._num_tokens,
                "tokens_per_second": self._num_tokens / self._step_seconds[-1],
                "memory_bytes": peak_memory_bytes(),
                "metrics": _own_metrics(logs, _COMMON),
                "seconds_left": sum(recent) / len(recent) * (state.max_steps - state.global_step),
            }
        )

    def on_prediction_step(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        trainer: Any = self.trainer
        self._attempt.events.phase("dev pass", trainer.dev_share)

    def on_evaluate(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, metrics: dict[str, float] | None = None, **_: Any
    ) -> None:
        # The trainer's own log: it is in the checkpoint, so that a resumed run knows what was best before.
        losses = logged(state, "eval_loss")
        passes_since_best = len(losses) - 1 - losses.index(min(losses))
        own = {name.removeprefix("eval_"): value for name, value in (metrics or {}).items() if name.startswith("eval_")}
        self._attempt.events.append(
            {
                "type": "eval-end",
                "step": state.global_step,
                "loss": losses[-1],
                "is_best": passes_since_best == 0,
                "metrics": _own_metrics(own, _COMMON_EVAL),
            }
        )
        if self._patience and passes_since_best >= self._patience and state.global_step < state.max_steps:
            self._attempt.events.phase(f"ending early: no lower dev loss in {passes_since_best} passes")
            control.should_save = True
            control.should_training_stop = True
        self._sample(state.global_step)

    def on_save(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        # It is whole when every process has written its part.
        wait_for_all()
        if self._attempt.rank != 0:
            return
        folder = Path(str(args.output_dir)) / f"checkpoint-{state.global_step}"
        mark_complete(folder)
        self._attempt.events.append({"type": "checkpoint-save", "step": state.global_step, "folder": str(folder)})

    def _sample(self, step: int) -> None:
        if not self._dev_rows:
            return
        if self._plan["values"]["model"]["fsdp"]:
            # Each process has a part of the weights: all answer, and rank 0 reports.
            self._answer_dev_rows(step)
        else:
            alone(self._attempt, f"samples-{step}", lambda: self._answer_dev_rows(step))

    def _answer_dev_rows(self, step: int) -> None:
        """Answers the same dev rows greedily, together, up to MAX_SAMPLE_TOKENS, beside what was expected."""
        assert self.trainer is not None
        model: Any = self.trainer.model
        tokenizer: Any = self.trainer.processing_class
        prompts = [row["messages"][:-1] for row in self._dev_rows]
        texts = [
            tokenizer.apply_chat_template(prompt, tools=row.get("tools"), add_generation_prompt=True, tokenize=False)
            for row, prompt in zip(self._dev_rows, prompts)
        ]
        side, tokenizer.padding_side = tokenizer.padding_side, "left"
        inputs = tokenizer(texts, return_tensors="pt", padding=True, add_special_tokens=False, return_token_type_ids=False)
        tokenizer.padding_side = side
        base = model.get_base_model() if hasattr(model, "get_base_model") else model
        attention, was_training = base.config._attn_implementation, model.training
        # Padding-free attention knows no padding and no cache.
        base.set_attn_implementation("sdpa")
        model.eval()
        with torch.no_grad():
            # `synced_gpus`: processes with parts of the weights go on until the last of them has its answer.
            output = model.generate(
                **inputs.to(model.device),
                max_new_tokens=MAX_SAMPLE_TOKENS,
                do_sample=False,
                synced_gpus=self._plan["values"]["model"]["fsdp"],
            )
        base.set_attn_implementation(attention)
        model.train(was_training)
        for row, prompt, ids in zip(self._dev_rows, prompts, output[:, inputs["input_ids"].shape[1] :]):
            self._attempt.events.append(
                {
                    "type": "sample",
                    "step": step,
                    "prompt": prompt[-1]["content"],
                    "answer": tokenizer.decode(ids, skip_special_tokens=True),
                    "expected": row["messages"][-1]["content"],
                }
            )

    def _count_tokens(self, _: torch.nn.Module, __: tuple[Any, ...], inputs: dict[str, Any]) -> None:
        """Counts tokens of rows, without padding; what rows share counts in each: the trainer does not report them."""
        if not torch.is_grad_enabled():
            return
        if "tree" in inputs:
            self._num_tokens += inputs["tree"].num_row_tokens
            return
        mask = inputs.get("attention_mask")
        self._num_tokens += int(inputs["input_ids"].numel() if mask is None else mask.sum())


def _own_metrics(logs: dict[str, Any], common: set[str]) -> dict[str, float]:
    """Figures of the method itself, such as mean_token_accuracy; what is no finite number is left out."""
    return {name: float(value) for name, value in logs.items() if name not in common and math.isfinite(float(value))}


def _first_rows(path: Path, count: int) -> list[ChatRow]:
    """The first dev rows, for samples while it trains; none where there is no dev. An answer that was not good is no reference."""
    if not path.exists():
        return []
    with path.open() as lines:
        good = (row for line in lines if (row := json.loads(line)).get("label", True))
        return [shown_conversation(row) for row in islice(good, count)]
