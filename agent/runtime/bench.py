"""The models that may answer, the first choice first: the next one comes in where one does not answer now."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import structlog

from agent.runtime.probe import ToolMode
from agent.runtime.strict_chat import StrictChat
from agent.runtime.union_chat import UnionChat

_log = structlog.get_logger(__name__)

#: A model that did not answer is passed over for so long.
_REST_S = 60.0

#: Finds out how a model calls tools.
FindMode = Callable[[str], Awaitable[ToolMode]]


class Bench:
    """Models of one endpoint by name.

    Args:
        names: the first choice first.
        options: of LangChain's client, but for the model's name.
        tools: how all of them call tools, or who finds out for each.
    """

    def __init__(self, names: Sequence[str], options: dict[str, Any], tools: ToolMode | FindMode) -> None:
        self._names = tuple(dict.fromkeys(names))
        self._options = options
        self._tools = tools
        self._chats: dict[tuple[str, ToolMode], StrictChat] = {}
        self._resting: dict[str, float] = {}
        self._finding_out = asyncio.Lock()

    def order(self) -> list[str]:
        """Whom to ask, in this order; those that did not answer lately come last."""
        now = time.monotonic()
        return sorted(self._names, key=lambda name: self._resting.get(name, 0.0) > now)

    def rest(self, name: str) -> None:
        """It did not answer: the others are asked before it for a while."""
        self._resting[name] = time.monotonic() + _REST_S
        _log.warning("model.passed_over", model=name)

    async def mode(self, name: str) -> ToolMode:
        """How a model calls tools."""
        if isinstance(self._tools, str):
            return self._tools
        async with self._finding_out:
            return await self._tools(name)

    def chat(self, name: str, mode: ToolMode) -> StrictChat:
        """The client of a model, made once."""
        key = (name, mode)
        if key not in self._chats:
            options = {**self._options, "model": name}
            self._chats[key] = StrictChat(**options) if mode == "native" else UnionChat(**options, form=mode)
        return self._chats[key]
