"""Chat templates of real models, rendered by the worker, by Transformers, and by the server: the same text, the same tokens."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import trl
from jinja2.exceptions import TemplateError
from transformers import AutoTokenizer

from worker.data.render import ChatTokenizer
from worker.data.template_environment import time_limit

#: As TRL ships them, and SmolLM2's own.
SHIPPED = ["llama3_1", "gemma3", "qwen2_5", "qwen3", "llama3", "gemma3_training", "qwen3_training"]
TEMPLATES = [*SHIPPED, "smollm2"]
BOS = "<|im_start|>"
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Wetter für einen Ort: <Temperatur> & Wind's Stärke",
        "parameters": {
            "type": "object",
            "required": ["city", "unit"],
            "properties": {"city": {"type": "string"}, "unit": {"enum": ["°C", "°F"]}, "at": {"type": "string", "default": None}},
        },
    },
}
CALL = {"type": "function", "function": {"name": "get_weather", "arguments": {"unit": "°C", "city": "Zürich", "days": 2, "exact": True, "share": 0.5}}}
TOOL_CHAT = [
    {"role": "system", "content": "Sei kurz. 简短。"},
    {"role": "user", "content": "Wie ist das Wetter in Zürich? <b>&amp;</b> \"quoted\" 🙂"},
    {"role": "assistant", "content": "", "tool_calls": [CALL]},
    {"role": "tool", "name": "get_weather", "content": '{"temp": 21, "wind": "föhn"}'},
    {"role": "assistant", "content": "21 °C, Föhn."},
]
PLAIN_CHAT = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "  Hello\n\n# Title ünïcode  "},
    {"role": "assistant", "content": "Hi!", "reasoning_content": "They greet."},
    {"role": "user", "content": "And now?"},
]
#: Templates that know tools; Gemma 3's and Llama 3's do not.
WITH_TOOLS = {"llama3_1", "qwen2_5", "qwen3", "qwen3_training"}


@pytest.fixture(scope="module")
def server():
    process = subprocess.Popen(["node", str(Path(__file__).parent / "render.mjs")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    yield process
    process.kill()


def _served(server: subprocess.Popen, **request: Any) -> str:
    assert server.stdin and server.stdout
    server.stdin.write(json.dumps(request) + "\n")
    server.stdin.flush()
    answer = json.loads(server.stdout.readline())
    assert "text" in answer, answer
    return answer["text"]


def _folder_with(template: str | None, smollm2: Path, folder: Path) -> Path:
    """SmolLM2's tokenizer with another model's template."""
    folder.mkdir()
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (folder / name).write_text((smollm2 / "transformers" / name).read_text())
    if template:
        config = json.loads((folder / "tokenizer_config.json").read_text())
        (folder / "tokenizer_config.json").write_text(json.dumps(config | {"chat_template": template, "bos_token": BOS}))
    return folder


def _template(name: str) -> str | None:
    return None if name == "smollm2" else (Path(trl.__file__).parent / "chat_templates" / f"{name}.jinja").read_text()


@pytest.mark.parametrize("name", TEMPLATES)
def test_three_renderers_give_one_text(name: str, smollm2: Path, tmp_path: Path, server: subprocess.Popen):
    folder = _folder_with(_template(name), smollm2, tmp_path / "model")
    ours = ChatTokenizer(folder)
    reference = AutoTokenizer.from_pretrained(folder)
    chats = [(PLAIN_CHAT, None, True), (PLAIN_CHAT[:3], None, False)]
    if name in WITH_TOOLS:
        chats += [(TOOL_CHAT, [WEATHER], False), (TOOL_CHAT[:2], [WEATHER, WEATHER], True)]
    for messages, tools, prompts in chats:
        row: Any = {"messages": messages} | ({"tools": tools} if tools else {})
        text = ours.render(row, add_generation_prompt=prompts)
        assert text == reference.apply_chat_template(messages, tools=tools, add_generation_prompt=prompts, tokenize=False)
        ids = reference.apply_chat_template(messages, tools=tools, add_generation_prompt=prompts)["input_ids"]
        assert ours.encode(text)[0] == ids
        template = (_template(name) or reference.chat_template).replace("bos_token", f"'{BOS}'")
        assert _served(server, template=template, messages=messages, tools=tools, add_generation_prompt=prompts) == text
    assert "ö" in TOOL_CHAT[3]["content"]


def _rendered(source: str, smollm2: Path, folder: Path) -> str:
    """What a template that ends as SmolLM2's does writes before its turns."""
    turns = "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>{% endfor %}"
    text = ChatTokenizer(_folder_with(source + turns, smollm2, folder)).render({"messages": [{"role": "user", "content": "x"}]})
    return text.split("<|im_start|>")[0]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ {'b': '<é>', 'a': [1, 2]} | tojson }}", '{"b": "<é>", "a": [1, 2]}'),
        ("{% for n in range(9) %}{% if n == 2 %}{% continue %}{% endif %}{% if n > 3 %}{% break %}{% endif %}{{ n }}{% endfor %}", "013"),
        ("{% generation %}kept{% endgeneration %}", "kept"),
        ("{{ strftime_now('%Y') | length }}", "4"),
        ("{% set ns = namespace(n=1) %}{% set ns.n = 2 %}{{ ns.n }}{{ dict(a=3)['a'] }}", "23"),
    ],
)
def test_what_real_templates_use_is_known(source: str, expected: str, smollm2: Path, tmp_path: Path):
    assert _rendered(source, smollm2, tmp_path / "model") == expected


@pytest.mark.parametrize("source", ["{{ range(1000000000) | length }}", "{% set ns = namespace(__class__=1) %}", "{{ ''.__class__.__mro__[1] }}"])
def test_a_template_may_not_leave_its_sandbox(source: str, smollm2: Path, tmp_path: Path):
    with pytest.raises((TemplateError, OverflowError)):
        _rendered(source, smollm2, tmp_path / "model")


def test_a_template_that_never_ends_is_ended(smollm2: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    from worker.data import render

    monkeypatch.setattr(render, "time_limit", lambda: time_limit(0.2))
    loops = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
    with pytest.raises(TemplateError, match=r"longer than 0.2 seconds"):
        _rendered(loops, smollm2, tmp_path / "model")
