"""The reward reference: what a reward model makes of dev answers, and what its scores go by: the better answer, or its length."""

from pathlib import Path
from typing import Any

import torch

from worker.artifact.reference_rows import reference_rows, write_references
from worker.artifact.reload import before_training, is_exact, refuse_another, refuse_unchanged, reload_trained
from worker.compute.row_batch import Example, num_targets
from worker.data.examples import parts_of
from worker.life import Attempt
from worker.protocol import ArtifactReward, Plan, RewardReference

#: Two answers are as long as each other when the longer has at most a tenth more tokens.
MATCHED_LENGTH = 1.1

MEASURING, WRITING = "measuring the trained model", "writing the reward reference"


def trained_rewards(attempt: Attempt, plan: Plan, trainer: Any) -> tuple[list[list[float]], ArtifactReward | None]:
    """What the model as it was trained makes of each reference answer, and its figures on dev (None: there is no dev).

    Nothing where rank 0 does not need the others for it.
    """
    if attempt.rank != 0 and not plan["values"]["model"]["fsdp"]:
        return [], None
    attempt.events.phase(MEASURING)
    model = trainer.model
    model.eval()
    figures = _dev_figures(trainer) if plan["data"]["num_dev_rows"] else None
    # Padding-free attention wants to know where rows begin.
    (model.get_base_model() if plan["values"]["model"]["use_peft"] else model).set_attn_implementation("sdpa")
    answers = attempt.events.counted(MEASURING, _reference_answers(attempt, plan))
    return [_reward(model, token_ids).tolist() for _, _, token_ids in answers], figures


def write_reward_reference(attempt: Attempt, plan: Plan, trained: Any, as_trained: list[list[float]], folder: Path) -> float:
    """Writes reward-reference.jsonl into the artifact's folder, from what was saved there and loaded again.

    Returns the largest absolute change of a reward by the training. Raises as write_parity_reference.
    """
    attempt.events.phase(WRITING)
    model, untrained = reload_trained(plan, folder, trained)
    references: list[RewardReference] = []
    change = 0.0
    answers = list(zip(_reference_answers(attempt, plan), as_trained))
    for (row, text, token_ids), of_trained in attempt.events.counted(WRITING, answers):
        after = _reward(model, token_ids)
        before = before_training(model, untrained, plan, lambda one, ids=token_ids: _reward(one, ids))
        change = max(change, (after - before).abs().item())
        if is_exact(plan):
            refuse_another(after.tolist(), of_trained)
        reference: RewardReference = {"messages": row["messages"], "text": text, "token_ids": token_ids, "reward": after.item()}
        if row.get("tools"):
            reference["tools"] = row["tools"]
        references.append(reference)
    refuse_unchanged(change)
    write_references(folder / "reward-reference.jsonl", references)
    return change


def _reference_answers(attempt: Attempt, plan: Plan) -> list[tuple[Any, str, list[int]]]:
    """Both answers of each pair: as messages, as text and as token ids."""
    return [
        (part.conversation, row["text"], row["input_ids"])
        for pair, example in reference_rows(attempt, plan)
        for part, row in zip(parts_of(pair), example)
    ]


def _reward(model: Any, token_ids: list[int]) -> torch.Tensor:
    """[1] of one row, float32."""
    ids = torch.tensor([token_ids], device=next(model.parameters()).device)
    with torch.no_grad():
        return model(input_ids=ids, attention_mask=torch.ones_like(ids)).logits[:, 0].float().cpu()  # type: ignore[no-any-return]


def _dev_figures(trainer: Any) -> ArtifactReward:
    examples: list[Example] = list(trainer.eval_dataset)
    rewards, lengths = [], []
    for batch in trainer.dev_batches(examples):
        with torch.no_grad(), trainer.accelerator.autocast():
            rewards.append(trainer.rewards(trainer.model, trainer.collate(batch)).float().cpu())
        lengths += [[num_targets(row) for row in trainer.rows_of(example)] for example in batch]
    return reward_figures(torch.cat(rewards), torch.tensor(lengths))


def reward_figures(rewards: torch.Tensor, lengths: torch.Tensor) -> ArtifactReward:
    """`rewards` [pairs, 2] and tokens of the answers [pairs, 2], the better answer first.

    The correlation of reward with length is Pearson's over all answers: in preference data longer answers win
    more often, and reward models learn the length (arXiv 2310.03716). None where either does not vary.
    """
    is_right = rewards[:, 0] > rewards[:, 1]
    is_matched = lengths.max(1).values <= MATCHED_LENGTH * lengths.min(1).values
    varied = torch.stack([rewards.flatten().double(), lengths.flatten().double()])
    varies = bool((varied.std(1) > 0).all())
    return {
        "num_pairs": len(rewards),
        "num_right": int(is_right.sum()),
        "mean_reward": rewards.mean().item(),
        "length_correlation": torch.corrcoef(varied)[0, 1].item() if varies else None,
        "num_matched_pairs": int(is_matched.sum()),
        "num_right_matched": int((is_right & is_matched).sum()),
    }
