# Generated from src/protocol by `npm run gen`. Do not edit.
"""Of the reward reference."""

from typing import Any, NotRequired, TypedDict

from worker.protocol.parity_reference import ParityReferenceMessagesItem


class RewardReference(TypedDict):
    messages: list[ParityReferenceMessagesItem]
    tools: NotRequired[list[Any]]
    text: str
    token_ids: list[int]
    reward: float
