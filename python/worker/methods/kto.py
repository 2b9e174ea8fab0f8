"""Kahneman-Tversky optimization through TRL's KTOTrainer: answers that were good or not. Run: python -m worker kto <attempt folder>"""

from typing import Any

import torch
from trl import KTOConfig, KTOTrainer

from worker.compute.row_batch import Example, pad_rows
from worker.life import Attempt
from worker.training.policy_trainer import POLICY_OPTIONS, PolicyTrainer
from worker.training.train_preferences import train_preferences


class KtoTrainer(PolicyTrainer, KTOTrainer):
    """KTOTrainer whose prompts are computed once. An example's rows: its answer's, and another prompt's answer's."""

    # The KL term is one of a batch.
    may_regroup = False

    def beside(self, examples: list[Example]) -> dict[str, Any]:
        return super().beside(examples) | {"label": torch.tensor([example["label"] for example in examples])}

    def padded(self, examples: list[Example]) -> dict[str, Any]:
        """As DataCollatorForUnpairedPreference."""
        answers, others = ([example["rows"][side] for example in examples] for side in (0, 1))
        batch = pad_rows(answers, self.pad_token)
        batch |= {f"KL_{name}": values for name, values in pad_rows(others, self.pad_token).items()}
        batch["label"] = torch.tensor([example["label"] for example in examples])
        if "reference" in examples[0]:
            batch["ref_logps"] = torch.tensor([sum(example["reference"][0]) for example in examples])
            batch["ref_KL_logps"] = torch.tensor([sum(example["reference"][1]) for example in examples])
        return batch

    def compute_loss(self, model: Any, inputs: dict[str, Any], return_outputs: bool = False, num_items_in_batch: Any = None):  # noqa: ANN201
        """The mean loss of the answers; over `num_items_in_batch` of them where that is given."""
        if not self.is_packed:
            return super().compute_loss(model, inputs, return_outputs, num_items_in_batch)
        is_good = inputs.pop("label")
        policy, reference, _ = (values.view(-1, 2) for values in self.answer_logprobs(model, inputs))
        ratios = policy - reference
        # How far the policy has moved is no part of what is learnt.
        kl = ratios[:, 1].detach().mean()
        if self.model.training:  # type: ignore[union-attr]
            kl = self.accelerator.gather(kl).mean()  # type: ignore[union-attr]
        kl = kl.clamp(min=0)
        losses = answer_losses(ratios[:, 0], is_good, kl, self.beta)
        weights = torch.where(is_good, self.desirable_weight, self.undesirable_weight)
        rewards = self.beta * ratios[:, 0].detach()
        self.note(
            {
                "rewards/chosen": rewards[is_good],
                "rewards/rejected": rewards[~is_good],
                "logps/chosen": policy[is_good, 0],
                "logps/rejected": policy[~is_good, 0],
                "loss/chosen": losses[is_good],
                "loss/rejected": losses[~is_good],
                "kl": kl.expand(len(losses)),
            }
        )
        loss = self.mean_loss(weights * losses, num_items_in_batch)
        return (loss, None) if return_outputs else loss


def answer_losses(ratios: torch.Tensor, is_good: torch.Tensor, kl: torch.Tensor, beta: float) -> torch.Tensor:
    """[answers], before weights, from `ratios` [answers]: log-probability under the policy less that under the reference.

    arXiv 2402.01306, equation 8, as trl/trainer/kto_trainer.py has it: 0.5 while policy and reference are equal.
    """
    values = torch.where(is_good, ratios - kl, kl - ratios)
    return 1 - torch.sigmoid(beta * values)


def run(attempt: Attempt) -> None:
    """Trains as plan.json says and writes the artifact. Raises as methods/sft.py, and WorkerError reference-differs."""
    train_preferences(attempt, KtoTrainer, KTOConfig, **POLICY_OPTIONS)
