"""The language model in a turn: LangChain's agent over an OpenAI-compatible endpoint. Loads LangChain.

No checkpointer: messages are our rows. Every message and outcome is written (by `Calls`) before the next step.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from typing import Any, cast

import structlog
from langchain.agents import create_agent
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage
from langchain_core.tools import StructuredTool
from pydantic import SecretStr

from agent.runtime.bench import Bench, FindMode
from agent.runtime.calls import Call, Calls
from agent.runtime.chat_model import FinalText, ModelEvent
from agent.runtime.model_errors import translate
from agent.runtime.probe import ToolMode
from agent.runtime.reins import stopped
from agent.runtime.schemas import compact_schema
from agent.runtime.steps import Limits, Steps, StoppedError, TurnState, as_tool_call, text_of
from agent.runtime.values import TextDelta
from ettametta.conversation import Line
from ettametta.errors import Bug
from tools import TOOLS, AnyTool

_log = structlog.get_logger(__name__)

#: A local endpoint needs no key, but the client wants one.
_NO_KEY = SecretStr("none")
#: A tool may go on for so long after a turn's time is up; an answer of the model may not.
_GRACE_S = 10.0


class LangChainModel:
    """A model behind an OpenAI-compatible endpoint; built once, used by all turns at once.

    Args:
        api_key: None for an endpoint that needs none.
        timeout_s: longest wait for the first and between any two pieces of one answer.
        limits: of one turn.
        tools: how the models call tools, or who finds out before their first turn.
        fallbacks: other models of the endpoint, asked in this order where the first does not answer now.
    """

    def __init__(
        self,
        *,
        model: str,
        base_url: str,
        api_key: SecretStr | None,
        timeout_s: float = 60.0,
        limits: Limits | None = None,
        tools: ToolMode | FindMode = "native",
        fallbacks: Sequence[str] = (),
    ) -> None:
        os.environ["LANGSMITH_TRACING"] = "false"  # conversations stay in the house
        self._limits = limits or Limits()
        options: dict[str, Any] = {
            "base_url": base_url,
            "api_key": api_key or _NO_KEY,
            "timeout": timeout_s,
            "stream_chunk_timeout": timeout_s,
            "max_retries": 1,
            "stream_usage": True,
            "use_responses_api": False,  # other makers' endpoints do not have it
        }
        self._bench = Bench((model, *fallbacks), options, tools)
        chat = self._bench.chat(model, "native")  # each step says which one it asks
        self._agent: Any = create_agent(
            chat, [_carrier(tool) for tool in TOOLS], middleware=[Steps()], context_schema=TurnState
        )

    async def converse(self, system: str, lines: Sequence[Line], calls: Calls) -> AsyncIterator[ModelEvent]:
        """See ChatModel."""
        deadline_s = asyncio.get_running_loop().time() + self._limits.seconds
        turn = TurnState(system, calls, self._limits, self._bench, self._bench.order(), deadline_s)
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

    async def _run(self, lines: Sequence[Line], turn: TurnState, events: asyncio.Queue[ModelEvent | None]) -> str:
        text = ""
        try:
            async with asyncio.timeout_at(turn.deadline_s + _GRACE_S):
                async for kind, data in self._stream(lines, turn):
                    if kind == "updates":
                        text = _final_text(data) or text
                    elif event := _event(kind, data):
                        events.put_nowait(event)
        except StoppedError:
            raise stopped() from None
        except Exception as error:
            raise translate(error) from error
        finally:
            events.put_nowait(None)
            _log.info("turn.model", model=turn.models[0], model_calls=turn.model_calls, tokens=turn.tokens)
        return text

    async def _stream(self, lines: Sequence[Line], turn: TurnState) -> AsyncIterator[tuple[str, Any]]:
        state = {"messages": [_message(line) for line in lines]}
        # Two graph steps (model, tools) to an answer; our own limit comes first.
        config = {"recursion_limit": 4 * turn.limits.model_calls + 10}
        modes = ["messages", "custom", "updates"]
        async for part in self._agent.astream(state, config, context=turn, stream_mode=modes, version="v2"):
            yield part["type"], part["data"]


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
        return AIMessage(line.text, tool_calls=[as_tool_call(call) for call in calls])
    return HumanMessage(line.text)


def _final_text(update: dict[str, Any]) -> str:
    """The model's last words, when this update of the graph holds them."""
    messages = (update.get("model") or {}).get("messages", [])
    last = messages[-1] if messages else None
    return text_of(last) if isinstance(last, AIMessage) and not last.tool_calls else ""


def _event(kind: str, data: Any) -> ModelEvent | None:
    if kind == "custom":
        return cast("ModelEvent", data)
    message, _about = data
    text = str(message.text) if message.type == "AIMessageChunk" else ""
    return TextDelta(text) if text else None
