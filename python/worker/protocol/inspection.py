# Generated from src/protocol by `npm run gen`. Do not edit.
"""Of the inspection."""

from typing import Literal, NotRequired, TypedDict


class InspectionSplitsItemLongestRow(TypedDict):
    row: int
    num_tokens: int


class InspectionSplitsItemComputedSharesItem(TypedDict):
    num_rows: int
    share: float


class InspectionSplitsItemSupervisedTokens(TypedDict):
    min: int
    median: float
    max: int


class InspectionSplitsItemTruncatedRowsItem(TypedDict):
    row: int
    num_tokens: int
    num_answer_tokens_cut: int


class InspectionSplitsItem(TypedDict):
    split: Literal["train", "dev"]
    sha256: str
    num_rows: int
    num_tokens: int
    longest_row: InspectionSplitsItemLongestRow
    longest_lengths: list[int]
    heaviest_own_tokens: list[int]
    computed_shares: list[InspectionSplitsItemComputedSharesItem]
    supervised_tokens: InspectionSplitsItemSupervisedTokens
    rows_without_supervision: list[int]
    truncated_rows: list[InspectionSplitsItemTruncatedRowsItem]
    is_end_of_turn_supervised: bool


class InspectionFirstRowsItem(TypedDict):
    row: int
    part: NotRequired[Literal["chosen", "rejected", "completion"]]
    label: NotRequired[bool]
    margin: NotRequired[float]
    input_ids: list[int]
    supervised: list[list[int]]
    text: str
    supervised_text: list[str]


class Inspection(TypedDict):
    max_length: int
    tokenizer_sha256: str
    splits: list[InspectionSplitsItem]
    first_rows: list[InspectionFirstRowsItem]
