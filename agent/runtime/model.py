"""The language model in a turn: LangChain's agent over an OpenAI-compatible endpoint. The only importer of LangChain.

No checkpointer: messages are our rows. Every message and outcome is written (by `Calls`) before the next step.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import structlog
from langchain.agents import create_agent
from langchain.agents.middleware import AgentMiddleware, AgentState, ModelRequest, ModelResponse
from langchain.agents.middleware.types import ToolCallRequest
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.tools import StructuredTool
from langgraph.types import Command
from pydantic import SecretStr

from agent.runtime.calls import Call, Calls, Outcome
from agent.runtime.chat_model import LIMIT, UNUSABLE, FinalText, ModelEvent
from agent.runtime.model_errors import ModelAnswerError, may_have_cost, translate
from agent.runtime.probe import ToolMode
from agent.runtime.schemas import compact_schema
from agent.runtime.strict_chat import BrokenCallError, StrictChat
from agent.runtime.union_chat import UnionChat
from agent.runtime.values import TextDelta, ToolFinished, ToolStarted
from ettametta.conversation import Line
from ettametta.errors import Bug, EttamettaError, ModelError
from ettametta.providers.llm.prices import Tokens
from tools import TOOLS, AnyTool

_log = structlog.get_logger(__name__)

#: A local endpoint needs no key, but the client wants one.
_NO_KEY = SecretStr("none")
#: A tool may go on for so long after a turn's time is up; an answer of the model may not.
_GRACE_S = 10.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What one turn may take: model answers, tokens in and out together, seconds, calls in one answer, dollars."""

    model_calls: int = 8
    tokens: int = 120_000
    seconds: float = 180.0
    calls_at_once: int = 5
    usd: float | None = None


@dataclass(slots=True)
class _Turn:
    """The state of one conversation with the model."""

    system: str
    calls: Calls
    limits: Limits
    model: str
    #: by the loop's clock
    deadline_s: float
    model_calls: int = 0
    tokens: int = 0

    def begin(self) -> None:
        """One more exchange.

        Raises:
            ModelAnswerError: a limit of the turn is reached, or the budget is spent.
        """
        if self.model_calls >= self.limits.model_calls or self.tokens >= self.limits.tokens:
            raise ModelAnswerError(ModelError("The model did not come to an end with this.", code=LIMIT))
        try:
            self.calls.purse.check(self.limits.usd)
        except EttamettaError as error:
            raise ModelAnswerError(error) from None
        self.model_calls += 1

    async def end(self, usage: UsageMetadata | None, *, guess: int) -> None:
        """It took this; where the endpoint does not say, `guess` tokens count for the limits."""
        tokens = _tokens(usage) if usage else None
        self.tokens += tokens.total if tokens else guess
        await self.calls.purse.pay(self.model, tokens, guess=guess)


class LangChainModel:
    """A model behind an OpenAI-compatible endpoint; built once, used by all turns at once.

    Args:
        api_key: None for an endpoint that needs none.
        timeout_s: longest wait for the first and between any two pieces of one answer.
        limits: of one turn.
        tools: how the model calls tools, or who finds out before the first turn.
    """

    def __init__(
        self,
        *,
        model: str,
        base_url: str,
        api_key: SecretStr | None,
        timeout_s: float = 60.0,
        limits: Limits | None = None,
        tools: ToolMode | Callable[[], Awaitable[ToolMode]] = "native",
    ) -> None:
        os.environ["LANGSMITH_TRACING"] = "false"  # conversations stay in the house
        self._limits = limits or Limits()
        self._tools = tools
        self._chat: dict[str, Any] = {
            "model": model,
            "base_url": base_url,
            "api_key": api_key or _NO_KEY,
            "timeout": timeout_s,
            "stream_chunk_timeout": timeout_s,
            "max_retries": 1,
            "stream_usage": True,
            "use_responses_api": False,  # other makers' endpoints do not have it
        }
        self._agents: dict[ToolMode, Any] = {}
        self._finding_out = asyncio.Lock()

    async def _agent(self) -> Any:
        """The agent, in the way the endpoint calls tools; found out before the first turn."""
        async with self._finding_out:
            if not isinstance(self._tools, str) and (found := await self._tools()) not in self._agents:
                self._agents = {found: self._built(found)}
            elif isinstance(self._tools, str) and not self._agents:
                self._agents = {self._tools: self._built(self._tools)}
            return next(iter(self._agents.values()))

    def _built(self, mode: ToolMode) -> Any:
        chat = StrictChat(**self._chat) if mode == "native" else UnionChat(**self._chat, form=mode)
        return create_agent(chat, [_carrier(tool) for tool in TOOLS], middleware=[_Steps()], context_schema=_Turn)

    async def converse(self, system: str, lines: Sequence[Line], calls: Calls) -> AsyncIterator[ModelEvent]:
        """See ChatModel."""
        deadline_s = asyncio.get_running_loop().time() + self._limits.seconds
        turn = _Turn(system, calls, self._limits, self._chat["model"], deadline_s)
        # The graph runs in a task of its own: its time limit must not strike the code that reads the events.
        events: asyncio.Queue[ModelEvent | None] = asyncio.Queue()
        run = asyncio.create_task(self._run(lines, turn, events))
        try:
            while (event := await events.get()) is not None:
                yield event
            yield FinalText(await run)
        finally:
            run.cancel()
            await asyncio.gather(run, return_exceptions=True)

    async def _run(self, lines: Sequence[Line], turn: _Turn, events: asyncio.Queue[ModelEvent | None]) -> str:
        text = ""
        try:
            async with asyncio.timeout_at(turn.deadline_s + _GRACE_S):
                async for kind, data in self._stream(lines, turn):
                    if kind == "updates":
                        text = _final_text(data) or text
                    elif event := _event(kind, data):
                        events.put_nowait(event)
        except Exception as error:
            raise translate(error) from error
        finally:
            events.put_nowait(None)
            _log.info("turn.model", model_calls=turn.model_calls, tokens=turn.tokens)
        return text

    async def _stream(self, lines: Sequence[Line], turn: _Turn) -> AsyncIterator[tuple[str, Any]]:
        state = {"messages": [_message(line) for line in lines]}
        # Two graph steps (model, tools) to an answer; our own limit comes first.
        config = {"recursion_limit": 4 * turn.limits.model_calls + 10}
        agent = await self._agent()
        stream = agent.astream(state, config, context=turn, stream_mode=["messages", "custom", "updates"], version="v2")
        async for part in stream:
            yield part["type"], part["data"]


class _Steps(AgentMiddleware[AgentState[Any], _Turn]):
    """Between the model and its tools: limits, one second try, rows before steps, outcomes instead of exceptions."""

    async def awrap_model_call(
        self,
        request: ModelRequest[_Turn],
        handler: Callable[[ModelRequest[_Turn]], Awaitable[ModelResponse[Any]]],
    ) -> ModelResponse[Any]:
        """Ask the model, once more if the answer cannot be used; write its calls down under ids of ours."""
        turn = request.runtime.context
        request = request.override(system_message=SystemMessage(turn.system))
        message = await self._ask(request, handler) or await self._ask(request, handler)
        if message is None:
            raise ModelAnswerError(ModelError("The model gave an empty or broken answer twice.", code=UNUSABLE))
        text = _text_of(message)
        if not message.tool_calls:
            return ModelResponse(result=[AIMessage(text)])
        wanted = [(call["name"], call["args"]) for call in message.tool_calls[: turn.limits.calls_at_once]]
        announced = await turn.calls.announce_for_model(wanted, text=text)
        return ModelResponse(result=[AIMessage(text, tool_calls=[_as_tool_call(call) for call in announced])])

    @staticmethod
    async def _ask(
        request: ModelRequest[_Turn], handler: Callable[[ModelRequest[_Turn]], Awaitable[ModelResponse[Any]]]
    ) -> AIMessage | None:
        """One answer of the model; None when it cannot be used."""
        turn = request.runtime.context
        turn.begin()
        guess = sum(len(str(one.content)) for one in request.messages) // 4
        try:
            async with asyncio.timeout_at(turn.deadline_s):
                message = (await handler(request)).result[0]
        except BrokenCallError as error:
            await turn.end(error.usage, guess=guess)
            return None
        except BaseException as error:
            if may_have_cost(error):
                await turn.end(None, guess=guess)
            raise
        usage = message.usage_metadata if isinstance(message, AIMessage) else None
        await turn.end(usage, guess=guess + len(str(message.content)) // 4)
        if isinstance(message, AIMessage) and (message.tool_calls or _text_of(message)):
            return message
        return None

    async def awrap_tool_call(
        self, request: ToolCallRequest, handler: Callable[[ToolCallRequest], Awaitable[ToolMessage | Command[Any]]]
    ) -> ToolMessage:
        """Run a call through the turn's `Calls`, whatever its name and arguments."""
        del handler  # the registered tools only carry the schemas
        turn = cast("_Turn", request.runtime.context)
        asked = request.tool_call
        call = Call(str(asked["id"]), asked["name"], asked["args"])
        write = request.runtime.stream_writer
        write(ToolStarted(call.name, call.label))
        outcome = await turn.calls.run(call)
        write(ToolFinished(call.name, outcome.ok, outcome.summary, outcome.production_id))
        return _tool_message(outcome)


def _carrier(tool: AnyTool) -> StructuredTool:
    """A tool as LangChain shows it to the model: name, description, schema."""

    async def refuse(**_arguments: object) -> str:
        raise Bug(f"{tool.name} was called past the turn.")

    return StructuredTool(
        name=tool.name,
        description=tool.description,
        args_schema=compact_schema(tool.input.model_json_schema()),
        coroutine=refuse,
        func=None,
    )


def _message(line: Line) -> BaseMessage:
    if line.role == "tool":
        return ToolMessage(line.text, tool_call_id=line.tool_call_id or "")
    if line.role == "assistant":
        calls = [Call(call["id"], call["name"], call["args"]) for call in line.tool_calls]
        return AIMessage(line.text, tool_calls=[_as_tool_call(call) for call in calls])
    return HumanMessage(line.text)


def _as_tool_call(call: Call) -> Any:
    return {"id": call.id, "name": call.name, "args": dict(call.args), "type": "tool_call"}


def _tool_message(outcome: Outcome) -> ToolMessage:
    return ToolMessage(
        outcome.as_json(),
        tool_call_id=outcome.call.id,
        name=outcome.call.name,
        status="success" if outcome.ok else "error",
    )


def _text_of(message: BaseMessage) -> str:
    return str(message.text).strip()


def _tokens(usage: UsageMetadata) -> Tokens:
    """The endpoint's own figures."""
    cached = usage.get("input_token_details", {}).get("cache_read", 0)
    return Tokens.counted(usage["input_tokens"], usage["output_tokens"], cached)


def _final_text(update: dict[str, Any]) -> str:
    """The model's last words, when this update of the graph holds them."""
    messages = (update.get("model") or {}).get("messages", [])
    last = messages[-1] if messages else None
    return _text_of(last) if isinstance(last, AIMessage) and not last.tool_calls else ""


def _event(kind: str, data: Any) -> ModelEvent | None:
    if kind == "custom":
        return cast("ModelEvent", data)
    message, _about = data
    text = str(message.text) if message.type == "AIMessageChunk" else ""
    return TextDelta(text) if text else None
