# Generated from src/protocol by `npm run gen`. Do not edit.
"""Of the event."""

from typing import Literal, NotRequired, TypedDict

from worker.protocol.plan import PlanCoverageItem


class EventBase(TypedDict):
    seq: int
    at: str


class EventPhase(EventBase):
    type: Literal["phase"]
    name: str
    share: NotRequired[float]


class EventRunStart(EventBase):
    type: Literal["run-start"]
    num_steps: int
    start_step: int
    coverage: list[PlanCoverageItem]
    versions: dict[str, str]


class EventStepEnd(EventBase):
    type: Literal["step-end"]
    step: int
    loss: float
    learning_rate: float
    grad_norm: float
    num_tokens: int
    tokens_per_second: float
    memory_bytes: int
    metrics: dict[str, float]
    seconds_left: float


class EventWorstBatch(EventBase):
    type: Literal["worst-batch"]
    num_tokens: int
    memory_bytes: int
    forecast_bytes: int


class EventEvalEnd(EventBase):
    type: Literal["eval-end"]
    step: int
    loss: float
    is_best: bool
    metrics: dict[str, float]


class EventSample(EventBase):
    type: Literal["sample"]
    step: int
    prompt: str
    answer: str
    expected: str


class EventCheckpointSave(EventBase):
    type: Literal["checkpoint-save"]
    step: int
    folder: str


class EventRunEnd(EventBase):
    type: Literal["run-end"]
    step: NotRequired[int]
    reason: Literal["done", "stopped"]


class EventRunError(EventBase):
    type: Literal["run-error"]
    code: str
    data: dict[str, str | float]


Event = EventPhase | EventRunStart | EventStepEnd | EventWorstBatch | EventEvalEnd | EventSample | EventCheckpointSave | EventRunEnd | EventRunError
