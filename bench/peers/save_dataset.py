"""Saves tokens.jsonl of a folder as the datasets library does, into its folder `tokenized`. Run: save_dataset.py FOLDER"""

import shutil
import sys
from pathlib import Path

from datasets import load_dataset

folder = Path(sys.argv[1])
shutil.rmtree(folder / "tokenized", ignore_errors=True)
load_dataset("json", data_files={"train": str(folder / "tokens.jsonl")}).save_to_disk(folder / "tokenized")
