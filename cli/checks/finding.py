"""One line of the doctor, and how a check that fails becomes one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from cli.failures import as_ours

if TYPE_CHECKING:
    from ettametta.settings import Settings

Verdict = Literal["ok", "warn", "bad"]

#: The longest one check may take, in seconds.
_TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found. `warn` works, but not as well as it could; `bad` does not work."""

    name: str
    ok: Verdict
    detail: str
    fix: str = ""


#: Looks at one part of the installation.
Check = Callable[["Settings"], Awaitable[list[Finding]]]


async def look(name: str, check: Check, settings: Settings) -> list[Finding]:
    """Run a check; an exception is a finding too, without what it might give away."""
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            return await check(settings)
    except TimeoutError:
        return [Finding(name, "bad", f"It did not answer within {_TIMEOUT_S:g} s.", "Check that it runs.")]
    except Exception as error:  # noqa: BLE001 -- whatever a part raises is what the doctor is there to report
        ours = as_ours(error)
        if ours is None:
            return [Finding(name, "bad", f"It failed: {type(error).__name__}.", "Set ETTAMETTA_LOG_LEVEL=DEBUG.")]
        return [Finding(name, "bad", ours.message, ours.hint)]
