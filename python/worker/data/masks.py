"""Which tokens of a row carry loss: the assistant's answers and the end of turn after each."""

from typing import NotRequired, TypedDict

from worker.data.render import ChatRow, ChatTokenizer
from worker.errors import WorkerError


class TokenRow(TypedDict):
    row: int
    #: Which of an example's texts it is; none: the example is one conversation.
    part: NotRequired[str]
    #: Of a labelled answer: whether it was good.
    label: NotRequired[bool]
    #: Of a pair: by how much its better answer is to be scored higher.
    margin: NotRequired[float]
    input_ids: list[int]
    supervised: list[tuple[int, int]]
    text: str
    supervised_text: list[str]


class TruncatedRow(TypedDict):
    row: int
    num_tokens: int
    num_answer_tokens_cut: int


def truncate_row(row: TokenRow, max_length: int) -> tuple[TokenRow, TruncatedRow | None]:
    """The row cut from its end to `max_length` tokens, and what was cut; unchanged and None when it fits."""
    num_tokens = len(row["input_ids"])
    if num_tokens <= max_length:
        return row, None
    kept = [(start, min(end, max_length)) for start, end in row["supervised"] if start < max_length]
    before, after = (sum(end - start for start, end in spans) for spans in (row["supervised"], kept))
    cut: TokenRow = {**row, "input_ids": row["input_ids"][:max_length], "supervised": kept}
    return cut, {"row": row["row"], "num_tokens": num_tokens, "num_answer_tokens_cut": before - after}


def tokenize_row(chat: ChatTokenizer, conversation: ChatRow, row: int, first_learnt: int = 0) -> TokenRow:
    """Ids and supervised spans of one conversation, cut after its last supervised token.

    `first_learnt`: index of the first message that may carry loss; those before it are a prompt.

    An answer's place is found by rendering the messages before it as for serving: stock templates have no
    generation marks (marin#7237). The template must be prefix-preserving, else the place would be a guess.

    Raises WorkerError field-unrendered for a field that the template drops, double-bos, worker-failed for a template
    that is not prefix-preserving, or a token that straddles an answer's edge.
    """
    _refuse_unrendered(chat, conversation, row)
    text = chat.render(conversation)
    roles = [message["role"] for message in conversation["messages"]]
    spans = [_answer_span(chat, text, conversation, index) for index, role in enumerate(roles) if role == "assistant" and index >= first_learnt]
    input_ids, offsets = chat.encode(text)
    if chat.bos_token and input_ids[:2] == [chat.tokenizer.token_to_id(chat.bos_token)] * 2:
        raise WorkerError("double-bos", row=row, bos=chat.bos_token)
    supervised: list[tuple[int, int]] = []
    supervised_text: list[str] = []
    for start, end in spans:
        if start == end:
            continue
        inside = [i for i, (a, b) in enumerate(offsets) if a >= start and b <= end and b > a]
        straddling = [i for i, (a, b) in enumerate(offsets) if a < start < b or a < end < b]
        if straddling:
            raise WorkerError("worker-failed", problem=f"row {row}: a token straddles the edge of an answer")
        if inside:
            supervised.append((inside[0], inside[-1] + 1))
            supervised_text.append(text[start:end])
    last = supervised[-1][1] if supervised else len(input_ids)
    return {
        "row": row,
        "input_ids": input_ids[:last],
        "supervised": supervised,
        "text": text,
        "supervised_text": supervised_text,
    }


def _refuse_unrendered(chat: ChatTokenizer, conversation: ChatRow, row: int) -> None:
    fields = {field for message in conversation["messages"] for field in message if field not in ("role", "content")}
    for field in sorted(fields | ({"tools"} if conversation.get("tools") else set())):
        if not chat.writes(field):
            raise WorkerError("field-unrendered", field=field, row=row)


def _answer_span(chat: ChatTokenizer, text: str, row: ChatRow, index: int) -> tuple[int, int]:
    """Characters of `text` from the answer's first to the last of its end of turn; empty for an empty answer."""
    messages = row["messages"]
    before = chat.render({**row, "messages": messages[:index]}, add_generation_prompt=True)
    through = chat.render({**row, "messages": messages[: index + 1]})
    if not (through.startswith(before) and text.startswith(through)):
        raise WorkerError("worker-failed", problem="the chat template is not prefix-preserving: masks would be a guess")
    if not messages[index]["content"].strip() and not messages[index].get("tool_calls"):
        return len(before), len(before)
    end_of_turn = through.rfind(chat.end_of_turn)
    if end_of_turn < len(before):
        raise WorkerError("worker-failed", problem=f"the chat template ends no turn with {chat.end_of_turn}")
    return len(before), end_of_turn + len(chat.end_of_turn)


def labels_of(row: TokenRow) -> list[int]:
    """Ids where there is loss, -100 elsewhere; same length as `input_ids`."""
    labels = [-100] * len(row["input_ids"])
    for start, end in row["supervised"]:
        labels[start:end] = row["input_ids"][start:end]
    return labels
