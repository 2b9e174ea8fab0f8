"""OpenAI's package for Python with its defaults; address and key come from the variables that it reads itself. Prints what has passed."""

import asyncio
import sys
from enum import Enum

import openai
from openai import AsyncOpenAI, OpenAI
from openai.types.chat import ChatCompletion
from pydantic import BaseModel

PLAIN, WITH_TOOLS, EMBEDDER = sys.argv[1:]
MESSAGES = [{"role": "user", "content": "Say this is a test"}]
client = OpenAI()


class Colour(str, Enum):
    red = "red"
    green = "green"


class Step(BaseModel):
    colour: Colour


class Answer(BaseModel):
    steps: list[Step]
    is_final: bool


class GetWeather(BaseModel):
    city: Colour


def answers():
    completion = client.chat.completions.create(model=PLAIN, messages=MESSAGES)
    assert completion.choices[0].message.content
    return "answers"


def streams():
    stream = client.chat.completions.create(model=PLAIN, messages=MESSAGES, stream=True, max_tokens=20)
    first = next(stream)
    assert first.choices[0].delta.role == "assistant"
    assert "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices)
    return "streams"


def raw_response():
    response = client.chat.completions.with_raw_response.create(model=PLAIN, messages=MESSAGES, max_tokens=4)
    assert isinstance(response.parse(), ChatCompletion)
    assert response.request_id
    return "raw response"


def structured_output():
    completion = client.chat.completions.parse(
        model=PLAIN, messages=MESSAGES, response_format=Answer, temperature=0, max_tokens=300
    )
    assert isinstance(completion.choices[0].message.parsed, Answer), completion
    return "structured output"


def tools():
    completion = client.chat.completions.parse(
        model=WITH_TOOLS,
        messages=MESSAGES,
        tools=[openai.pydantic_function_tool(GetWeather)],
        tool_choice="required",
        max_tokens=60,
    )
    call = completion.choices[0].message.tool_calls[0]
    assert isinstance(call.function.parsed_arguments, GetWeather), call
    return "tools"


def embeddings():
    data = client.embeddings.create(model=EMBEDDER, input=["A cat", "A dog"]).data
    assert [len(one.embedding) for one in data] == [576, 576]
    return "embeddings"


def abort():
    stream = client.chat.completions.create(model=PLAIN, messages=MESSAGES, stream=True, max_tokens=400)
    next(stream)
    stream.close()
    assert client.chat.completions.create(model=PLAIN, messages=MESSAGES, max_tokens=1).choices
    return "abort"


def errors():
    for model, key, kind in [("nosuch", None, openai.NotFoundError), (PLAIN, "sk-other", openai.AuthenticationError)]:
        try:
            OpenAI(api_key=key).chat.completions.create(model=model, messages=MESSAGES)
            raise AssertionError("nothing was raised")
        except kind:
            pass
    return "errors"


async def many():
    """More than may wait: some are told to try again, and the package does."""
    patient = AsyncOpenAI(max_retries=10)
    request = {"model": PLAIN, "messages": MESSAGES, "max_tokens": 1}
    return await asyncio.gather(*[patient.chat.completions.create(**request) for _ in range(70)])


async def asynchronous():
    stream = await AsyncOpenAI().chat.completions.create(model=PLAIN, messages=MESSAGES, stream=True, max_tokens=8)
    first = await stream.__anext__()
    assert first.choices
    assert [chunk async for chunk in stream]


for step in (answers, streams, raw_response, structured_output, tools, embeddings, abort, errors):
    print(step(), flush=True)
asyncio.run(asynchronous())
print("async")
assert len(asyncio.run(many())) == 70
print("retry")
