"""Trains every form on every tiny family in this one process: read by test/e2e/family-parity.test.ts.

Run: python train_families.py <model folder with SmolLM2's tokenizer> <folder to write to>
Leaves <folder>/<family>/transformers and <folder>/<family>-<form>/artifact.
"""

import sys
from pathlib import Path

from conftest import ROWS, write_run
from tiny_families import FAMILIES, tiny_family

from worker.life import Attempt
from worker.methods import sft

FORMS = {
    "lora": {},
    "rslora": {"lora": {"use_rslora": True}},
    "qlora": {"load_in_4bit": True},
    "full": {"use_peft": False, "learning_rate": 1e-3},
}


def main() -> None:
    tokenizer_of, folder = Path(sys.argv[1]), Path(sys.argv[2])
    for family in FAMILIES:
        model = tiny_family(family, tokenizer_of, folder / family, chunk=8192)
        for form, changes in FORMS.items():
            with Attempt(str(write_run(folder / f"{family}-{form}", model, ROWS, **changes)), is_child=False) as attempt:
                sft.run(attempt)


main()
