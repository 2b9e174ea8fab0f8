"""A model folder as the class that its config names, in the precision and attention of the plan."""

from pathlib import Path
from typing import Any

import torch
import transformers
from transformers import AutoConfig, BitsAndBytesConfig, PreTrainedModel

from worker.errors import WorkerError
from worker.families.llama4 import quantize_experts, shim_text_backbone
from worker.families.reward_model import NAMES, reward_class

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}
#: What Slipway trains: a config may name any class of the library.
CLASSES = (
    "LlamaForCausalLM",
    "Gemma3ForCausalLM",
    "Gemma3ForConditionalGeneration",
    "Llama4ForCausalLM",
    "Llama4ForConditionalGeneration",
)
#: Names that bitsandbytes must pass over: a router returns a pair, and the rest carries no adapter.
NOT_QUANTIZED = ["router", "lm_head", "score", "vision_tower", "vision_model", "multi_modal_projector"]
FAMILY_OF_REWARD_MODEL = {reward: family for family, reward in NAMES.items()}


def load_model(folder: Path, dtype: torch.dtype, attention: str, load_in_4bit: bool = False, score_seed: int | None = None) -> PreTrainedModel:
    """`score_seed`: as a reward model, whose score is drawn with it where the folder has none. The class comes from `architectures`: AutoModelForCausalLM makes a text model of Llama 4's wrapper, and an
    adapter of that has names that no server of the wrapper knows (vllm#34186). Only safetensors are read: pickled weights
    are programs.

    Raises WorkerError class-unknown for a class that is not of CLASSES.
    """
    shim_text_backbone()
    config: Any = AutoConfig.from_pretrained(folder)
    name = (config.architectures or ["none"])[0]
    family = FAMILY_OF_REWARD_MODEL.get(name, name) if score_seed is not None else name
    if family not in CLASSES:
        raise WorkerError("class-unknown", name=name, file=str(folder / "config.json"))
    model_class: Any = getattr(transformers, family)
    if score_seed is not None:
        model_class = reward_class(model_class)
        torch.manual_seed(score_seed)
    options: dict[str, Any] = {"dtype": dtype, "attn_implementation": attention, "use_safetensors": True, "trust_remote_code": False}
    if load_in_4bit:
        options["quantization_config"] = BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=dtype,
            llm_int8_skip_modules=NOT_QUANTIZED,
        )
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    has_experts = hasattr(config.get_text_config(), "num_local_experts")
    if load_in_4bit and has_experts:
        # By itself Transformers would put the experts on the GPU as they are (not tried on one).
        options["device_map"] = {"": "cpu"}
    model = model_class.from_pretrained(folder, **options)
    if load_in_4bit and has_experts:
        quantize_experts(model, device)
        model.to(device)
    if load_in_4bit:
        _keep_layout(model)
    if score_seed is not None:
        model.score.float()
    return model


def _keep_layout(model: torch.nn.Module) -> None:
    """A pass without gradients would lay 4-bit weights out anew on CPUs with bfloat16, and later backward passes would read
    them as they were (bitsandbytes/nn/modules.py, Linear4bit.forward): after a dev pass nothing would be learnt any more.
    """
    for module in model.modules():
        if hasattr(module, "support_avx512bf16_for_cpu"):
            module.support_avx512bf16_for_cpu = False  # type: ignore[assignment]
