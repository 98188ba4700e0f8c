"""An OpenAI-compatible HTTP server for tests: chat completions (whole and streamed, tools, schemas), speech, images.

In a test::

    async with OpenAIServer() as server:
        server.queue(call("make_video", topic="tea"), say("Done."))
        ...  # use server.base_url
        assert server.requests[0].body["model"]

As a process: `python tests/servers/openai_server.py --port 8000 --script replies.json`; it prints its address.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import json
import re
import secrets
import sys
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiohttp import web

if __name__ == "__main__":  # run by its path: the repository is not on the module path then
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from ettametta.testing import tones
from tests.servers.openai_checks import Fault, chat_fault, image_fault, speech_fault
from tests.servers.openai_pictures import made_picture
from tests.servers.openai_replies import Brain, Reply, call, completed, default_brain, load_script, say
from tests.servers.openai_sounds import encoded

__all__ = ["OpenAIServer", "RecordedRequest", "Reply", "call", "say"]

VOICES = (
    "alloy", "ash", "ballad", "coral", "echo", "fable", "onyx", "nova", "sage", "shimmer", "verse", "marin", "cedar",
)  # fmt: skip
_ERROR_TYPES = {401: "authentication_error", 403: "permission_error", 404: "invalid_request_error", 429: "rate_limit"}


@dataclass(frozen=True)
class RecordedRequest:
    """A request that came: path, headers (lower case), JSON body (None when it was none), when (monotonic seconds)."""

    path: str
    headers: Mapping[str, str]
    body: Any
    at_s: float


class OpenAIServer:
    """The server; an async context manager.

    Args:
        api_key: when given, other keys get 401.
        models: what `GET /models` lists; asking for another model gives 404. Empty: any model.
        unsupported: parts this endpoint refuses with 400: request fields (`temperature`), or `json_schema`.
        voices: voices of `/audio/speech`.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        api_key: str | None = None,
        models: tuple[str, ...] = (),
        unsupported: frozenset[str] = frozenset(),
        voices: tuple[str, ...] = VOICES,
    ) -> None:
        self.requests: list[RecordedRequest] = []
        # Clients are kept by address: a later server on the same port must not be given an earlier one's.
        self._name = f"s{secrets.token_hex(4)}"
        self.brain: Brain = default_brain
        self._port, self._key, self._models = port, api_key, models
        self._unsupported, self._voices = unsupported, voices
        #: answer with addresses of pictures instead of the pictures
        self.images_by_url = False
        self._made_pictures: list[bytes] = []
        self._queue: deque[Reply] = deque()
        self._calls = 0
        self._closing = asyncio.Event()
        self._asked = asyncio.Event()
        self._runner: web.AppRunner | None = None

    @property
    def base_url(self) -> str:
        """What to give as OPENAI_BASE_URL."""
        return f"http://127.0.0.1:{self._port}/{self._name}/v1"

    def queue(self, *replies: Reply) -> None:
        """Answer the next POSTs with these, in order; then `brain` answers again."""
        self._queue.extend(replies)

    def forget(self) -> None:
        """Let go of queued replies that nobody asked for."""
        self._queue.clear()

    def bodies(self, path: str) -> list[Any]:
        """Bodies of the requests to a path that ends so."""
        return [request.body for request in self.requests if request.path.endswith(path)]

    async def wait_for_request(self, timeout_s: float = 10.0) -> None:
        """Until a POST has come (at once, when one did before)."""
        await asyncio.wait_for(self._asked.wait(), timeout_s)

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=20_000_000)
        app.router.add_get(f"/{self._name}/v1/models", self._list_models)
        app.router.add_post(f"/{self._name}/v1/chat/completions", self._chat)
        app.router.add_post(f"/{self._name}/v1/audio/speech", self._speech)
        app.router.add_post(f"/{self._name}/v1/images/generations", self._images)
        app.router.add_get("/made/{name}", self._made)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        if self._runner:
            await self._runner.cleanup()

    async def _list_models(self, request: web.Request) -> web.StreamResponse:
        refused = self._check_key(request)
        names = self._models or ("scripted",)
        listed = [{"id": name, "object": "model", "created": 0, "owned_by": "tests"} for name in names]
        return refused or web.json_response({"object": "list", "data": listed})

    async def _record(self, request: web.Request) -> Any:
        try:
            body = json.loads(await request.read())
        except ValueError:
            body = None
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.requests.append(RecordedRequest(request.path, headers, body, time.monotonic()))
        self._asked.set()
        return body

    def _check_key(self, request: web.Request) -> web.Response | None:
        if self._key is None or request.headers.get("Authorization") == f"Bearer {self._key}":
            return None
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return _error(Reply(status=401, error_code="invalid_api_key", error_message=f"Incorrect API key: {given}"))

    def _check_model(self, body: Mapping[str, Any]) -> web.Response | None:
        if not self._models or body["model"] in self._models:
            return None
        message = f"The model '{body['model']}' does not exist or you do not have access to it."
        return _error(Reply(status=404, error_code="model_not_found", error_message=message))

    def _unsupported_fault(self, body: Mapping[str, Any]) -> Fault | None:
        for name in self._unsupported & body.keys():
            return Fault(
                f"Unsupported parameter: '{name}' is not supported with this model.", name, "unsupported_value"
            )
        wanted = body.get("response_format")
        form = wanted.get("type") if isinstance(wanted, dict) else wanted
        if form in self._unsupported:
            return Fault(f"Invalid parameter: 'response_format' of type '{form}' is not supported.", "response_format")
        return None

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        body = await self._record(request)
        refused = self._check_key(request)
        if refused:
            return refused
        fault = chat_fault(body) or self._unsupported_fault(body)
        if fault:
            return _fault(fault)
        unknown = self._check_model(body)
        if unknown:
            return unknown
        reply = completed(self._queue.popleft() if self._queue else self.brain(body), body)
        special = await self._special(request, reply)
        if special is not None:
            return special
        self._calls += 1
        answer = _Answer(reply, body, self._calls)
        if body.get("stream"):
            return await answer.stream(request)
        return await _send(request, json.dumps(answer.whole()).encode(), reply, "application/json")

    async def _speech(self, request: web.Request) -> web.StreamResponse:
        body = await self._record(request)
        refused = self._check_key(request)
        if refused:
            return refused
        fault = speech_fault(body, self._voices) or self._unsupported_fault(body)
        if fault:
            return _fault(fault)
        unknown = self._check_model(body)
        if unknown:
            return unknown
        reply = self._queue.popleft() if self._queue else Reply()
        special = await self._special(request, reply)
        if special is not None:
            return special
        sound, _ = tones(body["input"], pace=body.get("speed", 1.0))
        content, content_type = encoded(sound, body.get("response_format", "mp3"))
        return await _send(request, content, reply, content_type)

    async def _images(self, request: web.Request) -> web.StreamResponse:
        body = await self._record(request)
        refused = self._check_key(request)
        if refused:
            return refused
        fault = image_fault(body) or self._unsupported_fault(body)
        if fault:
            return _fault(fault)
        unknown = self._check_model(body)
        if unknown:
            return unknown
        reply = self._queue.popleft() if self._queue else Reply()
        special = await self._special(request, reply)
        if special is not None:
            return special
        picture = made_picture(body["prompt"], body.get("size", "1024x1024"))
        by_url = {"url": f"http://127.0.0.1:{self._port}/made/{len(self._made_pictures)}.png"}
        self._made_pictures.append(picture)
        entry = by_url if self.images_by_url else {"b64_json": base64.b64encode(picture).decode()}
        answer = {"created": 1_700_000_000, "data": [entry]}
        return await _send(request, json.dumps(answer).encode(), reply, "application/json")

    async def _made(self, request: web.Request) -> web.StreamResponse:
        number = int(request.match_info["name"].removesuffix(".png"))
        return web.Response(body=self._made_pictures[number], content_type="image/png")

    async def _special(self, request: web.Request, reply: Reply) -> web.StreamResponse | None:
        """Delays, errors and raw bodies, which are alike everywhere."""
        if reply.delay_s:
            with contextlib.suppress(TimeoutError):  # cut short only when the server closes
                await asyncio.wait_for(self._closing.wait(), reply.delay_s)
        if reply.raw is not None:
            return await _send(request, reply.raw, reply, "application/json")
        return _error(reply) if reply.status != 200 else None


class _Answer:
    """A reply in the wire format."""

    def __init__(self, reply: Reply, body: Mapping[str, Any], number: int) -> None:
        self._reply, self._body = reply, body
        self._id = f"chatcmpl-{number:06d}"
        self._created = int(time.time())
        self._calls = [
            {
                "id": tool_call.id or f"call_{number:06d}_{index}",
                "type": "function",
                "function": {"name": tool_call.name, "arguments": tool_call.json_arguments},
            }
            for index, tool_call in enumerate(reply.tool_calls)
        ]

    def whole(self) -> dict[str, Any]:
        message: dict[str, Any] = {"role": "assistant", "content": self._content(), "refusal": self._reply.refusal}
        if self._calls:
            message["tool_calls"] = self._calls
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": self._finish_reason()}
        usage = {"usage": self._usage()} if self._reply.send_usage else {}
        return {**self._head("chat.completion"), "choices": [choice], **usage}

    async def stream(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", **self._reply.headers})
        await response.prepare(request)
        chunks = self._chunks()
        for chunk in chunks[: len(chunks) // 2] if self._reply.truncated else chunks:
            await response.write(f"data: {json.dumps(chunk)}\n\n".encode())
        if self._reply.truncated and request.transport:
            request.transport.abort()
            return response
        await response.write(b"data: [DONE]\n\n")
        return response

    def _content(self) -> str | None:
        if self._reply.text is None and (self._calls or self._reply.refusal):
            return None
        return self._reply.text or ""

    def _finish_reason(self) -> str:
        return self._reply.finish_reason or ("tool_calls" if self._calls else "stop")

    def _head(self, kind: str) -> dict[str, Any]:
        return {"id": self._id, "object": kind, "created": self._created, "model": self._body["model"]}

    def _usage(self) -> dict[str, Any]:
        written = (self._reply.text or "") + json.dumps(self._calls)
        counted = (len(json.dumps(self._body["messages"])) // 4 + 1, len(written) // 4 + 1)
        prompt, completion = self._reply.usage or counted
        details = (
            {"prompt_tokens_details": {"cached_tokens": self._reply.cached_tokens}} if self._reply.cached_tokens else {}
        )
        totals = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
        return {**totals, **details}

    def _chunks(self) -> list[dict[str, Any]]:
        deltas = self._deltas()
        counts = bool((self._body.get("stream_options") or {}).get("include_usage")) and self._reply.send_usage
        null_usage = {"usage": None} if counts else {}
        head = self._head("chat.completion.chunk")
        finishes = [None] * len(deltas) + [self._finish_reason()]
        chunks = [
            {**head, "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}], **null_usage}
            for delta, finish in zip([*deltas, {}], finishes, strict=True)
        ]
        return [*chunks, {**head, "choices": [], "usage": self._usage()}] if counts else chunks

    def _deltas(self) -> list[dict[str, Any]]:
        content = self._content()
        deltas: list[dict[str, Any]] = [
            {"role": "assistant", "content": None if content is None else "", "refusal": None}
        ]
        deltas.extend({"content": piece} for piece in re.findall(r"\S+\s*|\s+", content or ""))
        if self._reply.refusal:
            deltas.append({"refusal": self._reply.refusal})
        for index, tool_call in enumerate(self._calls):
            deltas.extend(_tool_deltas(index, tool_call))
        return deltas


def _tool_deltas(index: int, tool_call: dict[str, Any]) -> list[dict[str, Any]]:
    """Id, type and name first, then the arguments in pieces, as the API streams them."""
    function = tool_call["function"]
    first = {"index": index, **tool_call, "function": {"name": function["name"], "arguments": ""}}
    pieces = re.findall(r".{1,12}", function["arguments"], re.DOTALL)
    more = [{"index": index, "function": {"arguments": piece}} for piece in pieces]
    return [{"tool_calls": [part]} for part in (first, *more)]


async def _send(request: web.Request, data: bytes, reply: Reply, content_type: str) -> web.StreamResponse:
    headers = {"Content-Type": reply.content_type or content_type, **reply.headers}
    if not reply.truncated:
        return web.Response(body=data, status=reply.status, headers=headers)
    response = web.StreamResponse(status=reply.status, headers={**headers, "Content-Length": str(len(data))})
    await response.prepare(request)
    await response.write(data[: len(data) // 2])
    if request.transport:
        request.transport.close()
    return response


def _error(reply: Reply) -> web.Response:
    error = {
        "message": reply.error_message or f"The test server answers {reply.status}.",
        "type": _ERROR_TYPES.get(reply.status, "server_error" if reply.status >= 500 else "invalid_request_error"),
        "param": reply.error_param,
        "code": reply.error_code,
    }
    return web.json_response({"error": error}, status=reply.status, headers=dict(reply.headers))


def _fault(fault: Fault) -> web.Response:
    return _error(Reply(status=400, error_message=fault.message, error_param=fault.param, error_code=fault.code))


async def _serve(port: int, script: Path | None) -> None:
    async with OpenAIServer(port=port) as server:
        if script:
            replies, server.brain = load_script(script)
            server.queue(*replies)
        sys.stdout.write(f"{server.base_url}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


def _main() -> None:
    parser = argparse.ArgumentParser(description="An OpenAI-compatible server for tests.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--script", type=Path)
    arguments = parser.parse_args()
    try:
        asyncio.run(_serve(arguments.port, arguments.script))
    except KeyboardInterrupt:
        sys.exit(0)


if __name__ == "__main__":
    _main()
