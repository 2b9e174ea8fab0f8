"""Supervised fine-tuning through TRL's SFTTrainer: LoRA, rsLoRA, QLoRA or all weights. Run: python -m worker sft <attempt folder>"""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import torch
from datasets import Dataset
from peft import LoraConfig
from transformers import AutoTokenizer, PreTrainedModel
from trl import SFTConfig, SFTTrainer

from worker.artifact import write_artifact
from worker.checkpoints import discard_incomplete
from worker.compute.fused_loss import frozen_head_loss
from worker.compute.padding_free import PADDING_FREE_ATTENTION, collate_padding_free, register_padding_free_attention
from worker.coverage import module_coverage, refuse_untrained
from worker.data.inspect import read_tokens
from worker.data.masks import labels_of
from worker.errors import WorkerError
from worker.families.load import DTYPES, load_model
from worker.families.targets import EXCLUDED, freeze_untrained, linear_targets, parameter_targets
from worker.life import Attempt
from worker.progress import ProgressReporter
from worker.versions import installed_versions
from worker.worst_batch import try_worst_batch


class FusedLossTrainer(SFTTrainer):
    """SFTTrainer whose loss head sees supervised tokens only."""

    def compute_loss(self, model: Any, inputs: dict[str, Any], return_outputs: bool = False, num_items_in_batch: Any = None):  # noqa: ANN201
        labels = inputs.pop("labels")
        base: PreTrainedModel = self.accelerator.unwrap_model(model).get_base_model()
        # Through `model` and not `base`, so that a distributed wrapper sees the forward pass; it returns hidden states.
        hidden = model(**inputs, use_cache=False, logits_to_keep=1, output_hidden_states=True).hidden_states[-1]
        count = (labels != -100).sum() if num_items_in_batch is None else num_items_in_batch
        head = base.get_output_embeddings().weight
        loss = frozen_head_loss(hidden.flatten(0, 1), head, labels.flatten(), count)
        # As in SFTTrainer: the count is over all ranks, and DDP averages their gradients.
        loss = loss * self.accelerator.num_processes if num_items_in_batch is not None else loss
        return (loss, None) if return_outputs else loss


def run(attempt: Attempt) -> None:
    """Trains what plan.json says, and writes the artifact.

    Raises WorkerError for targets that mean nothing (families/targets.py), nothing-trained, no-gradient, diverged when
    the loss is no number, adapter-unchanged when training did nothing.
    """
    plan = attempt.plan()
    settings = {name: entry["value"] for name, entry in cast(dict[str, dict[str, Any]], plan["settings"]).items()}
    torch.set_num_threads(settings["num_threads"])
    if attempt.world_size > 1 and not torch.cuda.is_available():
        # Before TrainingArguments: on CPU its ddp_timeout is ignored and gloo would wait 30 minutes.
        torch.distributed.init_process_group("gloo", timeout=timedelta(minutes=5))

    attempt.events.phase("loading the model")
    dtype = DTYPES[settings["precision"]]
    model_folder = Path(plan["model"]["folder"]) / "transformers"
    register_padding_free_attention()
    attention = PADDING_FREE_ATTENTION if settings["padding_free"] else "sdpa"
    model = load_model(model_folder, dtype, attention, settings["load_in_4bit"])
    tokenizer = AutoTokenizer.from_pretrained(model_folder)

    attempt.events.phase("reading the rows")
    train = _dataset(attempt.run_folder / "data" / "tokens-train.jsonl")
    dev = _dataset(attempt.run_folder / "data" / "tokens-dev.jsonl") if plan["data"]["num_dev_rows"] else None

    config = SFTConfig(
        output_dir=str(attempt.run_folder / "checkpoints"),
        use_cpu=not torch.cuda.is_available(),
        bf16=dtype is torch.bfloat16,
        fp16=dtype is torch.float16,
        num_train_epochs=settings["num_train_epochs"],
        per_device_train_batch_size=settings["per_device_train_batch_size"],
        per_device_eval_batch_size=settings["per_device_train_batch_size"],
        gradient_accumulation_steps=settings["gradient_accumulation_steps"],
        learning_rate=settings["learning_rate"],
        lr_scheduler_type=settings["lr_scheduler_type"],
        warmup_steps=round(settings["warmup_ratio"] * plan["forecast"]["num_steps"]),
        weight_decay=settings["weight_decay"],
        max_grad_norm=settings["max_grad_norm"],
        optim="adamw_torch",
        # `inspect` has cut and checked the rows; nothing is truncated here.
        max_length=None,
        # Llama 4 declares a coefficient and computes no such loss (transformers#48889).
        router_aux_loss_coef=0.0,
        gradient_checkpointing=settings["gradient_checkpointing"],
        seed=settings["seed"],
        data_seed=settings["seed"],
        eval_strategy="steps" if dev else "no",
        eval_steps=settings["eval_steps"],
        save_strategy="steps",
        save_steps=settings["save_steps"],
        save_total_limit=settings["save_total_limit"],
        load_best_model_at_end=settings["load_best_model_at_end"],
        metric_for_best_model="eval_loss" if dev else None,
        greater_is_better=False if dev else None,
        logging_steps=1,
        logging_nan_inf_filter=False,
        disable_tqdm=True,
        report_to=[],
        remove_unused_columns=False,
    )
    lora = None
    if settings["use_peft"]:
        parameters, dropout = settings["lora_target_parameters"], settings["lora_dropout"]
        lora = LoraConfig(
            r=settings["lora_r"],
            lora_alpha=settings["lora_alpha"],
            lora_dropout=dropout,
            target_modules=linear_targets(model, settings["lora_target_modules"], parameters, settings["allow"]),
            exclude_modules=EXCLUDED,
            target_parameters=parameter_targets(model, parameters, dropout, settings["load_in_4bit"]) or None,
            use_rslora=settings["use_rslora"],
            task_type="CAUSAL_LM",
        )
    else:
        freeze_untrained(model)
    torch.manual_seed(settings["seed"])
    trainer_class = FusedLossTrainer if settings["fused_loss"] else SFTTrainer
    dev_prompts = _dev_prompts(attempt, settings["num_eval_generations"])
    reporter = ProgressReporter(attempt, dev_prompts, settings["early_stopping_patience"])
    trainer = trainer_class(
        model=model,
        args=config,
        train_dataset=train,
        eval_dataset=dev,
        processing_class=tokenizer,
        peft_config=lora,
        data_collator=collate_padding_free if settings["padding_free"] else None,
        callbacks=[reporter],
    )
    reporter.trainer = trainer
    if trainer.accelerator.num_processes != attempt.world_size:
        raise WorkerError("worker-failed", problem=f"{attempt.world_size} processes were started, they train apart")
    coverage = module_coverage(cast(torch.nn.Module, trainer.model))
    refuse_untrained(coverage)
    start_step = int(plan["resume_from"].rsplit("-", 1)[-1]) if plan["resume_from"] else 0
    attempt.events.append(
        {
            "type": "run-start",
            "num_steps": plan["forecast"]["num_steps"],
            "start_step": start_step,
            "coverage": coverage,
            "versions": installed_versions(),
        }
    )
    attempt.events.phase("trying the longest batch first")
    attempt.events.append(try_worst_batch(trainer, train, dev) | {"forecast_bytes": plan["forecast"]["memory_bytes"]})
    if attempt.rank == 0:
        discard_incomplete(attempt.run_folder / "checkpoints")
    trainer.train(resume_from_checkpoint=plan["resume_from"])

    is_done = not reporter.was_stopped
    if is_done and attempt.rank == 0:
        write_artifact(attempt, plan, trainer, coverage)
    attempt.events.append(
        {"type": "run-end", "step": trainer.state.global_step, "reason": "done" if is_done else "stopped"}
    )
    if attempt.world_size > 1:
        # Leaving without this ended 1 of 23 two-process runs with an abort after all was saved.
        torch.distributed.barrier()
        torch.distributed.destroy_process_group()


def _dataset(path: Path) -> Dataset:
    """Rows with something to learn; one without is there only if the recipe allows it."""
    rows = [row for row in read_tokens(path) if row["supervised"]]
    return Dataset.from_list([{"input_ids": row["input_ids"], "labels": labels_of(row)} for row in rows])


def _dev_prompts(attempt: Attempt, count: int) -> list[dict[str, Any]]:
    """The first dev rows, for samples while it trains."""
    path = attempt.run_folder / "data" / "dev.jsonl"
    if not path.exists():
        return []
    with path.open() as lines:
        return [json.loads(line) for line, _ in zip(lines, range(count))]
