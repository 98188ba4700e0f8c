"""Jobs that look for candidates."""

from __future__ import annotations

from typing import Any

from ettametta.bootstrap import Resources
from ettametta.jobs import JobContext


async def scan(context: JobContext[Resources]) -> dict[str, Any]:
    """`discovery.scan`: the sources of a niche, until a deadline."""
    return await context.resources.discovery.scanner.run(context)
