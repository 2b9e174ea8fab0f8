"""A copy of a model that says it takes 32,768 tokens, to time rows of any length. Run: long_context.py MODEL_FOLDER COPY_FOLDER"""

import json
import shutil
import sys
from pathlib import Path

source, copy = map(Path, sys.argv[1:])
shutil.copytree(source, copy)
config = json.loads((copy / "config.json").read_text())
(copy / "config.json").write_text(json.dumps(config | {"max_position_embeddings": 32768}))
