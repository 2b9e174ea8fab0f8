"""What `slipway` imported from the GGUF, against an independent oracle: the `gguf` Python package."""

from pathlib import Path

import numpy as np
import pytest
from gguf import GGUFReader, dequantize
from safetensors import safe_open


@pytest.fixture(scope="module")
def reader(smollm2: Path) -> GGUFReader:
    return GGUFReader(smollm2 / "model.gguf")


def _rows_first(tensor) -> np.ndarray:
    return np.asarray(dequantize(tensor.data, tensor.tensor_type), dtype=np.float32).reshape(tuple(int(n) for n in tensor.shape[::-1]))


def test_the_file_holds_the_types_that_are_checked(reader: GGUFReader):
    assert {tensor.tensor_type.name for tensor in reader.tensors} == {"F32", "Q4_1", "Q8_0"}


def test_float32_gguf_is_dequantized_bit_for_bit(smollm2: Path, reader: GGUFReader):
    ours = {tensor.name: tensor for tensor in GGUFReader(smollm2 / "parity" / "model-f32.gguf").tensors}
    assert len(ours) == len(reader.tensors) == 272
    for tensor in reader.tensors:
        assert np.array_equal(_rows_first(ours[tensor.name]), _rows_first(tensor)), tensor.name


def test_safetensors_hold_the_same_weights_with_head_rows_in_transformers_order(smollm2: Path, reader: GGUFReader):
    names = {"token_embd.weight": "model.embed_tokens.weight", "blk.7.ffn_down.weight": "model.layers.7.mlp.down_proj.weight"}
    by_name = {tensor.name: tensor for tensor in reader.tensors}
    with safe_open(smollm2 / "transformers" / "model.safetensors", "numpy") as file:
        assert len(file.keys()) == 272
        for gguf_name, name in names.items():
            assert np.array_equal(file.get_tensor(name), _rows_first(by_name[gguf_name]))
        for gguf_name, name, heads in (("attn_q", "q_proj", 9), ("attn_k", "k_proj", 3)):
            rows = _rows_first(by_name[f"blk.4.{gguf_name}.weight"])
            # llama.cpp's conversion/llama.py: reshape(heads, 2, dim / 2).swapaxes(1, 2); this is its inverse.
            expected = rows.reshape(heads, rows.shape[0] // heads // 2, 2, rows.shape[1]).swapaxes(1, 2).reshape(rows.shape)
            assert np.array_equal(file.get_tensor(f"model.layers.4.self_attn.{name}.weight"), expected)


def test_pad_is_not_the_end_of_turn(smollm2: Path):
    import json

    config = json.loads((smollm2 / "transformers" / "config.json").read_text())
    assert config["eos_token_id"] == 2
    assert config["pad_token_id"] == 0
