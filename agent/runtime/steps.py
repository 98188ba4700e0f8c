"""Between the model and its tools: limits, second tries, other models, rows before steps, outcomes, not exceptions."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from langchain.agents.middleware import AgentMiddleware, AgentState, ModelRequest, ModelResponse
from langchain.agents.middleware.types import ToolCallRequest
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_core.messages.ai import UsageMetadata
from langgraph.types import Command

from agent.runtime.bench import Bench
from agent.runtime.calls import Call, Calls, Outcome
from agent.runtime.chat_model import FILTERED, LIMIT, UNUSABLE
from agent.runtime.model_errors import ModelAnswerError, is_too_long, may_have_cost, may_pass
from agent.runtime.probe import ToolMode
from agent.runtime.reins import stopped
from agent.runtime.strict_chat import BrokenCallError
from agent.runtime.values import ToolFinished, ToolStarted
from ettametta.errors import EttamettaError, ModelError
from ettametta.providers.llm.prices import Tokens

#: A tool's result is cut to this where the conversation is too long for the model.
_SHORT_RESULT_CHARS = 1_000
_CUT_OFF = " […]"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one turn may take: model answers, tokens in and out together, seconds, calls in one answer, dollars."""

    model_calls: int = 8
    tokens: int = 120_000
    seconds: float = 180.0
    calls_at_once: int = 5
    usd: float | None = None


@dataclass(slots=True)
class TurnState:
    """The state of one conversation with the model. `deadline_s` is by the loop's clock."""

    system: str
    calls: Calls
    limits: Limits
    bench: Bench
    models: list[str]
    deadline_s: float
    model_calls: int = 0
    tokens: int = 0
    is_shortened: bool = False
    modes: dict[str, ToolMode] = field(default_factory=dict)

    def begin(self) -> None:
        """One more exchange.

        Raises:
            ModelAnswerError: a limit is reached, the budget is spent, or the person said stop.
        """
        if self.calls.reins.stopped.is_set():
            raise ModelAnswerError(stopped())
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
        await self.calls.purse.pay(self.models[0], tokens, guess=guess)

    async def model(self) -> Any:
        """The client of the model whose turn it is."""
        name = self.models[0]
        if name not in self.modes:
            self.modes[name] = await self.bench.mode(name)
        return self.bench.chat(name, self.modes[name])

    def pass_on(self, error: Exception) -> bool:
        """Let the next model try, where this one does not answer now; False when none can help."""
        is_late = asyncio.get_running_loop().time() >= self.deadline_s
        if is_late or len(self.models) < 2 or not may_pass(error):
            return False
        self.bench.rest(self.models.pop(0))
        return True


Handler = Callable[[ModelRequest[TurnState]], Awaitable[ModelResponse[Any]]]


class Steps(AgentMiddleware[AgentState[Any], TurnState]):
    """The middleware of the agent."""

    async def awrap_model_call(self, request: ModelRequest[TurnState], handler: Handler) -> ModelResponse[Any]:
        """Ask the model; write its calls down under ids of ours."""
        turn = request.runtime.context
        added: list[AnyMessage] = [HumanMessage(line.text) for line in await turn.calls.take_additions()]
        messages = [*request.messages, *added]
        request = request.override(system_message=SystemMessage(turn.system), messages=messages)
        message = await _answered(turn, request, handler)
        text = text_of(message)
        if not message.tool_calls:
            cut = _CUT_OFF if message.response_metadata.get("finish_reason") == "length" else ""
            return ModelResponse(result=[*added, AIMessage(text + cut)])
        wanted = [(call["name"], call["args"]) for call in message.tool_calls[: turn.limits.calls_at_once]]
        announced = await turn.calls.announce_for_model(wanted, text=text)
        return ModelResponse(result=[*added, AIMessage(text, tool_calls=[as_tool_call(call) for call in announced])])

    async def awrap_tool_call(
        self, request: ToolCallRequest, handler: Callable[[ToolCallRequest], Awaitable[ToolMessage | Command[Any]]]
    ) -> ToolMessage:
        """Run a call through the turn's `Calls`, whatever its name and arguments."""
        del handler  # the registered tools only carry the schemas
        turn = cast("TurnState", request.runtime.context)
        asked = request.tool_call
        call = Call(str(asked["id"]), asked["name"], asked["args"])
        write = request.runtime.stream_writer
        write(ToolStarted(call.name, call.label))
        outcome = await turn.calls.run(call)
        write(ToolFinished(call.name, outcome.ok, outcome.summary, outcome.production_id))
        return _tool_message(outcome)


async def _answered(turn: TurnState, request: ModelRequest[TurnState], handler: Handler) -> AIMessage:
    """An answer that can be used.

    It is asked for once more if it cannot, of the next model if one does not answer, and with a shorter conversation if
    that is too long.
    """
    while True:
        messages = shorter(request.messages) if turn.is_shortened else request.messages
        asked = request.override(model=await turn.model(), messages=messages)
        try:
            message = await _ask(turn, asked, handler) or await _ask(turn, asked, handler)
        except Exception as error:
            if is_too_long(error) and not turn.is_shortened:
                turn.is_shortened = True
            elif not turn.pass_on(error):
                raise
        else:
            if message is None:
                raise ModelAnswerError(ModelError("The model gave an empty or broken answer twice.", code=UNUSABLE))
            return message


async def _ask(turn: TurnState, request: ModelRequest[TurnState], handler: Handler) -> AIMessage | None:
    """One answer of the model, paid for; None when it cannot be used."""
    turn.begin()
    guess = sum(len(str(one.content)) for one in request.messages) // 4
    try:
        message = (await _in_time(turn, handler(request))).result[0]
    except BrokenCallError as error:
        await turn.end(error.usage, guess=guess)
        return None
    except BaseException as error:
        if may_have_cost(error):
            await turn.end(None, guess=guess)
        raise
    usage = message.usage_metadata if isinstance(message, AIMessage) else None
    await turn.end(usage, guess=guess + len(str(message.content)) // 4)
    if not isinstance(message, AIMessage):
        return None
    if message.response_metadata.get("finish_reason") == "content_filter":
        raise ModelAnswerError(
            ModelError("The content filter of the language model stopped its answer.", hint="Say it in other words.",
                       code=FILTERED)
        )  # fmt: skip
    return message if message.tool_calls or text_of(message) else None


async def _in_time(turn: TurnState, answer: Awaitable[ModelResponse[Any]]) -> ModelResponse[Any]:
    """The answer, unless the turn's time is up or the person says stop before it comes.

    Raises:
        TimeoutError: the time is up.
        StoppedError: the person said stop.
    """
    answering = asyncio.ensure_future(answer)
    stopping = asyncio.ensure_future(turn.calls.reins.stopped.wait())
    left_s = turn.deadline_s - asyncio.get_running_loop().time()
    try:
        await asyncio.wait({answering, stopping}, timeout=left_s, return_when=asyncio.FIRST_COMPLETED)
        if answering.done():
            return answering.result()
        raise StoppedError if stopping.done() else TimeoutError
    finally:
        answering.cancel()
        stopping.cancel()
        await asyncio.gather(answering, stopping, return_exceptions=True)


class StoppedError(Exception):
    """The person said stop while the model was answering."""


def shorter(messages: Sequence[AnyMessage]) -> list[AnyMessage]:
    """Only what belongs to the newest message of a person, with results cut, for a model that reads no more."""
    starts = [index for index, message in enumerate(messages) if isinstance(message, HumanMessage)]
    kept = messages[starts[-1] :] if starts else messages
    return [_cut(message) if isinstance(message, ToolMessage) else message for message in kept]


def _cut(message: ToolMessage) -> ToolMessage:
    text = str(message.content)
    if len(text) <= _SHORT_RESULT_CHARS:
        return message
    return message.model_copy(update={"content": text[:_SHORT_RESULT_CHARS] + _CUT_OFF})


def as_tool_call(call: Call) -> Any:
    """A call as LangChain has it."""
    return {"id": call.id, "name": call.name, "args": dict(call.args), "type": "tool_call"}


def _tool_message(outcome: Outcome) -> ToolMessage:
    return ToolMessage(
        outcome.as_json(),
        tool_call_id=outcome.call.id,
        name=outcome.call.name,
        status="success" if outcome.ok else "error",
    )


def text_of(message: AIMessage) -> str:
    """What a message says, without what surrounds it."""
    return str(message.text).strip()


def _tokens(usage: UsageMetadata) -> Tokens:
    """The endpoint's own figures."""
    cached = usage.get("input_token_details", {}).get("cache_read", 0)
    return Tokens.counted(usage["input_tokens"], usage["output_tokens"], cached)
