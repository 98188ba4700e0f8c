"""The studio: the bodies of a production's jobs, put together."""

from __future__ import annotations

from typing import Any

from ettametta.jobs import JobContext
from ettametta.productions.drafting import Drafting
from ettametta.productions.rendering import Rendering


class Studio:
    """What a worker does for productions."""

    def __init__(self, drafting: Drafting, rendering: Rendering) -> None:
        self._drafting = drafting
        self._rendering = rendering

    async def draft(self, context: JobContext[Any]) -> dict[str, Any]:
        """The body of `production.draft`."""
        return await self._drafting.run(context)

    async def sweep(self) -> int:
        """Remove what killed workers left in the work folder, and give how many folders; for a worker's start."""
        return await self._rendering.sweep()

    async def render(self, context: JobContext[Any]) -> dict[str, Any]:
        """The body of `production.render`."""
        return await self._rendering.run(context)
