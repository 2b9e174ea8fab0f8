"""Chat templates rendered as Transformers renders them (utils/chat_template_utils.py), without importing it."""

import json
import re
from pathlib import Path
from typing import Any, NotRequired, TypedDict

from jinja2.exceptions import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from tokenizers import Tokenizer


class ChatRow(TypedDict):
    """A row of train.jsonl or dev.jsonl."""

    messages: list[dict[str, Any]]
    tools: NotRequired[list[Any]]
    group: NotRequired[str]


class ChatTokenizer:
    """A model folder's tokenizer and chat template."""

    def __init__(self, model_folder: Path) -> None:
        config = json.loads((model_folder / "tokenizer_config.json").read_text())
        self.tokenizer = Tokenizer.from_file(str(model_folder / "tokenizer.json"))
        self.end_of_turn: str = config["eos_token"]
        self.bos_token: str | None = config.get("bos_token")
        self._special = {name: config.get(name) for name in ("bos_token", "eos_token", "pad_token")}
        environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
        environment.globals["raise_exception"] = _raise
        self._source: str = config["chat_template"]
        self._template = environment.from_string(self._source)

    def render(self, row: ChatRow, add_generation_prompt: bool = False) -> str:
        """The text of a conversation. Raises jinja2.TemplateError when the template refuses it."""
        tools = {"tools": row["tools"]} if row.get("tools") else {}
        return self._template.render(
            messages=row["messages"], add_generation_prompt=add_generation_prompt, **tools, **self._special
        )

    def writes(self, field: str) -> bool:
        """Whether the template knows a field beside role and content: one that does not drops it in silence."""
        return re.search(rf"\b{field}\b", self._source) is not None

    def encode(self, text: str) -> tuple[list[int], list[tuple[int, int]]]:
        """Token ids, and the half-open span of characters that each came from. No BOS is added."""
        encoding = self.tokenizer.encode(text, add_special_tokens=False)
        return encoding.ids, encoding.offsets


def _raise(message: str) -> None:
    raise TemplateError(message)
