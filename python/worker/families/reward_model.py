"""A model of any family with one score in place of its head: what a reward model is.

Transformers has such a class for Llama and Gemma 3, and none for Llama 4; theirs read one place of each padded row. Ours is the
class of the family with `score` beside its decoder: names and weights are those of Transformers' classes where these are, so
that what is saved loads there.
"""

from functools import cache
from typing import Any

import torch
from transformers import PreTrainedModel
from transformers.modeling_outputs import SequenceClassifierOutputWithPast

#: The name of Transformers' class for the same weights; Llama 4's are of ours alone.
NAMES = {
    "LlamaForCausalLM": "LlamaForSequenceClassification",
    "Gemma3ForCausalLM": "Gemma3TextForSequenceClassification",
    "Gemma3ForConditionalGeneration": "Gemma3ForSequenceClassification",
    "Llama4ForCausalLM": "Llama4TextForSequenceClassification",
    "Llama4ForConditionalGeneration": "Llama4ForSequenceClassification",
}


@cache
def reward_class(family_class: type[PreTrainedModel]) -> type[PreTrainedModel]:
    """The class of a family with `score`, a projection of the last hidden state to one number without a bias, as Transformers has it."""

    class RewardModel(family_class):  # type: ignore[misc, valid-type]
        # There is no head that could be tied.
        _tied_weights_keys: dict[str, str] = {}
        _keys_to_ignore_on_load_unexpected = [r"lm_head\."]
        _keys_to_ignore_on_load_missing = [r"^score\.weight$"]

        def __init__(self, config: Any) -> None:
            # Written to the config, which else says 2.
            config.num_labels = 1
            super().__init__(config)
            inner: Any = getattr(self, "language_model", None)
            del (inner if hasattr(inner, "lm_head") else self).lm_head
            self.score = torch.nn.Linear(config.get_text_config().hidden_size, 1, bias=False)
            self.post_init()

        def forward(self, ends: torch.Tensor | None = None, **inputs: Any) -> SequenceClassifierOutputWithPast:
            """`logits` [rows, 1]: the score at the last token of each row.

            `inputs`: as the decoder takes them; `ends` [rows], of rows laid end to end, are places among its hidden
            states. Without it rows are padded on their right, and `attention_mask` says how far each goes.
            """
            given = {name: value for name, value in inputs.items() if value is not None}
            hidden = self.get_decoder()(**given | {"use_cache": False}).last_hidden_state
            if ends is None:
                lengths = inputs["attention_mask"].sum(1)
                picked = hidden[torch.arange(len(lengths), device=hidden.device), lengths - 1]
            else:
                picked = hidden.flatten(0, 1).index_select(0, ends)
            with torch.autocast(hidden.device.type, enabled=False):
                return SequenceClassifierOutputWithPast(logits=self.score(picked.float()))  # type: ignore[arg-type]

    RewardModel.__name__ = RewardModel.__qualname__ = NAMES[family_class.__name__]
    # Transformers renames weights of a checkpoint for classes of its own modules only (conversion_mapping.py).
    RewardModel.__module__ = family_class.__module__
    return RewardModel
