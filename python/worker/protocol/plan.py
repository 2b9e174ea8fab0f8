# Generated from src/protocol by `npm run gen`. Do not edit.
"""Of the plan."""

from typing import Literal, NotRequired, TypedDict


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


class PlanValuesBase(TypedDict):
    model: PlanValuesModel
    lora: PlanValuesLora


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


class PlanValuesRunBase(TypedDict):
    max_length: int
    early_stopping_patience: int
    num_processes: int
    num_threads: int
    allow: list[Literal["experts-frozen", "answers-truncated", "rows-without-supervision", "end-of-turn-unsupervised", "pad-ends-turn", "near-duplicates"]]


class PlanSftValuesTraining(PlanValuesTrainingBase):
    pass


class PlanSftValuesRun(PlanValuesRunBase):
    num_eval_generations: int


class PlanSftValues(PlanValuesBase):
    training: PlanSftValuesTraining
    run: PlanSftValuesRun


class PlanSft(PlanBase):
    method: Literal["sft"]
    values: PlanSftValues


class PlanDpoValuesTraining(PlanValuesTrainingBase):
    loss_type: Literal["sigmoid", "ipo", "sigmoid_norm"]
    beta: float


class PlanDpoValues(PlanValuesBase):
    training: PlanDpoValuesTraining
    run: PlanSftValuesRun


class PlanDpo(PlanBase):
    method: Literal["dpo"]
    values: PlanDpoValues


class PlanKtoValuesTraining(PlanValuesTrainingBase):
    beta: float
    desirable_weight: float
    undesirable_weight: float


class PlanKtoValues(PlanValuesBase):
    training: PlanKtoValuesTraining
    run: PlanSftValuesRun


class PlanKto(PlanBase):
    method: Literal["kto"]
    values: PlanKtoValues


class PlanRewardValuesTraining(PlanValuesTrainingBase):
    center_rewards_coefficient: float | None


class PlanRewardValuesRun(PlanValuesRunBase):
    pass


class PlanRewardValues(PlanValuesBase):
    training: PlanRewardValuesTraining
    run: PlanRewardValuesRun


class PlanReward(PlanBase):
    method: Literal["reward"]
    values: PlanRewardValues


Method = Literal["sft", "dpo", "kto", "reward"]
Plan = PlanSft | PlanDpo | PlanKto | PlanReward
