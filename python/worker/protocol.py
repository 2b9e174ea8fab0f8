# Generated from src/protocol by `npm run gen`. Do not edit.
"""Types of the files that the worker shares with the rest of Slipway."""

from typing import Any, Literal, NotRequired, TypedDict

Method = Literal["sft", "dpo", "kto"]


class PlanModelsPolicyAdapter(TypedDict):
    run: str
    folder: str
    sha256: str


class PlanModelsPolicy(TypedDict):
    id: str
    folder: str
    sha256: str
    quantization: str
    num_parameters: int
    adapter: PlanModelsPolicyAdapter | None


class PlanModels(TypedDict):
    policy: PlanModelsPolicy
    reference: NotRequired[PlanModelsPolicy]
    reward: NotRequired[PlanModelsPolicy]


class PlanDataAsked0(TypedDict):
    sample: Literal["incident-reports", "incident-summaries"]
    train: int
    dev: int
    test: int
    test_seed: NotRequired[int]


class PlanDataAsked1Columns(TypedDict):
    prompt: NotRequired[str]
    completion: NotRequired[str]
    system: NotRequired[str]
    messages: NotRequired[str]


class PlanDataAsked1(TypedDict):
    train: str
    dev: NotRequired[str]
    test: NotRequired[str]
    columns: NotRequired[PlanDataAsked1Columns]
    encoding: NotRequired[Literal["utf-8", "latin1", "utf-16"]]
    delimiter: NotRequired[str]
    test_file: NotRequired[str]


class PlanDataAsked2(TypedDict):
    file: str
    group: NotRequired[str]
    ignore: NotRequired[list[str]]
    dev: float
    test: float
    columns: NotRequired[PlanDataAsked1Columns]
    encoding: NotRequired[Literal["utf-8", "latin1", "utf-16"]]
    delimiter: NotRequired[str]
    test_file: NotRequired[str]


class PlanData(TypedDict):
    asked: PlanDataAsked0 | PlanDataAsked1 | PlanDataAsked2
    num_train_rows: int
    num_dev_rows: int
    num_test_rows: int
    train_sha256: str
    dev_sha256: str | None
    test_sha256: str | None
    num_train_tokens: int
    longest_row_tokens: int
    heaviest_batch_tokens: int
    computed_share: float


class PlanParity(TypedDict):
    served_mean_nats: float


class PlanSourcesValue(TypedDict):
    source: Literal["recipe", "command line", "model", "data", "machine", "default"]
    why: NotRequired[str]


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


class PlanBase(TypedDict):
    models: PlanModels
    data: PlanData
    gate_sha256: str | None
    parity: PlanParity
    device: Literal["cpu", "cuda"]
    sources: dict[str, PlanSourcesValue]
    forecast: PlanForecast
    coverage: list[PlanCoverageItem]
    resume_from: str | None


class PlanValuesModel(TypedDict):
    use_peft: bool
    load_in_4bit: bool
    precision: Literal["float32", "bfloat16"]
    fsdp: bool
    plain: list[Literal["padding_free", "shared_prefix", "fused_loss", "last_layer", "frozen_layers", "fused_projection", "recomputed", "sparse_experts"]]


class PlanValuesLora(TypedDict):
    r: int
    lora_alpha: float
    lora_dropout: float
    target_modules: list[str]
    target_parameters: list[str]
    layers_to_transform: list[int] | None
    use_rslora: bool


class PlanValuesRun(TypedDict):
    max_length: int
    early_stopping_patience: int
    num_eval_generations: int
    num_processes: int
    num_threads: int
    allow: list[Literal["experts-frozen", "answers-truncated", "rows-without-supervision", "end-of-turn-unsupervised", "pad-ends-turn", "near-duplicates"]]


class PlanValuesBase(TypedDict):
    model: PlanValuesModel
    lora: PlanValuesLora
    run: PlanValuesRun


class PlanValuesTrainingBase(TypedDict):
    learning_rate: float
    num_train_epochs: float
    per_device_train_batch_size: int
    gradient_accumulation_steps: int
    lr_scheduler_type: Literal["cosine", "linear", "constant"]
    warmup_steps: int
    weight_decay: float
    max_grad_norm: float
    eval_steps: int
    save_steps: int
    save_total_limit: int
    load_best_model_at_end: bool
    gradient_checkpointing: bool
    seed: int


class PlanSftValuesTraining(PlanValuesTrainingBase):
    pass


class PlanSftValues(PlanValuesBase):
    training: PlanSftValuesTraining


class PlanSft(PlanBase):
    method: Literal["sft"]
    values: PlanSftValues


class PlanDpoValuesTraining(PlanValuesTrainingBase):
    loss_type: Literal["sigmoid", "ipo", "sigmoid_norm"]
    beta: float


class PlanDpoValues(PlanValuesBase):
    training: PlanDpoValuesTraining


class PlanDpo(PlanBase):
    method: Literal["dpo"]
    values: PlanDpoValues


class PlanKtoValuesTraining(PlanValuesTrainingBase):
    beta: float
    desirable_weight: float
    undesirable_weight: float


class PlanKtoValues(PlanValuesBase):
    training: PlanKtoValuesTraining


class PlanKto(PlanBase):
    method: Literal["kto"]
    values: PlanKtoValues


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


class ArtifactParentsItem(TypedDict):
    run: str
    sha256: str


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
    kind: Literal["adapter", "model", "reward-model"]
    method: Literal["sft", "dpo", "kto"]
    run: str
    base: ArtifactBase
    parents: list[ArtifactParentsItem]
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
    trained_logprobs: NotRequired[list[float]]


Plan = PlanSft | PlanDpo | PlanKto
Event = EventPhase | EventRunStart | EventStepEnd | EventWorstBatch | EventEvalEnd | EventSample | EventCheckpointSave | EventRunEnd | EventRunError
