"""What a user of Unsloth writes for this work: its Python calls, with the values of a config file. Run: unsloth_sft.py CONFIG.json"""

import json
import sys

import unsloth  # noqa: F401  before the packages that it prepares
import torch
from datasets import load_dataset
from trl import SFTConfig, SFTTrainer

config = json.load(open(sys.argv[1]))
options = config["load"] | {"dtype": getattr(torch, config["load"]["dtype"])}
model, tokenizer = unsloth.FastLanguageModel.from_pretrained(**options)
model = unsloth.FastLanguageModel.get_peft_model(model, **config["lora"])
rows = load_dataset("json", data_files=config["data"], split="train")
SFTTrainer(model=model, processing_class=tokenizer, train_dataset=rows, args=SFTConfig(**config["train"])).train()
