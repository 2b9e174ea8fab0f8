# Generated from src/protocol by `npm run gen`. Do not edit.
"""Of the artifact."""

from typing import Literal, TypedDict

from worker.protocol.plan import PlanCoverageItem


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


class ArtifactReward(TypedDict):
    num_pairs: int
    num_right: int
    mean_reward: float
    length_correlation: float | None
    num_matched_pairs: int
    num_right_matched: int


class Artifact(TypedDict):
    kind: Literal["adapter", "model", "reward-model"]
    method: Literal["sft", "dpo", "kto", "reward"]
    run: str
    base: ArtifactBase
    parents: list[ArtifactParentsItem]
    files: list[ArtifactFilesItem]
    lineage: ArtifactLineage
    train_loss: float
    dev_loss: float | None
    logits_change: float
    reward: ArtifactReward | None
    coverage: list[PlanCoverageItem]
    versions: dict[str, str]
