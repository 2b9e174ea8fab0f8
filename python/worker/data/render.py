"""A model folder's tokenizer and chat template: conversations as text and as token ids."""

import json
import re
from pathlib import Path
from typing import Any, NotRequired, TypedDict

from tokenizers import Tokenizer

from worker.data.template_environment import template_environment, time_limit, with_reasoning


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
        texts = {name: _token_text(config.get(name)) for name in ("bos_token", "eos_token", "pad_token", "unk_token")}
        self._special = {name: text for name, text in texts.items() if text is not None}
        self.bos_token = self._special.get("bos_token")
        # Transformers 5 writes the template beside the config.
        beside = model_folder / "chat_template.jinja"
        self._source: str = config.get("chat_template") or beside.read_text()
        self._template = template_environment().from_string(self._source)
        self.end_of_turn = self._find_end_of_turn(_end_tokens(model_folder, self.tokenizer))

    def _find_end_of_turn(self, others: list[str]) -> str:
        """Gemma's eos_token ends texts, and <end_of_turn> its answers: what the template writes after one counts."""
        ends = [self._special.get("eos_token", ""), *others]
        probe: ChatRow = {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}
        text = self.render(probe)
        places = {end: text.find(end, text.rfind("b")) for end in ends if end}
        found = {end: place for end, place in places.items() if place >= 0}
        return min(found, key=lambda end: found[end]) if found else ends[0]

    def render(self, row: ChatRow, add_generation_prompt: bool = False) -> str:
        """The text of a conversation. Raises jinja2.TemplateError when the template refuses it or takes too long."""
        with time_limit():
            return self._template.render(
                messages=[with_reasoning(message) for message in row["messages"]],
                tools=row.get("tools"),
                add_generation_prompt=add_generation_prompt,
                **self._special,
            )

    def writes(self, field: str) -> bool:
        """Whether the template knows a field beside role and content: one that does not drops it in silence."""
        return re.search(rf"\b{field}\b", self._source) is not None

    def encode(self, text: str) -> tuple[list[int], list[tuple[int, int]]]:
        """Token ids, and the half-open span of characters that each came from. No BOS is added."""
        encoding = self.tokenizer.encode(text, add_special_tokens=False)
        return encoding.ids, encoding.offsets


def _token_text(token: Any) -> str | None:
    """Tokenizer configs name a token as text, or as an object that holds it."""
    return token["content"] if isinstance(token, dict) else token


def _end_tokens(model_folder: Path, tokenizer: Tokenizer) -> list[str]:
    path = model_folder / "generation_config.json"
    ids = json.loads(path.read_text()).get("eos_token_id", []) if path.exists() else []
    return [text for token in (ids if isinstance(ids, list) else [ids]) if (text := tokenizer.id_to_token(token))]
