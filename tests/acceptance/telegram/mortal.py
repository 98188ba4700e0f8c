"""A process with worker and bot that kills itself at a named moment: `python -m tests.acceptance.telegram.mortal`.

Arguments: Bot API URL, database URL, data folder, moment (kept, handled, answered, placeholder, uploaded, never).
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from agent.runtime.building import build_openclaw
from agent.telegram import run_bot
from ettametta.conversation import Inbox
from ettametta.delivery import outbox
from tests.acceptance.telegram.quick import QuickStudio, open_home, settings_for


def die() -> None:
    """Gone, without a chance to tidy up."""
    os.kill(os.getpid(), signal.SIGKILL)


def dying(method: Callable[..., Awaitable[Any]], *, before: bool, when: Callable[..., bool]) -> Callable[..., Any]:
    """A method that takes the process with it, before or after it was carried out."""

    async def call(*args: Any, **named: Any) -> Any:
        if before and when(*args, **named):
            die()
        result = await method(*args, **named)
        if not before and when(*args, **named):
            die()
        return result

    return call


def noting(put: Callable[..., Awaitable[None]], said: list[str]) -> Callable[..., Any]:
    """Outbox.put that also notes the texts."""

    async def call(*args: Any, **named: Any) -> None:
        said.append(str(named["payload"].get("text")))
        await put(*args, **named)

    return call


def _is_deadly(_inbox: object, _id: str, _lane: str, payload: dict[str, Any]) -> bool:
    return "/make" in str(payload.get("message", {}).get("text"))


def _is_video(_outbox: object, parcel: outbox.Parcel, *_: object) -> bool:
    return parcel.kind == "video"


def _is_answer(_outbox: object, parcel: outbox.Parcel, *_: object) -> bool:
    return "I am on it" in str(parcel.payload.get("text"))


def arm(moment: str) -> None:
    """Set the trap. A lease is short, so that what a dead process held is soon free."""
    outbox.LEASE = timedelta(seconds=1)
    box: Any = outbox.Outbox
    inbox: Any = Inbox
    if moment == "kept":
        inbox.keep = dying(Inbox.keep, before=False, when=_is_deadly)
    elif moment == "handled":
        said: list[str] = []
        box.put = noting(box.put, said)
        inbox.finish = dying(Inbox.finish, before=True, when=lambda *_, **__: any("I am on it" in one for one in said))
    elif moment == "answered":
        box.sent = dying(box.sent, before=True, when=_is_answer)
    elif moment == "placeholder":
        box.record_address = dying(box.record_address, before=False, when=_is_video)
    elif moment == "uploaded":
        box.sent = dying(box.sent, before=True, when=_is_video)


async def main(url: str, database_url: str, folder: str, moment: str) -> None:
    """Run until killed or told to stop."""
    arm(moment)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    studio = QuickStudio()
    if moment in {"kept", "handled", "answered"}:
        studio.go.clear()  # else the video could be done before the answer is written
    async with open_home(settings_for(url, database_url, Path(folder), job_lease_s=1.0), studio) as home:
        await run_bot(home.resources, build_openclaw(home.resources), stop)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:5]))
