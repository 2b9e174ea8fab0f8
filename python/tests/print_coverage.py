"""Builds every tiny family under a folder and prints the worker's table for each form: read by test/e2e/coverage.test.ts.

Run: python print_coverage.py <model folder with SmolLM2's tokenizer> <folder to write to>
"""

import json
import sys
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from tiny_families import FAMILIES, tiny_family

from worker.coverage import module_coverage
from worker.families.load import load_model
from worker.families.targets import EXCLUDED, freeze_untrained, linear_targets, parameter_targets

EXPERTS = ["feed_forward.experts.gate_up_proj", "feed_forward.experts.down_proj"]


def main() -> None:
    tokenizer_of, folder = Path(sys.argv[1]), Path(sys.argv[2])
    tables = []
    for family in FAMILIES:
        model_folder = tiny_family(family, tokenizer_of, folder / family) / "transformers"
        forms = {"lora": [], "full": None} | ({"experts": EXPERTS} if family.startswith("llama4") else {})
        for form, parameters in forms.items():
            model = load_model(model_folder, torch.float32, "sdpa")
            if parameters is None:
                freeze_untrained(model)
            else:
                model = get_peft_model(
                    model,  # type: ignore[arg-type]
                    LoraConfig(
                        r=4,
                        target_modules=linear_targets(model, ["all-linear"], parameters, []),
                        exclude_modules=EXCLUDED,
                        target_parameters=parameter_targets(model, parameters, 0.0, False) or None,
                        lora_dropout=0.0,
                    ),
                )
            tables.append({"family": family, "form": form, "coverage": module_coverage(model)})
    print(json.dumps(tables))


main()
