"""A reward model through TRL's RewardTrainer: the better of two answers is scored higher. Run: python -m worker reward <attempt folder>"""

from typing import Any

import torch
import torch.nn.functional as F
from torch.utils.data import Sampler
from trl import RewardConfig, RewardTrainer

from worker.compute.replace import replaces
from worker.compute.row_batch import Example, Row, lay_scored, pad_rows
from worker.life import Attempt
from worker.training.preference_trainer import PreferenceTrainer
from worker.training.prompt_sampler import PromptSampler
from worker.training.train_preferences import train_preferences


class RewardModelTrainer(PreferenceTrainer, RewardTrainer):
    """RewardTrainer on pairs whose prompt is computed once, and whose answers are scored at their last token alone."""

    def _get_train_sampler(self, train_dataset: Any = None) -> Sampler[int]:
        examples: list[Example] = list(self.train_dataset)  # type: ignore[arg-type]
        return PromptSampler([self.rows_of(example)[0] for example in examples], self.args.data_seed)  # type: ignore[arg-type]

    def laid(self, rows: list[Row]) -> dict[str, Any]:
        return lay_scored([row["input_ids"] for row in rows], self.shares)

    def padded(self, examples: list[Example]) -> dict[str, Any]:
        """As DataCollatorForPreference: all chosen, then all rejected."""
        batch = pad_rows([self.rows_of(example)[side] for side in (0, 1) for example in examples], self.pad_token)
        return {name: batch[name] for name in ("input_ids", "attention_mask")} | self._margins(examples)

    def beside(self, examples: list[Example]) -> dict[str, Any]:
        return super().beside(examples) | self._margins(examples)

    def _margins(self, examples: list[Example]) -> dict[str, torch.Tensor]:
        """A pair without one has none to keep."""
        margins = [example.get("margin") or 0.0 for example in examples]
        return {"margin": torch.tensor(margins)} if any(margins) else {}

    def rewards(self, model: Any, inputs: dict[str, Any]) -> torch.Tensor:
        """Of each pair of a batch [pairs, 2], float32, the better answer first."""
        inputs.pop("margin", None)
        if not self.is_packed:
            return model(**inputs).logits.view(2, -1).t()  # type: ignore[no-any-return]
        kept, sources = inputs.pop("kept"), inputs.pop("sources")
        inputs.pop("num_examples")
        given = self.frozen_layers.restore(inputs) if self.frozen_layers else inputs
        where = {"kept": kept, "ends": sources} if replaces(self.plan, "last_layer") else {"ends": kept[sources]}
        return model(**given, **where).logits.view(-1, 2)  # type: ignore[no-any-return]

    def compute_loss(self, model: Any, inputs: dict[str, Any], return_outputs: bool = False, num_items_in_batch: Any = None):  # noqa: ANN201
        """The mean loss of the pairs; over `num_items_in_batch` of them where that is given."""
        if not self.is_packed:
            return super().compute_loss(model, inputs, return_outputs, num_items_in_batch)
        margin = inputs.get("margin")
        rewards = self.rewards(model, inputs)
        chosen, rejected = rewards.detach().unbind(1)
        self.note(
            {
                "rewards/chosen": chosen,
                "rewards/rejected": rejected,
                "rewards/margins": chosen - rejected,
                "rewards/accuracies": chosen > rejected,
            }
        )
        loss = self.mean_loss(pair_losses(rewards, margin, self.plan["values"]["training"].get("center_rewards_coefficient")), num_items_in_batch)
        return (loss, None) if return_outputs else loss


def pair_losses(rewards: torch.Tensor, margin: torch.Tensor | None, center_rewards_coefficient: float | None) -> torch.Tensor:
    """[pairs] from `rewards` [pairs, 2], the better answer first, and from the `margin` [pairs] that it is to have.

    Bradley and Terry's model of a choice (arXiv 2203.02155, equation 1) with a margin (Llama 2, arXiv 2307.09288, equation 2); the
    coefficient weighs the squared sum of the two, which holds rewards around zero (arXiv 2312.09244, equation 2), as
    trl/trainer/reward_trainer.py has them.
    """
    difference = rewards[:, 0] - rewards[:, 1]
    losses = -F.logsigmoid(difference if margin is None else difference - margin)
    return losses + (center_rewards_coefficient or 0.0) * rewards.sum(1) ** 2


def run(attempt: Attempt) -> None:
    """Trains as plan.json says and writes the artifact. Raises as methods/sft.py."""
    train_preferences(attempt, RewardModelTrainer, RewardConfig)
