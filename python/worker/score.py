"""The verb `score`: a reward model that is asked over Node's IPC channel (src/run/scorer/scorer.ts), which is a socket of JSON lines.

`{"id", "request": {"op": "load", "base_folder", "artifact_folder", "num_threads"}}` loads it and says
`{"id", "answer": {"engine", "context_length"}}`; `{"op": "score", "conversations"}` gives `{"rewards", "prompt_tokens"}`, null
for a conversation that is longer than the context. What fails says
`{"id", "error": {"code", "data"}}` of the catalogue, or `{"id", "problem"}`.
"""

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from jinja2 import TemplateError

from worker.data.masks import tokenize_row
from worker.data.render import ChatRow, ChatTokenizer
from worker.errors import WorkerError
from worker.life import die_with_parent

#: Tokens that are computed together: what conversations begin alike with is computed once, and memory stays small.
MAX_BATCH_TOKENS = 4096
#: Rewards are around 1 and float32 has 24 bits: one of the same weights and tokens differs in its last bits only.
SAME_REWARD = 1e-3


class RewardModel:
    """An artifact on its base, in float32 on a CPU, and the tokenizer that renders its conversations."""

    def __init__(self, base_folder: Path, artifact_folder: Path, num_threads: int) -> None:
        """Raises WorkerError artifact-differs when it does not score its reference answers as the trained model did."""
        # Here, so that what is missing is an answer and no end of the process before it.
        import torch
        from peft import PeftModel

        from worker.compute.tree_attention import TREE_ATTENTION, register_tree_attention
        from worker.families.load import load_model

        torch.set_num_threads(num_threads)
        register_tree_attention()
        is_adapter = (artifact_folder / "adapter_config.json").exists()
        source = base_folder if is_adapter else artifact_folder
        model: Any = load_model(source, torch.float32, TREE_ATTENTION, score_seed=0)
        self._model = (PeftModel.from_pretrained(model, artifact_folder) if is_adapter else model).eval()
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self._model.to(self._device)
        self._chat = ChatTokenizer(source)
        self.context_length: int = model.config.get_text_config().max_position_embeddings
        self.engine = f"PyTorch {torch.__version__}"
        self._refuse_another(artifact_folder / "reward-reference.jsonl")

    def score(self, conversations: list[ChatRow]) -> dict[str, list[Any]]:
        """Of each conversation its reward, and its tokens. None for one that is longer than the context.

        Raises WorkerError as tokenize_row, a conversation's row being its number, jinja2.TemplateError, and UnicodeEncodeError
        for half of a surrogate pair, which JSON can hold and no text can.
        """
        from worker.compute.row_batch import batches_of

        json.dumps(conversations, ensure_ascii=False).encode()
        rows = [self._token_ids(conversation, number) for number, conversation in enumerate(conversations, 1)]
        rewards: list[float | None] = [None] * len(rows)
        fitting = [{"input_ids": ids, "at": at} for at, ids in enumerate(rows) if len(ids) <= self.context_length]
        for batch in batches_of(fitting, lambda row: [row], MAX_BATCH_TOKENS, shares=True) if fitting else []:
            for row, reward in zip(batch, self._rewards([row["input_ids"] for row in batch])):
                rewards[row["at"]] = reward
        return {"rewards": rewards, "prompt_tokens": [len(ids) for ids in rows]}

    def _token_ids(self, conversation: ChatRow, number: int) -> list[int]:
        """Up to the end of its last turn, as in training."""
        return tokenize_row(self._chat, conversation, number, len(conversation["messages"]) - 1)["input_ids"]

    def _rewards(self, rows: list[list[int]]) -> list[float]:
        import torch

        from worker.compute.row_batch import lay_scored

        batch = lay_scored(rows, shares=True)
        ends = batch.pop("kept")[batch.pop("sources")]
        given = {name: value.to(self._device) if isinstance(value, torch.Tensor) else value for name, value in batch.items()}
        with torch.no_grad():
            return self._model(**given, ends=ends.to(self._device)).logits[:, 0].tolist()  # type: ignore[no-any-return]

    def _refuse_another(self, reference: Path) -> None:
        lines = [json.loads(line) for line in reference.read_text(encoding="utf-8").splitlines()]
        conversations = [{"messages": line["messages"], **({"tools": line["tools"]} if "tools" in line else {})} for line in lines]
        difference = 0.0
        for number, (line, conversation) in enumerate(zip(lines, conversations), 1):
            # Those of a row that was cut to max_length are what its conversation begins with.
            if self._token_ids(conversation, number)[: len(line["token_ids"])] != line["token_ids"]:  # type: ignore[arg-type]
                raise _differs(reference, "other token ids for the same messages")
            difference = max(difference, abs(self._rewards([line["token_ids"]])[0] - line["reward"]))
        if not difference <= SAME_REWARD:
            raise _differs(reference, f"{difference:.1e}")


def _differs(reference: Path, difference: str) -> WorkerError:
    return WorkerError("artifact-differs", difference=difference, log=str(reference), run=reference.parents[1].name)


def _refusal(request_id: int, problem: str) -> dict[str, Any]:
    return {"id": request_id, "error": {"code": "request-invalid", "data": {"problem": problem}}}


def serve_scores() -> int:
    """Answers until the channel is closed."""
    die_with_parent()
    # Ctrl-C goes to every process of the terminal; when this one ends is for the server to say, which ends its answers first.
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, signal.SIG_IGN)
    model: RewardModel | None = None
    # Node's child_process documentation, options.stdio: the descriptor of the channel.
    channel = int(os.environ["NODE_CHANNEL_FD"])
    requests, replies = os.fdopen(channel, "rb"), os.fdopen(os.dup(channel), "wb")
    for line in requests:
        message = json.loads(line)
        request = message.get("request")
        # What else comes is the end of a wait, of which there is nothing to end here.
        if request is None:
            continue
        try:
            if request["op"] == "load":
                model = RewardModel(Path(request["base_folder"]), Path(request["artifact_folder"]), request["num_threads"])
                answer: dict[str, Any] = {"engine": model.engine, "context_length": model.context_length}
            else:
                assert model is not None
                answer = model.score(request["conversations"])
            reply = {"id": message["id"], "answer": answer}
        except TemplateError as error:
            reply = _refusal(message["id"], f"the model's chat template refuses it: {error}")
        except UnicodeEncodeError as error:
            reply = _refusal(message["id"], f"a text is not valid Unicode: {error}")
        except WorkerError as error:
            reply = {"id": message["id"], "error": {"code": error.code, "data": error.data}}
        except Exception as error:
            print(f"{type(error).__name__}: {error}", file=sys.stderr)
            reply = {"id": message["id"], "problem": f"{type(error).__name__}: {error}"[:500]}
        replies.write(json.dumps(reply).encode() + b"\n")
        replies.flush()
    return 0
