# Generated from src/protocol by `npm run gen`. Do not edit.
"""Types of the files that the worker shares with the rest of Slipway."""

from typing import Any, Literal, NotRequired, TypedDict


class PlanModel(TypedDict):
    id: str
    folder: str
    sha256: str
    quantization: str
    num_parameters: int
    pad_token_id: int
    end_of_turn_token_id: int


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


class PlanSettingsLoraR(TypedDict):
    value: int
    source: Literal["recipe", "command line", "model", "data", "machine", "default"]
    why: NotRequired[str]


class PlanSettingsLoraAlpha(TypedDict):
    value: float
    source: Literal["recipe", "command line", "model", "data", "machine", "default"]
    why: NotRequired[str]


class PlanSettingsLoraDropout(TypedDict):
    value: float
    source: Literal["recipe", "command line", "model", "data", "machine", "default"]
    why: NotRequired[str]


class PlanSettingsLoraTargetModules(TypedDict):
    value: list[Literal["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]]
    source: Literal["recipe", "command line", "model", "data", "machine", "default"]
    why: NotRequired[str]


class PlanSettingsUseRslora(TypedDict):
    value: bool
    source: Literal["recipe", "command line", "model", "data", "machine", "default"]
    why: NotRequired[str]


class PlanSettingsLearningRate(TypedDict):
    value: float
    source: Literal["recipe", "command line", "model", "data", "machine", "default"]
    why: NotRequired[str]


class PlanSettingsNumTrainEpochs(TypedDict):
    value: float
    source: Literal["recipe", "command line", "model", "data", "machine", "default"]
    why: NotRequired[str]


class PlanSettingsPerDeviceTrainBatchSize(TypedDict):
    value: int
    source: Literal["recipe", "command line", "model", "data", "machine", "default"]
    why: NotRequired[str]


class PlanSettingsGradientAccumulationSteps(TypedDict):
    value: int
    source: Literal["recipe", "command line", "model", "data", "machine", "default"]
    why: NotRequired[str]


class PlanSettingsMaxLength(TypedDict):
    value: int
    source: Literal["recipe", "command line", "model", "data", "machine", "default"]
    why: NotRequired[str]


class PlanSettingsLrSchedulerType(TypedDict):
    value: Literal["cosine", "linear", "constant"]
    source: Literal["recipe", "command line", "model", "data", "machine", "default"]
    why: NotRequired[str]


class PlanSettingsWarmupRatio(TypedDict):
    value: float
    source: Literal["recipe", "command line", "model", "data", "machine", "default"]
    why: NotRequired[str]


class PlanSettingsWeightDecay(TypedDict):
    value: float
    source: Literal["recipe", "command line", "model", "data", "machine", "default"]
    why: NotRequired[str]


class PlanSettingsMaxGradNorm(TypedDict):
    value: float
    source: Literal["recipe", "command line", "model", "data", "machine", "default"]
    why: NotRequired[str]


class PlanSettingsEvalSteps(TypedDict):
    value: int
    source: Literal["recipe", "command line", "model", "data", "machine", "default"]
    why: NotRequired[str]


class PlanSettingsSaveSteps(TypedDict):
    value: int
    source: Literal["recipe", "command line", "model", "data", "machine", "default"]
    why: NotRequired[str]


class PlanSettingsSaveTotalLimit(TypedDict):
    value: int
    source: Literal["recipe", "command line", "model", "data", "machine", "default"]
    why: NotRequired[str]


class PlanSettingsNumSamples(TypedDict):
    value: int
    source: Literal["recipe", "command line", "model", "data", "machine", "default"]
    why: NotRequired[str]


class PlanSettingsSeed(TypedDict):
    value: int
    source: Literal["recipe", "command line", "model", "data", "machine", "default"]
    why: NotRequired[str]


class PlanSettingsNumThreads(TypedDict):
    value: int
    source: Literal["recipe", "command line", "model", "data", "machine", "default"]
    why: NotRequired[str]


class PlanSettingsNumProcesses(TypedDict):
    value: int
    source: Literal["recipe", "command line", "model", "data", "machine", "default"]
    why: NotRequired[str]


class PlanSettingsPrecision(TypedDict):
    value: Literal["float32", "bfloat16"]
    source: Literal["recipe", "command line", "model", "data", "machine", "default"]
    why: NotRequired[str]


class PlanSettingsPacked(TypedDict):
    value: bool
    source: Literal["recipe", "command line", "model", "data", "machine", "default"]
    why: NotRequired[str]


class PlanSettingsFusedLoss(TypedDict):
    value: bool
    source: Literal["recipe", "command line", "model", "data", "machine", "default"]
    why: NotRequired[str]


class PlanSettings(TypedDict):
    lora_r: PlanSettingsLoraR
    lora_alpha: PlanSettingsLoraAlpha
    lora_dropout: PlanSettingsLoraDropout
    lora_target_modules: PlanSettingsLoraTargetModules
    use_rslora: PlanSettingsUseRslora
    learning_rate: PlanSettingsLearningRate
    num_train_epochs: PlanSettingsNumTrainEpochs
    per_device_train_batch_size: PlanSettingsPerDeviceTrainBatchSize
    gradient_accumulation_steps: PlanSettingsGradientAccumulationSteps
    max_length: PlanSettingsMaxLength
    lr_scheduler_type: PlanSettingsLrSchedulerType
    warmup_ratio: PlanSettingsWarmupRatio
    weight_decay: PlanSettingsWeightDecay
    max_grad_norm: PlanSettingsMaxGradNorm
    eval_steps: PlanSettingsEvalSteps
    save_steps: PlanSettingsSaveSteps
    save_total_limit: PlanSettingsSaveTotalLimit
    num_samples: PlanSettingsNumSamples
    seed: PlanSettingsSeed
    num_threads: PlanSettingsNumThreads
    num_processes: PlanSettingsNumProcesses
    precision: PlanSettingsPrecision
    packed: PlanSettingsPacked
    fused_loss: PlanSettingsFusedLoss


class PlanForecast(TypedDict):
    num_steps: int
    num_trained_parameters: int
    memory_bytes: int
    disk_bytes: int
    duration_s: float


class Plan(TypedDict):
    method: Literal["sft"]
    model: PlanModel
    data: PlanData
    settings: PlanSettings
    forecast: PlanForecast
    resume_from: str | None


class EventPhase(TypedDict):
    type: Literal["phase"]
    seq: int
    at: str
    name: str
    share: NotRequired[float]


class EventRunStartCoverageItem(TypedDict):
    module_class: Literal["attention", "mlp", "embeddings", "head", "norm", "other"]
    num_parameters: int
    num_adapted_parameters: int
    num_trained_parameters: int


class EventRunStart(TypedDict):
    type: Literal["run-start"]
    seq: int
    at: str
    num_steps: int
    start_step: int
    coverage: list[EventRunStartCoverageItem]
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


class EventEvalEnd(TypedDict):
    type: Literal["eval-end"]
    seq: int
    at: str
    step: int
    loss: float


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


class InspectionSplitsItem(TypedDict):
    split: Literal["train", "dev"]
    sha256: str
    num_rows: int
    num_tokens: int
    longest_row: InspectionSplitsItemLongestRow
    supervised_tokens: InspectionSplitsItemSupervisedTokens
    rows_without_supervision: list[int]
    rows_too_long: list[int]
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


class Artifact(TypedDict):
    kind: Literal["lora"]
    run: str
    base: ArtifactBase
    files: list[ArtifactFilesItem]
    lineage: ArtifactLineage
    train_loss: float
    dev_loss: float | None
    logits_change: float
    coverage: list[EventRunStartCoverageItem]
    versions: dict[str, str]


class ParityReferenceMessagesItem(TypedDict):
    role: str
    content: str


class ParityReference(TypedDict):
    messages: list[ParityReferenceMessagesItem]
    text: str
    token_ids: list[int]
    logprobs: list[float]


Event = EventPhase | EventRunStart | EventStepEnd | EventEvalEnd | EventSample | EventCheckpointSave | EventRunEnd | EventRunError
