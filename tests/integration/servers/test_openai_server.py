"""The OpenAI test server itself: driven by langchain-openai, the SDK, a process, and requests it must refuse."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from langchain_core.messages import AIMessageChunk, HumanMessage, ToolMessage
from langchain_openai import ChatOpenAI
from pydantic import SecretStr

from tests.servers.openai_replies import Reply, Rule, ToolCall, call, fail, rules_brain, say, structured
from tests.servers.openai_server import OpenAIServer

TOOL = {
    "type": "function",
    "function": {
        "name": "make_video",
        "description": "Make a video.",
        "parameters": {"type": "object", "properties": {"topic": {"type": "string"}}, "required": ["topic"]},
    },
}
USER = {"role": "user", "content": "Hello"}


@pytest.fixture
async def server() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer() as running:
        yield running


@pytest.fixture
async def client(server: OpenAIServer) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(api_key="x", base_url=server.base_url, max_retries=0) as made:
        yield made


def chat_model(server: OpenAIServer, **more: Any) -> ChatOpenAI:
    return ChatOpenAI(model="m", base_url=server.base_url, api_key=SecretStr("x"), max_retries=0, **more)


async def test_langchain_tool_call_streamed_and_answered(server: OpenAIServer) -> None:
    server.queue(call("make_video", topic="green tea: “a story” é"), say("It is being made."))
    model = chat_model(server, stream_usage=True).bind_tools([TOOL])
    whole: AIMessageChunk | None = None
    async for chunk in model.astream([HumanMessage("Make a video about green tea")]):
        assert isinstance(chunk, AIMessageChunk)
        whole = chunk if whole is None else whole + chunk
    assert whole is not None
    assert [(made["name"], made["args"]) for made in whole.tool_calls] == [
        ("make_video", {"topic": "green tea: “a story” é"})
    ]
    assert whole.usage_metadata is not None
    assert whole.usage_metadata["output_tokens"] > 0
    assert whole.response_metadata["finish_reason"] == "tool_calls"
    answer = ToolMessage("queued", tool_call_id=whole.tool_calls[0]["id"] or "")
    last = await model.ainvoke([HumanMessage("Make a video about green tea"), whole, answer])
    assert last.content == "It is being made."


async def test_langchain_two_calls_at_once(server: OpenAIServer) -> None:
    server.queue(
        Reply(
            text="Two at once.",
            tool_calls=(ToolCall("make_video", {"topic": "a"}), ToolCall("make_video", {"topic": "b"})),
        )
    )
    whole: AIMessageChunk | None = None
    async for chunk in chat_model(server).bind_tools([TOOL]).astream("go"):
        assert isinstance(chunk, AIMessageChunk)
        whole = chunk if whole is None else whole + chunk
    assert whole is not None
    assert [made["args"]["topic"] for made in whole.tool_calls] == ["a", "b"]
    assert len({made["id"] for made in whole.tool_calls}) == 2
    assert whole.content == "Two at once."


async def test_stream_on_the_wire(server: OpenAIServer) -> None:
    server.queue(call("make_video", topic="tea"))
    body = {
        "model": "m",
        "messages": [USER],
        "tools": [TOOL],
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    async with httpx.AsyncClient() as http:
        answer = await http.post(f"{server.base_url}/chat/completions", json=body)
    assert answer.headers["content-type"].startswith("text/event-stream")
    lines = [line.removeprefix("data: ") for line in answer.text.split("\n\n") if line]
    assert lines[-1] == "[DONE]"
    chunks = [json.loads(line) for line in lines[:-1]]
    assert {chunk["object"] for chunk in chunks} == {"chat.completion.chunk"}
    assert len({chunk["id"] for chunk in chunks}) == 1
    assert chunks[0]["choices"][0]["delta"]["role"] == "assistant"
    first = chunks[1]["choices"][0]["delta"]["tool_calls"][0]
    assert first == {
        "index": 0, "id": "call_000001_0", "type": "function", "function": {"name": "make_video", "arguments": ""},
    }  # fmt: skip
    pieces = [chunk["choices"][0]["delta"]["tool_calls"][0] for chunk in chunks[2:-2]]
    assert json.loads("".join(piece["function"]["arguments"] for piece in pieces)) == {"topic": "tea"}
    assert all("id" not in piece for piece in pieces)
    assert chunks[-2]["choices"][0] == {"index": 0, "delta": {}, "logprobs": None, "finish_reason": "tool_calls"}
    assert chunks[-1]["choices"] == []
    assert chunks[-1]["usage"]["total_tokens"] > 0
    assert all(chunk["usage"] is None for chunk in chunks[:-1])


async def test_the_sdk_reads_everything(server: OpenAIServer, client: openai.AsyncOpenAI) -> None:
    assert [model.id for model in (await client.models.list()).data] == ["scripted"]
    answer = await client.chat.completions.create(model="m", messages=[{"role": "user", "content": "Hi"}])
    assert answer.choices[0].message.content == "You said: Hi"
    sound = await client.audio.speech.create(model="m", voice="nova", input="Hello there.", response_format="wav")
    assert sound.content[:4] == b"RIFF"


async def test_rules_fill_in_groups(server: OpenAIServer) -> None:
    server.brain = rules_brain(
        [
            Rule("video about (.+)", {"tool_calls": [{"name": "make_video", "arguments": {"topic": "$1"}}]}),
            Rule("queued", {"text": "On its way."}, role="tool"),
        ]
    )
    answer = await chat_model(server).bind_tools([TOOL]).ainvoke("A video about old maps")
    assert answer.tool_calls[0]["args"] == {"topic": "old maps"}


async def test_broken_tool_arguments(server: OpenAIServer) -> None:
    server.queue(Reply(tool_calls=(ToolCall("make_video", raw_arguments='{"topic": '),)))
    answer = await chat_model(server).bind_tools([TOOL]).ainvoke("go")
    assert answer.invalid_tool_calls


async def test_cut_stream(server: OpenAIServer) -> None:
    server.queue(say("one two three four five six seven", truncated=True))
    with pytest.raises(Exception, match=r"(?i)closed|incomplete|disconnect|reset|connection"):
        async for _ in chat_model(server).astream("go"):
            pass


@pytest.mark.parametrize("status", [401, 402, 403, 404, 429, 500, 503])
async def test_errors_have_the_apis_form(server: OpenAIServer, client: openai.AsyncOpenAI, status: int) -> None:
    server.queue(fail(status, code="some_code", retry_after=3))
    with pytest.raises(openai.APIStatusError) as caught:
        await client.chat.completions.create(model="m", messages=[{"role": "user", "content": "Hi"}])
    assert caught.value.status_code == status
    assert caught.value.code == "some_code"
    assert caught.value.response.headers["retry-after"] == "3"


_CALL = {"id": "c1", "type": "function", "function": {"name": "make_video", "arguments": "{}"}}
_CALLING = {"role": "assistant", "content": None, "tool_calls": [_CALL]}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"messages": []}, "messages"),
        ({"messages": "hello"}, "messages"),
        ({"messages": [{"role": "robot", "content": "x"}]}, "role"),
        ({"messages": [{"role": "user", "content": None}]}, "content"),
        ({"messages": [{"role": "user", "content": 3}]}, "content"),
        ({"messages": [USER, _CALLING]}, "must be followed by tool messages"),
        ({"messages": [USER, _CALLING, USER]}, "must be followed by tool messages"),
        ({"messages": [USER, {"role": "tool", "content": "x", "tool_call_id": "c1"}]}, "must be a response"),
        ({"messages": [USER, _CALLING, {"role": "tool", "content": "x"}]}, "tool_call_id"),
        ({"model": None}, "model"),
        ({"temperature": 3}, "temperature"),
        ({"temperature": "hot"}, "temperature"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"max_tokens": 5, "max_completion_tokens": 5}, "same time"),
        ({"stream_options": {"include_usage": True}}, "stream_options"),
        ({"stream": "yes"}, "stream"),
        ({"tools": []}, "tools"),
        ({"tools": [{"type": "function", "function": {"name": "no spaces"}}]}, "name"),
        ({"tools": [TOOL, TOOL]}, "unique"),
        ({"tool_choice": "auto"}, "tool_choice"),
        ({"tools": [TOOL], "tool_choice": "sometimes"}, "tool_choice"),
        ({"parallel_tool_calls": True}, "parallel_tool_calls"),
        ({"response_format": {"type": "xml"}}, "response_format"),
        ({"response_format": {"type": "json_object"}}, "json"),
        ({"response_format": {"type": "json_schema", "json_schema": {"schema": {}}}}, "name"),
        ({"surprise": 1}, "surprise"),
    ],
)
async def test_requests_it_refuses(server: OpenAIServer, change: dict[str, Any], said: str) -> None:
    async with httpx.AsyncClient() as http:
        body = {"model": "m", "messages": [USER], **change}
        answer = await http.post(f"{server.base_url}/chat/completions", json=body)
    assert answer.status_code == 400
    assert said in answer.json()["error"]["message"] + str(answer.json()["error"]["param"])


@pytest.mark.parametrize(
    "change", [{"input": ""}, {"input": "x" * 5_000}, {"voice": "nobody"}, {"speed": 9}, {"response_format": "midi"}]
)
async def test_speech_requests_it_refuses(server: OpenAIServer, change: dict[str, Any]) -> None:
    async with httpx.AsyncClient() as http:
        body = {"model": "m", "input": "Hello.", "voice": "nova", **change}
        assert (await http.post(f"{server.base_url}/audio/speech", json=body)).status_code == 400


async def test_no_json(server: OpenAIServer) -> None:
    async with httpx.AsyncClient() as http:
        answer = await http.post(f"{server.base_url}/chat/completions", content=b"{nonsense")
    assert answer.status_code == 400


async def test_model_list_is_held(client: openai.AsyncOpenAI) -> None:
    async with OpenAIServer(models=("small",)) as server:
        other = client.with_options(base_url=server.base_url)
        with pytest.raises(openai.NotFoundError, match="does not exist"):
            await other.chat.completions.create(model="large", messages=[{"role": "user", "content": "Hi"}])


async def test_closing_ends_slow_answers(client: openai.AsyncOpenAI) -> None:
    async with OpenAIServer() as server:
        server.queue(structured(delay_s=60))
        other = client.with_options(base_url=server.base_url)
        task = asyncio.create_task(
            other.chat.completions.create(model="m", messages=[{"role": "user", "content": "Hi there, json."}])
        )
        await server.wait_for_request()
        started = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - started < 5
    await asyncio.gather(task, return_exceptions=True)


async def test_as_a_process_with_a_script(tmp_path: Path) -> None:
    script = tmp_path / "script.json"
    rules = [
        {"match": "video about (.+)", "reply": {"tool_calls": [{"name": "make_video", "arguments": {"topic": "$1"}}]}}
    ]
    script.write_text(json.dumps({"replies": [{"text": "First."}], "rules": rules}))
    path = Path(__file__).parents[2] / "servers" / "openai_server.py"
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(path), "--port", "0", "--script", str(script), stdout=asyncio.subprocess.PIPE, cwd=tmp_path
    )
    try:
        assert process.stdout is not None
        url = (await asyncio.wait_for(process.stdout.readline(), 30)).decode().strip()
        model = ChatOpenAI(model="m", base_url=url, api_key=SecretStr("x"), max_retries=0)
        assert (await model.ainvoke("Hello")).content == "First."
        answer = await model.bind_tools([TOOL]).ainvoke("a video about tea")
        assert answer.tool_calls[0]["args"] == {"topic": "tea"}
    finally:
        process.terminate()
        await process.wait()
