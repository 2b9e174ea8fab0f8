"""What `slipway` imported from the GGUF, against an independent oracle: the `gguf` Python package."""

import subprocess
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType, GGUFReader, dequantize
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


@pytest.fixture(scope="module")
def gemma3_reader(gemma3: Path) -> GGUFReader:
    """Made once: a vocabulary of 262,144 takes it 14 s."""
    return GGUFReader(gemma3 / "model.gguf")


def test_gemma_3_and_its_types_are_dequantized_bit_for_bit(gemma3: Path, gemma3_reader: GGUFReader):
    source = gemma3_reader.tensors
    assert {tensor.tensor_type.name for tensor in source} == {"F32", "Q5_0", "Q8_0", "Q4_K", "Q6_K"}
    ours = {tensor.name: tensor for tensor in GGUFReader(gemma3 / "parity" / "model-f32.gguf").tensors}
    for tensor in source:
        assert np.array_equal(_rows_first(ours[tensor.name]), _rows_first(tensor)), tensor.name


@pytest.mark.parametrize("type_name", ["Q5_1", "Q5_K"])
def test_types_that_no_model_here_has(type_name: str, tmp_path: Path):
    """Random blocks, dequantized by a GGUF's reader in TypeScript and by the oracle."""
    kind = GGMLQuantizationType[type_name]
    block, size = GGML_QUANT_SIZES[kind]
    random = np.random.default_rng(7)
    data = random.integers(0, 256, (64, size), dtype=np.uint8)
    # Scale and minimum are half floats at the start: noise there would be NaN.
    data[:, :4] = random.normal(0, 1, (64, 2)).astype(np.float16).view(np.uint8)
    (tmp_path / "blocks").write_bytes(data.tobytes())
    script = "const [file, type] = process.argv.slice(-2);" + (
        "const { dequantize } = await import(`${process.cwd()}/dist/model/gguf/dequantize.js`);"
        "const weights = dequantize(type, (await import('node:fs')).readFileSync(file));"
        "process.stdout.write(Buffer.from(weights.buffer));"
    )
    command = ["node", "--input-type=module", "-e", script, "--", str(tmp_path / "blocks"), type_name]
    ours = np.frombuffer(subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout, dtype=np.float32)
    assert np.array_equal(ours, dequantize(data, kind).astype(np.float32).reshape(-1)[: 64 * block])


def test_norms_of_gemma_3_lose_the_one_that_llama_cpp_adds(gemma3: Path, gemma3_reader: GGUFReader):
    by_name = {tensor.name: tensor for tensor in gemma3_reader.tensors}
    with safe_open(gemma3 / "transformers" / "model.safetensors", "numpy") as file:
        for gguf_name, name in {"ffn_norm": "pre_feedforward_layernorm", "attn_q_norm": "self_attn.q_norm"}.items():
            stored = _rows_first(by_name[f"blk.3.{gguf_name}.weight"])
            assert np.array_equal(file.get_tensor(f"model.layers.3.{name}.weight"), stored - np.float32(1))


def test_pad_is_not_the_end_of_turn(smollm2: Path):
    import json

    config = json.loads((smollm2 / "transformers" / "config.json").read_text())
    assert config["eos_token_id"] == 2
    assert config["pad_token_id"] == 0
