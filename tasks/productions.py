"""Jobs that make productions."""

from __future__ import annotations

from typing import Any

from ettametta.bootstrap import Resources
from ettametta.jobs import JobContext


async def draft(context: JobContext[Resources]) -> dict[str, Any]:
    """`production.draft`: evidence, script, storyboard; then a proposal or the render."""
    return await context.resources.studio.draft(context)


async def render(context: JobContext[Resources]) -> dict[str, Any]:
    """`production.render`: narration, pictures, encoding, checks; then delivery."""
    return await context.resources.studio.render(context)
