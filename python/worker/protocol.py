# Generated from src/protocol by `npm run gen`. Do not edit.
"""Types of the files that the worker shares with the rest of Slipway."""

from typing import Any, Literal, NotRequired, TypedDict


class PlanModel(TypedDict):
    id: str
    folder: str
    sha256: str
    quantization: str
    num_parameters: int


class PlanDataAsked0(TypedDict):
    sample: Literal["incident-reports"]
    train: int
    dev: int
    test: int


class PlanDataAsked1(TypedDict):
    train: str
    dev: NotRequired[str]
    test: NotRequired[str]


class PlanDataAsked2(TypedDict):
    file: str
    group: NotRequired[str]
    ignore: NotRequired[list[str]]
    dev: float
    test: float


class PlanData(TypedDict):
    asked: PlanDataAsked0 | PlanDataAsked1 | PlanDataAsked2
    num_train_rows: int
    num_dev_rows: int
    train_sha256: str
    dev_sha256: str | None
    num_train_tokens: int
    longest_row_tokens: int


class PlannedBool(TypedDict):
    value: bool
    source: Literal["recipe", "command line", "model", "data", "machine", "default"]
    why: NotRequired[str]


class PlannedInt(TypedDict):
    value: int
    source: Literal["recipe", "command line", "model", "data", "machine", "default"]
    why: NotRequired[str]


class PlannedFloat(TypedDict):
    value: float
    source: Literal["recipe", "command line", "model", "data", "machine", "default"]
    why: NotRequired[str]


class PlannedListStr(TypedDict):
    value: list[str]
    source: Literal["recipe", "command line", "model", "data", "machine", "default"]
    why: NotRequired[str]


class PlannedLiteralCosineLinearConstant(TypedDict):
    value: Literal["cosine", "linear", "constant"]
    source: Literal["recipe", "command line", "model", "data", "machine", "default"]
    why: NotRequired[str]


class PlannedLiteralCpuCuda(TypedDict):
    value: Literal["cpu", "cuda"]
    source: Literal["recipe", "command line", "model", "data", "machine", "default"]
    why: NotRequired[str]


class PlannedLiteralFloat32Bfloat16Float16(TypedDict):
    value: Literal["float32", "bfloat16", "float16"]
    source: Literal["recipe", "command line", "model", "data", "machine", "default"]
    why: NotRequired[str]


class PlannedListLiteralExpertsFrozenAnswersTrun(TypedDict):
    value: list[Literal["experts-frozen", "answers-truncated", "rows-without-supervision", "end-of-turn-unsupervised", "pad-ends-turn", "float16-overflow"]]
    source: Literal["recipe", "command line", "model", "data", "machine", "default"]
    why: NotRequired[str]


class PlanSettings(TypedDict):
    use_peft: PlannedBool
    load_in_4bit: PlannedBool
    lora_r: PlannedInt
    lora_alpha: PlannedFloat
    lora_dropout: PlannedFloat
    lora_target_modules: PlannedListStr
    lora_target_parameters: PlannedListStr
    use_rslora: PlannedBool
    learning_rate: PlannedFloat
    num_train_epochs: PlannedFloat
    per_device_train_batch_size: PlannedInt
    gradient_accumulation_steps: PlannedInt
    max_length: PlannedInt
    lr_scheduler_type: PlannedLiteralCosineLinearConstant
    warmup_ratio: PlannedFloat
    weight_decay: PlannedFloat
    max_grad_norm: PlannedFloat
    eval_steps: PlannedInt
    save_steps: PlannedInt
    save_total_limit: PlannedInt
    early_stopping_patience: PlannedInt
    load_best_model_at_end: PlannedBool
    gradient_checkpointing: PlannedBool
    num_eval_generations: PlannedInt
    seed: PlannedInt
    device: PlannedLiteralCpuCuda
    num_threads: PlannedInt
    num_processes: PlannedInt
    precision: PlannedLiteralFloat32Bfloat16Float16
    padding_free: PlannedBool
    fused_loss: PlannedBool
    allow: PlannedListLiteralExpertsFrozenAnswersTrun


class PlanForecast(TypedDict):
    num_steps: int
    num_trained_parameters: int
    memory_bytes: int
    disk_bytes: int
    duration_s: float | None


class PlanCoverageItem(TypedDict):
    module_class: Literal["attention", "mlp", "shared expert", "routed experts", "router", "embeddings", "head", "norm", "vision"]
    num_parameters: int
    num_reached_parameters: int
    num_trained_parameters: int


class Plan(TypedDict):
    method: Literal["sft"]
    model: PlanModel
    data: PlanData
    settings: PlanSettings
    forecast: PlanForecast
    coverage: list[PlanCoverageItem]
    resume_from: str | None


class EventPhase(TypedDict):
    type: Literal["phase"]
    seq: int
    at: str
    name: str
    share: NotRequired[float]


class EventRunStart(TypedDict):
    type: Literal["run-start"]
    seq: int
    at: str
    num_steps: int
    start_step: int
    coverage: list[PlanCoverageItem]
    versions: dict[str, str]


class EventStepEnd(TypedDict):
    type: Literal["step-end"]
    seq: int
    at: str
    step: int
    loss: float
    learning_rate: float
    grad_norm: float
    num_tokens: int
    tokens_per_second: float
    memory_bytes: int
    seconds_left: float


class EventWorstBatch(TypedDict):
    type: Literal["worst-batch"]
    seq: int
    at: str
    num_tokens: int
    memory_bytes: int
    forecast_bytes: int


class EventEvalEnd(TypedDict):
    type: Literal["eval-end"]
    seq: int
    at: str
    step: int
    loss: float
    is_best: bool


class EventSample(TypedDict):
    type: Literal["sample"]
    seq: int
    at: str
    step: int
    prompt: str
    answer: str
    expected: str


class EventCheckpointSave(TypedDict):
    type: Literal["checkpoint-save"]
    seq: int
    at: str
    step: int
    folder: str


class EventRunEnd(TypedDict):
    type: Literal["run-end"]
    seq: int
    at: str
    step: int
    reason: Literal["done", "stopped"]


class EventRunError(TypedDict):
    type: Literal["run-error"]
    seq: int
    at: str
    code: str
    data: dict[str, str | float]


class InspectionSplitsItemLongestRow(TypedDict):
    row: int
    num_tokens: int


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
    supervised_tokens: InspectionSplitsItemSupervisedTokens
    rows_without_supervision: list[int]
    truncated_rows: list[InspectionSplitsItemTruncatedRowsItem]
    is_end_of_turn_supervised: bool


class InspectionFirstRowsItem(TypedDict):
    row: int
    input_ids: list[int]
    supervised: list[list[int]]
    text: str
    supervised_text: list[str]


class Inspection(TypedDict):
    max_length: int
    tokenizer_sha256: str
    splits: list[InspectionSplitsItem]
    first_rows: list[InspectionFirstRowsItem]


class ArtifactBase(TypedDict):
    id: str
    sha256: str
    quantization: str


class ArtifactFilesItem(TypedDict):
    path: str
    sha256: str
    bytes: int


class ArtifactLineage(TypedDict):
    plan_sha256: str
    train_sha256: str
    num_attempts: int
    num_steps: int
    best_step: int | None


class Artifact(TypedDict):
    kind: Literal["lora", "full"]
    run: str
    base: ArtifactBase
    files: list[ArtifactFilesItem]
    lineage: ArtifactLineage
    train_loss: float
    dev_loss: float | None
    logits_change: float
    coverage: list[PlanCoverageItem]
    versions: dict[str, str]


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


Event = EventPhase | EventRunStart | EventStepEnd | EventWorstBatch | EventEvalEnd | EventSample | EventCheckpointSave | EventRunEnd | EventRunError
