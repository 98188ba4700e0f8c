"""Jobs that keep what was said within bounds."""

from __future__ import annotations

from typing import Any

from ettametta.bootstrap import Resources
from ettametta.jobs import JobContext


async def summarise(context: JobContext[Resources]) -> dict[str, Any]:
    """`conversation.summarise`: the older turns of a chat become minutes."""
    return {"covered": await context.resources.summaries.work(str(context.job.payload["chat_id"]))}
