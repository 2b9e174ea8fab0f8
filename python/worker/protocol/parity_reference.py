# Generated from src/protocol by `npm run gen`. Do not edit.
"""Of the parity reference."""

from typing import Any, Literal, NotRequired, TypedDict


class ParityReferenceMessagesItem(TypedDict):
    role: Literal["system", "user", "assistant", "tool"]
    content: str
    thinking: NotRequired[str]
    reasoning_content: NotRequired[str]
    tool_calls: NotRequired[list[Any]]
    tool_call_id: NotRequired[str]
    name: NotRequired[str]


class ParityReference(TypedDict):
    messages: list[ParityReferenceMessagesItem]
    tools: NotRequired[list[Any]]
    text: str
    token_ids: list[int]
    logprobs: list[float]
    trained_logprobs: NotRequired[list[float]]
