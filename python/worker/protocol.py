# Generated from src/protocol by `npm run gen`. Do not edit.
"""Types of the files that the worker shares with the rest of Slipway."""

from typing import Any, Literal, NotRequired, TypedDict

ErrorCode = Literal[
    "option-invalid",
    "recipe-invalid",
    "gate-invalid",
    "data-row-invalid",
    "data-format-unknown",
    "data-limit",
    "data-empty",
    "data-split-overlap",
    "group-unsaid",
    "file-exists",
    "nothing-to-learn",
    "row-too-long",
    "setting-unsupported",
    "request-invalid",
    "prompt-too-long",
    "candidates-identical",
    "gate-margin-negative",
    "unauthorized",
    "host-forbidden",
    "request-forged",
    "page-not-found",
    "file-not-found",
    "model-not-found",
    "run-not-found",
    "comparison-not-found",
    "route-not-found",
    "python-missing",
    "python-setup-failed",
    "disk-too-small",
    "memory-too-small",
    "gpu-missing",
    "gpu-bindings-failed",
    "offline-not-cached",
    "weights-fetch-failed",
    "weights-hash-mismatch",
    "weights-unsupported",
    "disk-full",
    "out-of-memory",
    "diverged",
    "worker-failed",
    "worker-killed",
    "worker-protocol",
    "adapter-unchanged",
    "adapter-unsupported",
    "run-not-resumable",
    "run-active",
    "build-missing",
    "parity-failed",
    "looks-spent",
    "comparison-not-judged",
    "not-verified",
    "engine-failed",
    "engine-busy",
    "endpoint-failed",
    "internal",
]


class RecipeData0(TypedDict):
    sample: Literal["incident-reports"]
    train: int
    dev: int
    test: int


class RecipeData1(TypedDict):
    train: str
    dev: NotRequired[str]
    test: NotRequired[str]


class RecipeData2(TypedDict):
    file: str
    group: NotRequired[str]
    ignore: NotRequired[list[str]]
    dev: float
    test: float


class RecipeParity(TypedDict):
    served_mean_nats: float


class RecipeLora(TypedDict):
    r: NotRequired[int]
    alpha: NotRequired[float]
    dropout: NotRequired[float]
    target_modules: NotRequired[list[Literal["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]]]
    use_rslora: NotRequired[bool]


class Recipe(TypedDict):
    model: str
    method: Literal["sft"]
    data: RecipeData0 | RecipeData1 | RecipeData2
    gate: NotRequired[str]
    parity: NotRequired[RecipeParity]
    lora: NotRequired[RecipeLora]
    learning_rate: NotRequired[float]
    num_train_epochs: NotRequired[float]
    per_device_train_batch_size: NotRequired[int]
    gradient_accumulation_steps: NotRequired[int]
    max_length: NotRequired[int]
    lr_scheduler_type: NotRequired[Literal["cosine", "linear", "constant"]]
    warmup_ratio: NotRequired[float]
    weight_decay: NotRequired[float]
    max_grad_norm: NotRequired[float]
    eval_steps: NotRequired[int]
    save_steps: NotRequired[int]
    save_total_limit: NotRequired[int]
    num_samples: NotRequired[int]
    seed: NotRequired[int]
    num_threads: NotRequired[int]
    num_processes: NotRequired[int]
    precision: NotRequired[Literal["float32", "bfloat16"]]
    packed: NotRequired[bool]
    fused_loss: NotRequired[bool]


class GateFloors(TypedDict):
    valid_json: NotRequired[float]
    time_to_first_token_ms: NotRequired[float]
    forgetting_nats: NotRequired[float]


class GateCandidatesValueDecoding(TypedDict):
    temperature: float
    max_tokens: int
    json_schema: bool
    choice: NotRequired[Literal[True]]


class GateCandidatesValue(TypedDict):
    model: NotRequired[str]
    constant: NotRequired[str]
    system: NotRequired[str]
    num_examples: int
    decoding: GateCandidatesValueDecoding


class Gate(TypedDict):
    challenger: str
    opponents: list[str]
    metric: Literal["exact_record", "exact_fields", "valid_json", "accuracy", "reference_logprob"]
    margin: float
    noninferiority: NotRequired[Literal[True]]
    looks: int
    floors: GateFloors
    price_per_hour: float
    currency: str
    candidates: dict[str, GateCandidatesValue]
    schema: NotRequired[dict[str, Any]]
    labels: NotRequired[list[str]]


class RowMessagesItem(TypedDict):
    role: Literal["system", "user", "assistant", "tool"]
    content: str


class Row(TypedDict):
    messages: list[RowMessagesItem]
    group: NotRequired[str]


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


class RunRecordCommandLineLora(TypedDict):
    r: NotRequired[int]
    alpha: NotRequired[float]
    dropout: NotRequired[float]
    target_modules: NotRequired[list[Literal["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]]]
    use_rslora: NotRequired[bool]


class RunRecordCommandLine(TypedDict):
    lora: NotRequired[RunRecordCommandLineLora]
    learning_rate: NotRequired[float]
    num_train_epochs: NotRequired[float]
    per_device_train_batch_size: NotRequired[int]
    gradient_accumulation_steps: NotRequired[int]
    max_length: NotRequired[int]
    lr_scheduler_type: NotRequired[Literal["cosine", "linear", "constant"]]
    warmup_ratio: NotRequired[float]
    weight_decay: NotRequired[float]
    max_grad_norm: NotRequired[float]
    eval_steps: NotRequired[int]
    save_steps: NotRequired[int]
    save_total_limit: NotRequired[int]
    num_samples: NotRequired[int]
    seed: NotRequired[int]
    num_threads: NotRequired[int]
    num_processes: NotRequired[int]
    precision: NotRequired[Literal["float32", "bfloat16"]]
    packed: NotRequired[bool]
    fused_loss: NotRequired[bool]


class RunRecord(TypedDict):
    id: str
    created_at: str
    recipe_file: str
    recipe_sha256: str
    command_line: RunRecordCommandLine
    slipway_version: str


class ProcessIdentity(TypedDict):
    host: str
    boot_id: str
    pid: int
    start_time: str


class StopRequest(TypedDict):
    requested_at: str
    requested_by: str


class ExitError(TypedDict):
    code: str
    data: dict[str, str | float]


class Exit(TypedDict):
    reason: Literal["done", "stopped", "failed"]
    code: int | None
    signal: str | None
    rank: int | None
    error: ExitError | None
    ended_at: str


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


class ArtifactCoverageItem(TypedDict):
    module_class: Literal["attention", "mlp", "embeddings", "head", "norm", "other"]
    num_parameters: int
    num_adapted_parameters: int
    num_trained_parameters: int


class Artifact(TypedDict):
    kind: Literal["lora"]
    run: str
    base: ArtifactBase
    files: list[ArtifactFilesItem]
    lineage: ArtifactLineage
    train_loss: float
    dev_loss: float | None
    logits_change: float
    coverage: list[ArtifactCoverageItem]
    versions: dict[str, str]


class ParityReferenceMessagesItem(TypedDict):
    role: str
    content: str


class ParityReference(TypedDict):
    messages: list[ParityReferenceMessagesItem]
    text: str
    token_ids: list[int]
    logprobs: list[float]


class BuildFile(TypedDict):
    path: str
    sha256: str
    bytes: int


class BuildParityFloat32(TypedDict):
    base_type: str
    num_rows: int
    num_tokens: int
    num_rows_other_ids: int
    mean_nats: float
    worst_nats: float
    adapter_change_nats: float


class BuildParityServed(TypedDict):
    base_type: str
    num_rows: int
    num_tokens: int
    num_rows_other_ids: int
    mean_nats: float
    worst_nats: float
    adapter_change_nats: float


class BuildParity(TypedDict):
    float32: BuildParityFloat32
    served: BuildParityServed
    served_mean_limit_nats: float
    problems: list[str]


class Build(TypedDict):
    kind: Literal["gguf-lora"]
    file: BuildFile
    source_sha256: str
    converter: str
    parity: BuildParity


class ModelRecordLicense(TypedDict):
    id: str
    file: str | None


class ModelRecordGguf(TypedDict):
    path: str
    sha256: str
    bytes: int


class ModelRecordFilesItem(TypedDict):
    path: str
    sha256: str
    bytes: int


class ModelRecord(TypedDict):
    id: str
    source: str
    sha256: str
    quantization: str
    architecture: str
    num_parameters: int
    context_length: int
    license: ModelRecordLicense
    gguf: ModelRecordGguf
    files: list[ModelRecordFilesItem]
    imported_at: str


class Endpoint(TypedDict):
    base_url: str
    model: str
    api_key: NotRequired[str]


class ServedModelFacts(TypedDict):
    engine: str
    quantization: str
    num_threads: int
    context_length: int


class ServedModel(TypedDict):
    id: str
    object: Literal["model"]
    created: int
    owned_by: str
    parent: NotRequired[str | None]
    sha256: NotRequired[str]
    adapter_sha256: NotRequired[str | None]
    facts: NotRequired[ServedModelFacts]
    chat_template: NotRequired[str]


class CandidateExamplesItem(TypedDict):
    role: Literal["system", "user", "assistant", "tool"]
    content: str


class CandidateDecoding(TypedDict):
    temperature: float
    max_tokens: int
    json_schema: bool
    choice: NotRequired[Literal[True]]


class Candidate(TypedDict):
    name: str
    model: str
    model_sha256: str
    adapter_sha256: str | None
    constant: NotRequired[str]
    system: str | None
    examples: list[CandidateExamplesItem]
    decoding: CandidateDecoding
    schema: dict[str, Any] | None
    labels: NotRequired[list[str]]
    identity: str


class EvidenceAnswerFacts(TypedDict):
    engine: str
    quantization: str
    num_threads: int
    context_length: int


class EvidenceAnswerScores(TypedDict):
    valid_json: NotRequired[float]
    exact_fields: NotRequired[float]
    exact_record: NotRequired[float]
    accuracy: NotRequired[float]


class EvidenceAnswer(TypedDict):
    kind: Literal["answer"]
    id: str
    at: str
    channel: Literal["measured"]
    producer: str
    gate_sha256: str
    candidate: str
    candidate_identity: str
    unit: str
    group: str
    repeat: int
    facts: EvidenceAnswerFacts | None
    answer: str
    finish_reason: str
    scores: EvidenceAnswerScores
    prompt_tokens: int
    completion_tokens: int
    duration_ms: float


class EvidenceTimingFacts(TypedDict):
    engine: str
    quantization: str
    num_threads: int
    context_length: int


class EvidenceTiming(TypedDict):
    kind: Literal["timing"]
    id: str
    at: str
    channel: Literal["measured"]
    producer: str
    gate_sha256: str
    candidate: str
    candidate_identity: str
    unit: str
    group: str
    repeat: int
    facts: EvidenceTimingFacts | None
    is_cold: bool
    time_to_first_token_ms: float
    decode_ms: float
    prompt_tokens: int
    completion_tokens: int


class EvidenceLikelihoodFacts(TypedDict):
    engine: str
    quantization: str
    num_threads: int
    context_length: int


class EvidenceLikelihood(TypedDict):
    kind: Literal["likelihood"]
    id: str
    at: str
    channel: Literal["measured"]
    producer: str
    gate_sha256: str
    candidate: str
    candidate_identity: str
    unit: str
    group: str
    repeat: int
    facts: EvidenceLikelihoodFacts | None
    reference_sha256: str
    num_tokens: int
    base_logprob: float
    logprob: float


class EvidenceReferenceFacts(TypedDict):
    engine: str
    quantization: str
    num_threads: int
    context_length: int


class EvidenceReference(TypedDict):
    kind: Literal["reference"]
    id: str
    at: str
    channel: Literal["measured"]
    producer: str
    gate_sha256: str
    candidate: str
    candidate_identity: str
    unit: str
    group: str
    repeat: int
    facts: EvidenceReferenceFacts | None
    num_tokens: int
    logprob: float


class EvidenceNotMeasuredFacts(TypedDict):
    engine: str
    quantization: str
    num_threads: int
    context_length: int


class EvidenceNotMeasured(TypedDict):
    kind: Literal["not-measured"]
    id: str
    at: str
    channel: Literal["measured"]
    producer: str
    gate_sha256: str
    candidate: str
    candidate_identity: str
    unit: str
    group: str
    repeat: int
    facts: EvidenceNotMeasuredFacts | None
    what: str
    reason: str


class VerdictOpponentsItemDifference(TypedDict):
    estimate: float
    low: float
    high: float


class VerdictOpponentsItemShownBootstrap(TypedDict):
    estimate: float
    low: float
    high: float


class VerdictOpponentsItemShown(TypedDict):
    mcnemar_p: float
    wins: int
    losses: int
    bootstrap: VerdictOpponentsItemShownBootstrap


class VerdictOpponentsItem(TypedDict):
    opponent: str
    difference: VerdictOpponentsItemDifference
    standard_deviation: float
    num_rows: int
    num_clusters: int
    decision: Literal["ship", "skip", "hold"]
    more_clusters: int | None
    shown: VerdictOpponentsItemShown


class VerdictFloorsItemMeasured(TypedDict):
    estimate: float
    low: float
    high: float


class VerdictFloorsItem(TypedDict):
    floor: Literal["valid_json", "time_to_first_token_ms", "forgetting_nats"]
    limit: float
    measured: VerdictFloorsItemMeasured | None
    state: Literal["holds", "fails", "open"]


class VerdictCandidatesItemExactRecordWilson(TypedDict):
    estimate: float
    low: float
    high: float


class VerdictCandidatesItemAccuracyWilson(TypedDict):
    estimate: float
    low: float
    high: float


class VerdictCandidatesItem(TypedDict):
    candidate: str
    num_rows: int
    valid_json: NotRequired[float]
    exact_fields: NotRequired[float]
    exact_record: NotRequired[float]
    exact_record_wilson: NotRequired[VerdictCandidatesItemExactRecordWilson]
    accuracy: NotRequired[float]
    accuracy_wilson: NotRequired[VerdictCandidatesItemAccuracyWilson]
    reference_logprob: NotRequired[float | None]
    tokens_per_second: float | None
    time_to_first_token_cold_ms: float | None
    time_to_first_token_warm_ms: float | None
    cost_per_million_tokens: float | None
    forgetting_nats: float | None


class Verdict(TypedDict):
    at: str
    look: int
    gate_sha256: str
    evidence_sha256: str
    decision: Literal["ship", "skip", "hold"]
    channel: Literal["measured"]
    challenger: str
    metric: Literal["exact_record", "exact_fields", "valid_json", "accuracy", "reference_logprob"]
    margin: float
    is_noninferiority: bool
    because: str
    opponents: list[VerdictOpponentsItem]
    floors: list[VerdictFloorsItem]
    candidates: list[VerdictCandidatesItem]
    currency: str
    not_measured: list[str]


class ReviewSentencesItem(TypedDict):
    text: str
    figure: str
    holds: bool


class Review(TypedDict):
    reviewer: str
    candidate: str
    stance: Literal["ship", "skip"]
    sentences: list[ReviewSentencesItem]


class TombstoneFilesItem(TypedDict):
    path: str
    sha256: str
    bytes: int


class Tombstone(TypedDict):
    kind: Literal["run", "comparison"]
    id: str
    erased_at: str
    files: list[TombstoneFilesItem]


Event = EventPhase | EventRunStart | EventStepEnd | EventEvalEnd | EventSample | EventCheckpointSave | EventRunEnd | EventRunError
Evidence = EvidenceAnswer | EvidenceTiming | EvidenceLikelihood | EvidenceReference | EvidenceNotMeasured
