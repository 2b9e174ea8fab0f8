"""Each replaced computation against the plain one: loss and gradients."""

import copy
import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from conftest import ROOT, ROWS, read_events, write_run
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

from worker.compute.fused_loss import frozen_head_loss
from worker.compute.padding_free import PADDING_FREE_ATTENTION, collate_padding_free, register_padding_free_attention
from worker.data.inspect import read_tokens
from worker.data.masks import labels_of


def _rows(tmp_path: Path, model: Path) -> list[dict[str, list[int]]]:
    attempt = write_run(tmp_path / "rows", model, ROWS[:4])
    tokens = read_tokens(attempt.parent.parent / "data" / "tokens-train.jsonl")
    return [{"input_ids": row["input_ids"], "labels": labels_of(row)} for row in tokens]


def _lora_model(folder: Path, attention: str) -> torch.nn.Module:
    register_padding_free_attention()
    base = AutoModelForCausalLM.from_pretrained(folder / "transformers", attn_implementation=attention)
    torch.manual_seed(1)
    model = get_peft_model(base, LoraConfig(r=4, target_modules=["q_proj", "v_proj", "down_proj"], task_type="CAUSAL_LM"))
    for name, parameter in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, std=0.1)
    return model


def _plain_loss(model: torch.nn.Module, rows: list[dict[str, list[int]]]) -> torch.Tensor:
    """Mean over all supervised tokens, one row at a time through the model's own head."""
    total, count = torch.zeros(()), 0
    for row in rows:
        logits = model(input_ids=torch.tensor([row["input_ids"]])).logits[0, :-1]
        labels = torch.tensor(row["labels"][1:])
        total = total + torch.nn.functional.cross_entropy(logits, labels, ignore_index=-100, reduction="sum")
        count += int((labels != -100).sum())
    return total / count


def test_packed_rows_and_fused_loss_give_the_plain_loss_and_gradients(tmp_path: Path, tiny_model: Path):
    rows = _rows(tmp_path, tiny_model)
    plain, packed = _lora_model(tiny_model, "sdpa"), _lora_model(tiny_model, PADDING_FREE_ATTENTION)
    expected = _plain_loss(plain, rows)
    expected.backward()
    batch = collate_padding_free(rows)
    labels = batch.pop("labels")
    hidden = packed(**batch, output_hidden_states=True).hidden_states[-1]
    head = packed.get_base_model().get_output_embeddings().weight
    loss = frozen_head_loss(hidden[0], head, labels[0], (labels != -100).sum())
    loss.backward()
    assert loss.item() == pytest.approx(expected.item(), rel=1e-6)
    others = dict(plain.named_parameters())
    compared = 0
    for name, parameter in packed.named_parameters():
        if parameter.requires_grad:
            error = (parameter.grad - others[name].grad).norm() / (others[name].grad.norm() + 1e-12)
            assert error < 1e-5, name
            compared += 1
    assert compared == 24


def test_a_packed_row_does_not_see_its_neighbour(tmp_path: Path, tiny_model: Path):
    rows = _rows(tmp_path, tiny_model)
    model = _lora_model(tiny_model, PADDING_FREE_ATTENTION)
    changed = copy.deepcopy(rows)
    changed[0]["input_ids"] = [7] * len(changed[0]["input_ids"])
    logits = [model(**{k: v for k, v in collate_padding_free(r).items() if k != "labels"}).logits[0] for r in (rows, changed)]
    start = len(rows[0]["input_ids"])
    assert torch.equal(logits[0][start:], logits[1][start:])
    assert not torch.equal(logits[0][:start], logits[1][:start])


def test_the_fused_loss_refuses_a_head_that_is_trained():
    weight = torch.nn.Parameter(torch.randn(10, 4))
    with pytest.raises(ValueError):
        frozen_head_loss(torch.randn(3, 4), weight, torch.tensor([1, 2, 3]), 3)


def _train(tmp_path: Path, model: Path, name: str, processes: int = 1, **changes: object) -> list[float]:
    attempt = write_run(tmp_path / name, model, ROWS, **changes)
    launcher = ["-m", "torch.distributed.run", "--standalone", "--local-addr", "127.0.0.1", "--nproc-per-node", str(processes)]
    command = [sys.executable, *(launcher if processes > 1 else []), "-m", "worker", "sft", str(attempt)]
    done = subprocess.run(command, env={"PYTHONPATH": str(ROOT / "python"), "HF_HUB_OFFLINE": "1", "PATH": "/usr/bin:/bin", "OMP_NUM_THREADS": "1"}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    events = read_events(attempt)
    assert events[-1] == events[-1] | {"type": "run-end", "reason": "done"}
    assert json.loads((attempt.parent.parent / "artifact" / "artifact.json").read_text())["logits_change"] > 0
    return [event["loss"] for event in events if event["type"] == "step-end"]


def test_two_processes_have_the_losses_of_one(tmp_path: Path, tiny_model: Path):
    """test_families.py compares padding-free batches, accumulation and the loss head with plain TRL, in one process."""
    ours = _train(tmp_path, tiny_model, "ours", num_train_epochs=2.0)
    other = _train(tmp_path, tiny_model, "other", 2, num_train_epochs=2.0, per_device_train_batch_size=2, num_processes=2)
    assert len(ours) == 4
    assert other == pytest.approx(ours, abs=2e-5)
