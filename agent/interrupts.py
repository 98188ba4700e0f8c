"""Ctrl-C in a chat: it stops the answer that is being given, and only without one ends the program."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def stopping_first(stop: Callable[[], bool]) -> Iterator[None]:
    """Within the block Ctrl-C calls `stop`; when that says there was nothing to stop, it does what it did before.

    Where signals cannot be heard (Windows, other threads), Ctrl-C stays as it is.
    """
    loop, before = asyncio.get_running_loop(), signal.getsignal(signal.SIGINT)

    def on_signal() -> None:
        if not stop() and callable(before):
            before(signal.SIGINT, None)

    try:
        loop.add_signal_handler(signal.SIGINT, on_signal)
    except (NotImplementedError, ValueError, RuntimeError):
        yield
        return
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGINT)
        if callable(before):
            signal.signal(signal.SIGINT, before)
