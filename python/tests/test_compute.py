"""Each replaced computation against the plain one: loss and gradients, by family, with and without checkpointing."""

import random
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import LoraConfig, get_peft_model
from tiny_families import FAMILIES

from worker.compute import tree_attention
from worker.compute.adapted_projection import share_projections
from worker.compute.frozen_layers import FrozenLayers
from worker.compute.gated_product import replace_gated_products
from worker.compute.head import head_of
from worker.compute.last_layer import keep_supervised
from worker.compute.rms_norm import replace_norms
from worker.compute.rotary import replace_rotary
from worker.compute.row_batch import Row, batches_of, group_examples, lay_rows, supervised_places
from worker.compute.row_tree import grow_tree, heaviest_examples
from worker.compute.sparse_experts import replace_experts
from worker.compute.token_logprobs import token_logprobs
from worker.compute.tree_attention import TREE_ATTENTION, register_tree_attention
from worker.families.load import load_model

#: Relative to what the plain computation gives in float32; its own rounding is of this size.
FLOAT32_ERROR = 1e-5
EXPERTS = ["feed_forward.experts.gate_up_proj", "feed_forward.experts.down_proj"]


@pytest.fixture(scope="session")
def family_folder(family_folder):
    return lambda family: family_folder(family) / "transformers"


def rows_of(*, shared: int, own: list[int], seed: int = 1) -> list[Row]:
    """Rows with so many tokens in common and so many of their own, the last third supervised."""
    draw = random.Random(seed)
    beginning = [draw.randrange(10, 40_000) for _ in range(shared)]
    rows = []
    for length in own:
        ids = beginning + [draw.randrange(10, 40_000) for _ in range(length)]
        supervised = max(1, length // 3)
        rows.append({"input_ids": ids, "labels": [-100] * (len(ids) - supervised) + ids[len(ids) - supervised :]})
    return rows


#: Longer than the tiny families' window of 16 and chunk of 24; one begins with another; two alike.
ROWS = rows_of(shared=20, own=[30, 7, 12]) + rows_of(shared=0, own=[40], seed=2)
ROWS += [{"input_ids": ROWS[0]["input_ids"][:35], "labels": [-100] * 30 + ROWS[0]["input_ids"][30:35]}, ROWS[1]]


def adapted(folder: Path, attention: str, **lora: Any) -> Any:
    """The family's model with an adapter that does something."""
    register_tree_attention()
    model = load_model(folder, torch.float32, attention)
    torch.manual_seed(1)
    named = {"r": 4, "target_modules": ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]} | lora
    peft = get_peft_model(model, LoraConfig(**named, task_type="CAUSAL_LM", exclude_modules=r".*(vision|experts\.).*"))
    for name, parameter in peft.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, std=0.1)
    return peft.train()


def plain_loss(model: Any, rows: list[Row]) -> torch.Tensor:
    """Mean over all supervised tokens, one row at a time through the model's own head."""
    total, count = torch.zeros(()), 0
    for row in rows:
        logits = model(input_ids=torch.tensor([row["input_ids"]]), use_cache=False).logits[0, :-1].float()
        labels = torch.tensor(row["labels"][1:])
        total = total + torch.nn.functional.cross_entropy(logits, labels, ignore_index=-100, reduction="sum")
        count += int((labels != -100).sum())
    return total / count


def packed_loss(model: Any, rows: list[Row], shares: bool = True, is_cut: bool = False) -> torch.Tensor:
    batch = lay_rows(rows, shares)
    inputs = {name: batch[name] for name in ("input_ids", "position_ids", "tree", *(["kept"] if is_cut else []))}
    base = model.get_base_model() if hasattr(model, "get_base_model") else model
    hidden = base.get_decoder()(**inputs, use_cache=False).last_hidden_state[0]
    head, softcap = head_of(base)
    hidden = hidden if is_cut else hidden[batch["kept"]]
    return -token_logprobs(hidden[batch["sources"]], head, batch["shift_labels"], softcap).mean()


def gradients(model: Any, loss: torch.Tensor) -> dict[str, torch.Tensor]:
    loss.backward()
    return {name: parameter.grad for name, parameter in model.named_parameters() if parameter.grad is not None}


def refuse_difference(ours: tuple[float, dict], plain: tuple[float, dict], error: float = FLOAT32_ERROR) -> None:
    assert ours[0] == pytest.approx(plain[0], rel=error)
    assert ours[1].keys() == plain[1].keys()
    for name, gradient in plain[1].items():
        assert (ours[1][name] - gradient).norm() <= error * gradient.norm() + 1e-9, name


def measured(model: Any, loss: torch.Tensor) -> tuple[float, dict[str, torch.Tensor]]:
    return loss.item(), gradients(model, loss)


@pytest.fixture
def rotary_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """Llama's and Gemma's function is replaced for the whole process."""
    from transformers.models.gemma3 import modeling_gemma3
    from transformers.models.llama import modeling_llama

    for module in (modeling_llama, modeling_gemma3):
        monkeypatch.setattr(module, "apply_rotary_pos_emb", module.apply_rotary_pos_emb)


@pytest.mark.parametrize("is_checkpointed", [False, True])
@pytest.mark.parametrize("family", FAMILIES)
def test_all_replacements_together_give_the_plain_loss_and_gradients(
    family: str, is_checkpointed: bool, family_folder, rotary_as_it_was: None
):
    has_experts = family.startswith("llama4")
    lora = {"target_parameters": EXPERTS} if has_experts else {}
    plain = adapted(family_folder(family), "sdpa", **lora)
    expected = measured(plain, plain_loss(plain, ROWS))
    model = adapted(family_folder(family), TREE_ATTENTION, **lora)
    base = model.get_base_model()
    num_layers = base.config.get_text_config().num_hidden_layers
    # Attention's two groups in each layer, and the MLP's two; experts share one MLP.
    assert share_projections(base) == 4 * num_layers
    assert replace_norms(base) >= 2 * num_layers + 1
    assert replace_gated_products(base) == num_layers
    assert replace_experts(base) == (num_layers // 2 if has_experts else 0)
    replace_rotary()
    keep_supervised(base)
    if is_checkpointed:
        model.enable_input_require_grads()
        model.gradient_checkpointing_enable({"use_reentrant": False})
    refuse_difference(measured(model, packed_loss(model, ROWS, is_cut=True)), expected)


@pytest.mark.parametrize("rank", [2, 4, 9])
def test_experts_carry_adapters_of_any_rank(rank: int, family_folder):
    lora = {"target_parameters": EXPERTS, "r": rank}
    plain = adapted(family_folder("llama4_text"), "sdpa", **lora)
    expected = measured(plain, plain_loss(plain, ROWS))
    model = adapted(family_folder("llama4_text"), "sdpa", **lora)
    assert replace_experts(model.get_base_model()) > 0
    refuse_difference(measured(model, plain_loss(model, ROWS)), expected)
    with torch.autocast("cpu", torch.bfloat16):
        assert measured(model, plain_loss(model, ROWS))[0] == pytest.approx(expected[0], rel=0.02)


ONE = {
    "fused_projection": share_projections,
    "norms": replace_norms,
    "gated_products": replace_gated_products,
    "sparse_experts": replace_experts,
}


@pytest.mark.parametrize("name", ONE)
@pytest.mark.parametrize("family", ["llama", "gemma3_text", "llama4_text"])
def test_each_alone_gives_the_plain_loss_and_gradients(family: str, name: str, family_folder):
    plain = adapted(family_folder(family), "sdpa")
    expected = measured(plain, plain_loss(plain, ROWS))
    model = adapted(family_folder(family), "sdpa")
    assert ONE[name](model) > 0 or (name == "sparse_experts" and family != "llama4_text")
    refuse_difference(measured(model, plain_loss(model, ROWS)), expected)


@pytest.mark.parametrize("family", FAMILIES)
def test_all_weights_are_trained_as_without(family: str, family_folder, rotary_as_it_was: None):
    def whole(attention: str) -> Any:
        register_tree_attention()
        model = load_model(family_folder(family), torch.float32, attention).train()
        for name, parameter in model.named_parameters():
            parameter.requires_grad_("vision" not in name and "multi_modal" not in name and "router" not in name)
        return model

    plain = whole("sdpa")
    expected = measured(plain, plain_loss(plain, ROWS))
    model = whole(TREE_ATTENTION)
    assert share_projections(model) == 0
    replace_norms(model)
    replace_gated_products(model)
    replace_experts(model)
    replace_rotary()
    keep_supervised(model)
    refuse_difference(measured(model, packed_loss(model, ROWS, is_cut=True)), expected)


@pytest.mark.parametrize("softcap", [None, 5.0])
@pytest.mark.parametrize("is_trained", [False, True])
def test_a_token_s_log_probability_over_blocks_of_tokens_and_entries(softcap: float | None, is_trained: bool):
    torch.manual_seed(0)
    hidden, head = torch.randn(1030, 16, requires_grad=True), torch.randn(9000, 16).requires_grad_(is_trained)
    targets, above = torch.randint(0, 9000, (1030,)), torch.randn(1030)
    plain = [tensor.detach().double().requires_grad_(tensor.requires_grad) for tensor in (hidden, head)]
    logits = plain[0] @ plain[1].t()
    logits = logits if softcap is None else softcap * torch.tanh(logits / softcap)
    expected = torch.log_softmax(logits, -1).gather(1, targets[:, None])[:, 0]
    (expected * above).sum().backward()
    found = token_logprobs(hidden, head, targets, softcap)
    (found * above).sum().backward()
    for one, other in zip((found, hidden.grad, head.grad), (expected, plain[0].grad, plain[1].grad)):
        assert (one is None) == (other is None)
        assert one is None or (one - other).norm() <= FLOAT32_ERROR * other.norm()


def test_no_gradient_is_formed_where_none_is_wanted(monkeypatch: pytest.MonkeyPatch):
    from worker.compute import token_logprobs as module

    monkeypatch.setattr(module, "_add_product", None)
    hidden, head = torch.randn(3, 4, requires_grad=True), torch.randn(10, 4)
    with torch.no_grad():
        assert token_logprobs(hidden, head, torch.tensor([1, 2, 3])).shape == (3,)


def test_an_adapter_on_the_head_gets_its_gradient(family_folder):
    plain = adapted(family_folder("llama4_text"), "sdpa", target_modules=["lm_head", "q_proj"])
    expected = measured(plain, plain_loss(plain, ROWS))
    assert any("lm_head" in name for name in expected[1])
    model = adapted(family_folder("llama4_text"), TREE_ATTENTION, target_modules=["lm_head", "q_proj"])
    refuse_difference(measured(model, packed_loss(model, ROWS)), expected)


def test_bfloat16_is_as_near_to_float32_as_the_plain_computation_is(family_folder, rotary_as_it_was: None):
    """Both round; ours may be off by twice the plain error, and by 2 % at most."""
    rows = rows_of(shared=20, own=[30, 12])
    exact = adapted(family_folder("llama"), "sdpa")
    expected = measured(exact, plain_loss(exact, rows))
    plain = adapted(family_folder("llama"), "sdpa").bfloat16()
    theirs = measured(plain, plain_loss(plain, rows))
    model = adapted(family_folder("llama"), TREE_ATTENTION).bfloat16()
    base = model.get_base_model()
    share_projections(base)
    replace_norms(base)
    replace_gated_products(base)
    replace_rotary()
    ours = measured(model, packed_loss(model, rows))
    assert abs(ours[0] - expected[0]) <= 2 * abs(theirs[0] - expected[0]) + 1e-3 * expected[0]
    error = {id(found): sum((found[1][n].float() - g).norm() / g.norm() for n, g in expected[1].items()) / len(expected[1]) for found in (theirs, ours)}
    assert error[id(ours)] <= 2 * error[id(theirs)] and error[id(ours)] < 0.02


def test_what_rows_share_is_computed_once_and_a_row_sees_no_other(family_folder):
    batch = lay_rows(ROWS, shares=True)
    assert batch["tree"].num_row_tokens == sum(len(row["input_ids"]) for row in ROWS)
    # 20 tokens once in place of five times, and the 7 further ones of two rows that are equal; what else has fewer tokens
    # than MIN_SHARED_TOKENS in common is laid again.
    assert len(batch["tree"].input_ids) == batch["tree"].num_row_tokens - 4 * 20 - 7
    model = adapted(family_folder("llama"), TREE_ATTENTION).eval()
    alone = [packed_loss(model, [row]).item() for row in ROWS]
    counts = [sum(label != -100 for label in row["labels"][1:]) for row in ROWS]
    mean = sum(loss * count for loss, count in zip(alone, counts)) / sum(counts)
    assert packed_loss(model, ROWS).item() == pytest.approx(mean, rel=1e-6)


def test_a_tree_has_each_row_s_tokens_in_its_places():
    draw = random.Random(4)
    for _ in range(200):
        rows = [[draw.randrange(2) for _ in range(draw.randint(1, 12))] for _ in range(draw.randint(1, 9))]
        for min_shared in (1, 2, 5, None):
            tree = grow_tree(rows, min_shared)
            assert [[tree.input_ids[place] for place in places] for places in tree.places] == rows
            assert all(tree.position_ids[place] == index for places in tree.places for index, place in enumerate(places))
            for index, node in enumerate(tree.nodes):
                below = [other for other in tree.nodes[index + 1 :] if other.start < node.subtree_end]
                assert all(other.end <= node.subtree_end for other in below)
                assert node.parent < index


def test_nodes_that_nothing_shares_need_no_join(monkeypatch: pytest.MonkeyPatch, family_folder):
    """Windows and chunks that no row is longer than take the same way as full attention."""
    monkeypatch.setattr(tree_attention, "_local", None)
    model = adapted(family_folder("gemma3_text"), TREE_ATTENTION)
    assert packed_loss(model, rows_of(shared=0, own=[15, 9])).item() > 0
    with pytest.raises(TypeError):
        packed_loss(model, rows_of(shared=0, own=[17]))


def test_llama_4_scales_queries_by_their_place_in_the_row(family_folder):
    """From `floor_scale` tokens on; a packed batch is longer than its rows."""
    def with_scale(attention: str) -> Any:
        model = adapted(family_folder("llama4_text"), attention)
        for layer in model.get_base_model().get_decoder().layers:
            layer.self_attn.floor_scale = 16
        return model

    plain = with_scale("sdpa")
    expected = measured(plain, plain_loss(plain, ROWS))
    model = with_scale(TREE_ATTENTION)
    refuse_difference(measured(model, packed_loss(model, ROWS)), expected)


@pytest.mark.parametrize("family", FAMILIES)
def test_frozen_layers_are_computed_once(family: str, family_folder):
    model = adapted(family_folder(family), TREE_ATTENTION, layers_to_transform=[2, 3])
    expected = measured(model, packed_loss(model, ROWS))
    assert expected[1] and all(".layers.2." in name or ".layers.3." in name for name in expected[1])
    base = model.get_base_model()
    keeper = FrozenLayers(base, 2)
    seen: list[int] = []
    base.get_decoder().layers[1].input_layernorm.register_forward_hook(lambda *_: seen.append(1))
    for rows in (ROWS, ROWS[:3], ROWS[::-1]):
        model.zero_grad()
        batch = lay_rows(rows, shares=True)
        given = keeper.restore({name: batch[name] for name in ("input_ids", "position_ids", "tree")})
        hidden = base.get_decoder()(**given, use_cache=False).last_hidden_state[0, batch["kept"]]
        head, softcap = head_of(base)
        found = measured(model, -token_logprobs(hidden[batch["sources"]], head, batch["shift_labels"], softcap).mean())
        if len(rows) == len(ROWS):
            refuse_difference(found, expected)
    # Two of the six rows are alike.
    assert len(seen) == 5
    # A pass that asked for nothing computes all layers.
    model.zero_grad()
    refuse_difference(measured(model, packed_loss(model, ROWS)), expected)
    assert len(seen) == 6


def test_what_is_kept_of_a_row_does_not_depend_on_its_batch(smollm2: Path):
    """A resumed run meets it in another. At 2 and 24 rows the products of this model's sizes differ in their last bits."""
    rows = rows_of(shared=0, own=[110 + index for index in range(24)])
    kept = []
    for batch in (rows[:2], rows):
        model = adapted(smollm2 / "transformers", TREE_ATTENTION, layers_to_transform=[4, 5]).get_base_model()
        keeper = FrozenLayers(model, 4)
        given = keeper.restore(lay_rows(batch, shares=True))
        kept.append(given["inputs_embeds"][0, given["tree"].places[0]])
    assert torch.equal(*kept)


def itself(example: Row) -> list[Row]:
    return [example]


def test_rows_are_grouped_by_what_is_computed():
    rows = rows_of(shared=100, own=[10] * 6) + rows_of(shared=0, own=[90, 80, 70], seed=3)
    for count in range(1, len(rows) + 1):
        groups = group_examples(rows, itself, count, True)
        assert len(groups) == count and all(groups)
        assert sorted(map(id, (row for group in groups for row in group))) == sorted(map(id, rows))
    costs = [len(lay_rows(group, True)["tree"].input_ids) for group in group_examples(rows, itself, 3, True)]
    assert max(costs) == 160 and sum(costs) == 400
    batches = batches_of(rows, itself, 165, True)
    assert all(len(lay_rows(batch, True)["tree"].input_ids) <= 165 for batch in batches)
    assert sum(map(len, batches)) == len(rows) and len(batches) < 5
    assert all(sum(len(row["input_ids"]) for row in batch) <= 165 for batch in batches_of(rows, itself, 165, False))
    assert [len(batch) for batch in batches_of(rows, itself, 1, True)] == [1] * len(rows)


def test_a_conversation_may_go_on_in_a_thousand_rows():
    tree = grow_tree([list(range(length)) for length in range(1, 1201)], 1)
    assert len(tree.nodes) == len(tree.input_ids) == 1200
    assert {node.subtree_end for node in tree.nodes} == {1200} and [node.parent for node in tree.nodes] == list(range(-1, 1199))


def test_the_heaviest_rows_are_those_that_compute_most_together():
    rows = [row["input_ids"] for row in rows_of(shared=800, own=[100] * 8) + rows_of(shared=0, own=[500] * 3, seed=3)]
    alone = [[row] for row in rows]
    assert [own for _, own in heaviest_examples(alone, 5)] == [900, 500, 500, 500, 100]
    assert [own for _, own in heaviest_examples(alone, 4, None)] == [900] * 4
    pairs = [[first, second] for first, second in zip(rows[:8:2], rows[1:8:2])]
    assert [own for _, own in heaviest_examples(pairs, 2)] == [1000, 200]
    assert [own for _, own in heaviest_examples(pairs, 2, None)] == [1800, 1800]
    for count in (1, 3, 11):
        chosen = heaviest_examples(alone, count)
        assert len(grow_tree([rows[index] for index, _ in chosen]).input_ids) == sum(own for _, own in chosen)


def test_the_first_token_of_a_row_is_not_learnt_from_the_row_before():
    rows = [{"input_ids": [5, 6], "labels": [5, 6]}, {"input_ids": [7, 8, 9], "labels": [7, 8, 9]}]
    batch = lay_rows(rows, shares=False)
    assert batch["labels"].tolist() == [[-100, 6, -100, 8, 9]]
    assert batch["kept"][batch["sources"]].tolist() == [0, 2, 3] and batch["shift_labels"].tolist() == [6, 8, 9]
    places, targets = supervised_places(torch.tensor([[5, 6, -100], [7, 8, 9]]))
    assert places.tolist() == [0, 3, 4] and targets.tolist() == [6, 8, 9]
