"""Direct preference optimization through TRL's DPOTrainer: sigmoid, IPO or length-normalized. Run: python -m worker dpo <attempt folder>"""

from typing import Any

import torch
import torch.nn.functional as F
from trl import DPOConfig, DPOTrainer

from worker.compute.row_batch import Example, pad_rows
from worker.life import Attempt
from worker.training.policy_trainer import POLICY_OPTIONS, PolicyTrainer
from worker.training.train_preferences import train_preferences


class DpoTrainer(PolicyTrainer, DPOTrainer):
    """DPOTrainer on pairs whose prompt is computed once. An example's rows: the chosen and the rejected answer's."""

    def padded(self, examples: list[Example]) -> dict[str, Any]:
        """As DataCollatorForPreference: all chosen, then all rejected."""
        rows = [example["rows"][side] for side in (0, 1) for example in examples]
        sums = [[sum(example["reference"][side]) for example in examples] for side in (0, 1)] if "reference" in examples[0] else None
        reference = {} if sums is None else {"ref_chosen_logps": torch.tensor(sums[0]), "ref_rejected_logps": torch.tensor(sums[1])}
        return pad_rows(rows, self.pad_token) | reference

    def compute_loss(self, model: Any, inputs: dict[str, Any], return_outputs: bool = False, num_items_in_batch: Any = None):  # noqa: ANN201
        """The mean loss of the pairs; over `num_items_in_batch` of them where that is given."""
        if not self.is_packed:
            return super().compute_loss(model, inputs, return_outputs, num_items_in_batch)
        policy, reference, counts = (values.view(-1, 2) for values in self.answer_logprobs(model, inputs))
        ratios = policy - reference
        losses = pair_losses(ratios, counts, self.beta, self.loss_types[0])
        rewards = self.beta * ratios.detach()
        self.note(
            {
                "rewards/chosen": rewards[:, 0],
                "rewards/rejected": rewards[:, 1],
                "rewards/margins": rewards[:, 0] - rewards[:, 1],
                "rewards/accuracies": rewards[:, 0] > rewards[:, 1],
                "logps/chosen": policy[:, 0],
                "logps/rejected": policy[:, 1],
            }
        )
        loss = self.mean_loss(losses, num_items_in_batch)
        return (loss, None) if return_outputs else loss


def pair_losses(ratios: torch.Tensor, counts: torch.Tensor, beta: float, loss_type: str) -> torch.Tensor:
    """[pairs] from `ratios` [pairs, 2], log-probability under the policy less that under the reference, chosen first.

    sigmoid: arXiv 2305.18290, equation 7. ipo: arXiv 2310.12036, equation 17, and sigmoid_norm: per token, as
    trl/trainer/dpo_trainer.py has them: a ratio is divided by the answer's tokens, `counts` [pairs, 2].
    """
    mean = ratios / counts.clamp(min=1)
    match loss_type:
        case "sigmoid":
            return -F.logsigmoid(beta * (ratios[:, 0] - ratios[:, 1]))
        case "sigmoid_norm":
            return -F.logsigmoid(beta * (mean[:, 0] - mean[:, 1]))
        case "ipo":
            return (mean[:, 0] - mean[:, 1] - 1 / (2 * beta)) ** 2
        case _:
            raise ValueError(f"no loss of that name: {loss_type}")


def run(attempt: Attempt) -> None:
    """Trains as plan.json says and writes the artifact. Raises as methods/sft.py, and WorkerError reference-differs."""
    train_preferences(attempt, DpoTrainer, DPOConfig, **POLICY_OPTIONS)
