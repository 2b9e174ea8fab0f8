"""Every form of training on every family, in one process: what moves, what does not, and what is saved."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from conftest import ROWS, read_events, write_run
from safetensors.torch import load_file
from tiny_families import FAMILIES

from worker.errors import WorkerError
from worker.families.load import load_model
from worker.families.modules import FROZEN_CLASSES, module_class
from worker.life import Attempt
from worker.methods import sft

FORMS: dict[str, dict[str, Any]] = {
    "lora": {},
    "rslora": {"lora": {"use_rslora": True}},
    "qlora": {"load_in_4bit": True},
    "checkpointed": {"gradient_checkpointing": True},
    "full": {"use_peft": False, "learning_rate": 1e-3},
}
EXPERTS = ["feed_forward.experts.gate_up_proj", "feed_forward.experts.down_proj"]
SEPARATE_HEADS = ["llama4_text", "llama4"]


def train(attempt: Path) -> list[dict]:
    """The worker's run in this process, as __main__ does it."""
    with Attempt(str(attempt), is_child=False) as held:
        sft.run(held)
    return read_events(attempt)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("family", FAMILIES)
def test_every_form_trains_every_family(family: str, form: str, family_folder, moved: dict, tmp_path: Path):
    model = family_folder(family)
    attempt = write_run(tmp_path / "run", model, ROWS, **FORMS[form])
    events = train(attempt)
    assert [name for name, (is_trained, has_moved) in moved.items() if is_trained != has_moved] == []
    assert any(is_trained for is_trained, _ in moved.values())
    assert events[-1]["reason"] == "done"
    losses = [event["loss"] for event in events if event["type"] == "step-end"]
    assert len(losses) == 2 and all(loss > 0 for loss in losses)

    coverage = {entry["module_class"]: entry for event in events if event["type"] == "run-start" for entry in event["coverage"]}
    assert all(coverage[kind]["num_trained_parameters"] == 0 for kind in FROZEN_CLASSES if kind in coverage)
    assert ("vision" in coverage) == (family in ("gemma3", "llama4"))
    assert ("routed experts" in coverage) == family.startswith("llama4")
    artifact = attempt.parent.parent / "artifact"
    recorded = json.loads((artifact / "artifact.json").read_text())
    assert recorded["logits_change"] > 1e-3
    before = load_file(model / "transformers" / "model.safetensors")
    if form == "full":
        assert recorded["kind"] == "model"
        after = load_file(artifact / "model.safetensors")
        assert before.keys() == after.keys()
        for name, weights in after.items():
            is_frozen = module_class(name) in FROZEN_CLASSES
            assert torch.equal(weights, before[name]) == is_frozen, name
        ends = json.loads((artifact / "generation_config.json").read_text())
        assert ends["pad_token_id"] not in [ends["eos_token_id"]]
    else:
        assert recorded["kind"] == "adapter"
        saved = load_file(artifact / "adapter_model.safetensors")
        assert saved and all(weights.abs().max() > 0 for weights in saved.values())
        assert not [name for name in saved if module_class(name) in (*FROZEN_CLASSES, "routed experts")]
        for kind in {"attention", "mlp", "shared expert"} & coverage.keys():
            assert coverage[kind]["num_reached_parameters"] == coverage[kind]["num_parameters"], kind


@pytest.mark.parametrize("family", ["llama", "llama4"])
def test_a_dev_pass_changes_no_step_of_qlora(family: str, family_folder, tmp_path: Path):
    """bitsandbytes lays 4-bit weights out anew in a pass without gradients, on CPUs with bfloat16."""
    settings: dict[str, Any] = {"load_in_4bit": True, "num_train_epochs": 2.0, "eval_steps": 1}
    losses = []
    for name, dev in (("without", None), ("with", ROWS[:2])):
        events = train(write_run(tmp_path / name, family_folder(family), ROWS, dev, **settings))
        losses.append([event["loss"] for event in events if event["type"] == "step-end"])
    assert losses[0] == losses[1] and len(losses[0]) == 4


@pytest.mark.parametrize("family", FAMILIES)
def test_a_merged_adapter_has_the_logits_of_the_adapter(family: str, family_folder, tmp_path: Path):
    from peft import PeftModel

    model = family_folder(family)
    parameters = EXPERTS if family.startswith("llama4") else []
    attempt = write_run(tmp_path / "run", model, ROWS, lora={"target_parameters": parameters})
    events = train(attempt)
    coverage = {entry["module_class"]: entry for event in events if event["type"] == "run-start" for entry in event["coverage"]}
    if parameters:
        experts = coverage["routed experts"]
        assert experts["num_reached_parameters"] == experts["num_parameters"] > 0
        assert experts["num_trained_parameters"] > 0
    base = load_model(model / "transformers", torch.float32, "sdpa")
    adapted: Any = PeftModel.from_pretrained(base, attempt.parent.parent / "artifact").eval()
    ids = torch.arange(100, 140)[None]
    with torch.no_grad():
        expected = adapted(input_ids=ids).logits
        merged = adapted.merge_and_unload()(input_ids=ids).logits
    assert (merged - expected).abs().max() < 1e-4


@pytest.mark.parametrize("family", FAMILIES)
def test_layers_below_the_first_adapter_are_computed_once_and_change_no_loss(family: str, family_folder, tmp_path: Path):
    """Samples, measuring and the artifact's check compute them again: they ask for nothing that was kept."""

    def run(name: str, **changes: Any) -> list[dict]:
        upper = {"lora": {"layers_to_transform": [2, 3]}, "num_train_epochs": 2.0, "num_eval_generations": 1}
        return train(write_run(tmp_path / name, family_folder(family), ROWS, ROWS[:3], **upper, **changes))

    kept, plain = run("kept"), run("plain", plain=["frozen_layers"])
    assert kept[-1]["reason"] == "done"
    for kind, value in (("step-end", "loss"), ("eval-end", "loss"), ("sample", "answer")):
        found, expected = ([event[value] for event in events if event["type"] == kind] for events in (kept, plain))
        assert found == (expected if value == "answer" else pytest.approx(expected, abs=1e-5)) and found, kind


@pytest.mark.parametrize("changes", [{"lora": {"r": 2, "target_parameters": EXPERTS}}, {"use_peft": False}])
def test_experts_train_in_bfloat16_too(changes: dict, family_folder, tmp_path: Path):
    def first_loss(name: str, **more: Any) -> float:
        events = train(write_run(tmp_path / name, family_folder("llama4_text"), ROWS, **changes, **more))
        assert events[-1]["reason"] == "done"
        return next(event["loss"] for event in events if event["type"] == "step-end")

    assert first_loss("half", precision="bfloat16") == pytest.approx(first_loss("single"), rel=0.01)


def test_experts_may_stay_frozen_when_the_recipe_says_so(family_folder, tmp_path: Path):
    names = ["gate_proj", "up_proj", "down_proj"]
    events = train(write_run(tmp_path / "run", family_folder("llama4"), ROWS, lora={"target_modules": names}, allow=["experts-frozen"]))
    assert events[-1]["reason"] == "done"


@pytest.mark.parametrize("family", ["gemma3", "llama4"])
def test_all_linear_never_touches_router_or_vision(family: str, family_folder, tmp_path: Path):
    attempt = write_run(tmp_path / "run", family_folder(family), ROWS, lora={"target_modules": "all-linear"})
    train(attempt)
    saved = load_file(attempt.parent.parent / "artifact" / "adapter_model.safetensors")
    assert {module_class(name) for name in saved} <= {"attention", "mlp", "shared expert"}


@pytest.mark.parametrize("family", FAMILIES)
def test_packing_and_accumulation_change_no_loss(family: str, family_folder, tmp_path: Path):
    def losses(name: str, **changes: Any) -> list[float]:
        events = train(write_run(tmp_path / name, family_folder(family), ROWS, num_train_epochs=2.0, **changes))
        return [event["loss"] for event in events if event["type"] == "step-end"]

    ours = losses("ours")
    assert losses("accumulated", per_device_train_batch_size=1, gradient_accumulation_steps=4) == pytest.approx(ours, abs=2e-5)
    assert losses("plain", plain=["padding_free", "fused_loss", "fused_projection", "recomputed", "sparse_experts"]) == pytest.approx(ours, abs=2e-5)


def test_a_run_starts_from_the_adapter_of_another(family_folder, tmp_path: Path):
    model = family_folder("llama")
    first = write_run(tmp_path / "first", model, ROWS)
    train(first)
    second = write_run(tmp_path / "second", model, ROWS, further=tmp_path / "first")
    losses = [[event["loss"] for event in events if event["type"] == "step-end"] for events in (read_events(first), train(second))]
    assert losses[1][0] < losses[0][-1]
    recorded = json.loads((tmp_path / "second" / "artifact" / "artifact.json").read_text())
    assert recorded["parents"] == [{"run": "first", "sha256": "0"}] and recorded["logits_change"] > 1e-3
    weights = [load_file(tmp_path / run / "artifact" / "adapter_model.safetensors") for run in ("first", "second")]
    assert weights[0].keys() == weights[1].keys()
    assert all(not torch.equal(weights[0][name], weights[1][name]) for name in weights[0])


def test_a_run_that_goes_on_from_another_and_learns_nothing_is_an_error(family_folder, tmp_path: Path):
    """Its change is measured from the adapter that it started from, not from the base."""
    model = family_folder("llama")
    train(write_run(tmp_path / "first", model, ROWS))
    with pytest.raises(WorkerError) as caught:
        train(write_run(tmp_path / "second", model, ROWS, further=tmp_path / "first", learning_rate=1e-12))
    assert caught.value.code == "adapter-unchanged"


@pytest.mark.parametrize("family", ["llama4_text", "llama4"])
def test_the_shim_of_llama_4_is_still_needed(family: str, family_folder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Without it TRL's own loss fails; when this test fails, remove that half of shim_text_backbone."""
    import transformers

    model = load_model(family_folder(family) / "transformers", torch.float32, "sdpa")
    monkeypatch.setattr(transformers.Llama4ForCausalLM, "base_model_prefix", "language_model")
    monkeypatch.setattr(transformers.Llama4ForConditionalGeneration, "base_model", transformers.PreTrainedModel.base_model)
    with pytest.raises(AttributeError, match="last_hidden_state"):
        _plain_trainer(model, family_folder(family), tmp_path, router_aux_loss_coef=0.0).train()


def test_the_router_coefficient_must_still_be_zero(family_folder, tmp_path: Path):
    """Llama 4 declares a coefficient of a loss that it does not compute; when this fails, drop it from methods/sft.py."""
    model = load_model(family_folder("llama4_text") / "transformers", torch.float32, "sdpa")
    with pytest.raises(AttributeError):
        _plain_trainer(model, family_folder("llama4_text"), tmp_path).train()


def _plain_trainer(model: Any, folder: Path, output: Path, **options: Any) -> Any:
    from datasets import Dataset
    from transformers import AutoTokenizer
    from trl import SFTConfig, SFTTrainer

    config = SFTConfig(use_cpu=True, bf16=False, max_steps=1, report_to=[], save_strategy="no", output_dir=str(output), **options)
    rows = Dataset.from_list([{"input_ids": [5, 6, 7], "labels": [5, 6, 7]}])
    tokenizer = AutoTokenizer.from_pretrained(folder / "transformers")
    return SFTTrainer(model=model, args=config, train_dataset=rows, processing_class=tokenizer)


def test_only_classes_of_the_list_are_loaded_and_only_from_safetensors(family_folder, tmp_path: Path):
    import shutil

    folder = tmp_path / "transformers"
    shutil.copytree(family_folder("llama") / "transformers", folder)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"architectures": ["Trainer"]}))
    with pytest.raises(WorkerError) as caught:
        load_model(folder, torch.float32, "sdpa")
    assert (caught.value.code, caught.value.data["name"]) == ("class-unknown", "Trainer")
    (folder / "config.json").write_text(json.dumps(config))
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    with pytest.raises(OSError, match="safetensors"):
        load_model(folder, torch.float32, "sdpa")
