"""What the trainer does, as events; and stopping between steps."""

import math
import resource
import time
from pathlib import Path
from typing import Any

import torch
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments
from trl import SFTTrainer

from worker.errors import WorkerError
from worker.life import Attempt

MAX_SAMPLE_TOKENS = 80
#: Its presence means that the checkpoint in the folder is complete; one without it is ignored by `resume`.
COMPLETE_MARK = "complete"


class ProgressReporter(TrainerCallback):
    """Reports steps, dev loss, dev samples and checkpoints; asks the trainer to save and stop when somebody wants it."""

    def __init__(self, attempt: Attempt, dev_rows: list[dict[str, Any]]) -> None:
        self.trainer: SFTTrainer | None = None
        self.was_stopped = False
        self.train_loss = math.nan
        self.dev_loss: float | None = None
        self._attempt = attempt
        self._dev_rows = dev_rows
        self._step_started = 0.0
        self._step_seconds: list[float] = []
        self._num_tokens = 0

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        assert self.trainer is not None
        self.trainer.model.register_forward_pre_hook(self._count_tokens, with_kwargs=True)

    def on_step_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        self._step_started = time.perf_counter()
        self._num_tokens = 0

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        self._step_seconds.append(time.perf_counter() - self._step_started)
        if self._attempt.should_stop() and state.global_step < state.max_steps:
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
        self.train_loss = loss
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
                # Linux: ru_maxrss is in KiB (getrusage(2)).
                "memory_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
                "seconds_left": sum(recent) / len(recent) * (state.max_steps - state.global_step),
            }
        )

    def on_evaluate(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, metrics: dict[str, float] | None = None, **_: Any) -> None:
        self.dev_loss = float((metrics or {})["eval_loss"])
        self._attempt.events.append({"type": "eval-end", "step": state.global_step, "loss": self.dev_loss})
        if self._attempt.rank == 0:
            for row in self._dev_rows:
                self._answer(row, state.global_step)

    def on_save(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        if self._attempt.rank != 0:
            return
        folder = Path(str(args.output_dir)) / f"checkpoint-{state.global_step}"
        (folder / COMPLETE_MARK).touch()
        self._attempt.events.append({"type": "checkpoint-save", "step": state.global_step, "folder": str(folder)})

    def _answer(self, row: dict[str, Any], step: int) -> None:
        """Answers a dev row greedily, up to MAX_SAMPLE_TOKENS, and reports it beside what was expected."""
        assert self.trainer is not None
        model: Any = self.trainer.model
        tokenizer: Any = self.trainer.processing_class
        *prompt, expected = row["messages"]
        text = tokenizer.apply_chat_template(prompt, add_generation_prompt=True, tokenize=False)
        inputs = tokenizer(text, return_tensors="pt", add_special_tokens=False).to(model.device)
        was_training = model.training
        model.eval()
        with torch.no_grad():
            output = model.generate(**inputs, max_new_tokens=MAX_SAMPLE_TOKENS, do_sample=False)
        model.train(was_training)
        answer = tokenizer.decode(output[0, inputs["input_ids"].shape[1] :], skip_special_tokens=True)
        self._attempt.events.append(
            {
                "type": "sample",
                "step": step,
                "prompt": prompt[-1]["content"],
                "answer": answer,
                "expected": expected["content"],
            }
        )

    def _count_tokens(self, _: torch.nn.Module, __: tuple[Any, ...], inputs: dict[str, Any]) -> None:
        """Counts real tokens as the model sees them: the trainer itself does not tell."""
        if not torch.is_grad_enabled():
            return
        mask = inputs.get("attention_mask")
        self._num_tokens += int(inputs["input_ids"].numel() if mask is None else mask.sum())
