"""Each replaced computation against the plain one: loss and gradients."""

import copy
from pathlib import Path

import pytest
import torch
from conftest import ROWS, write_run
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


def test_the_first_token_of_a_row_is_not_learnt_from_the_row_before():
    rows = [{"input_ids": [5, 6], "labels": [5, 6]}, {"input_ids": [7, 8, 9], "labels": [7, 8, 9]}]
    assert collate_padding_free(rows)["labels"].tolist() == [[-100, 6, -100, 8, 9]]
    hidden, head = torch.randn(5, 4), torch.randn(10, 4)
    labels = collate_padding_free(rows)["labels"][0]
    apart = [frozen_head_loss(hidden[a:b], head, torch.tensor(row["labels"]), 1) for row, (a, b) in zip(rows, [(0, 2), (2, 5)])]
    assert frozen_head_loss(hidden, head, labels, 1).item() == pytest.approx(sum(apart).item(), rel=1e-6)
