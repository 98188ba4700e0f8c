"""Ctrl-C and SIGTERM as something a command can wait for; the second one ends it at once."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupts:
    """Signals that came so far."""

    def __init__(self) -> None:
        self.stop = asyncio.Event()
        self.count = 0
        self.last: signal.Signals | None = None

    @property
    def exit_code(self) -> int:
        """The shell's convention for a process a signal ended: 128 and its number; 0 when none came."""
        return 0 if self.last is None else 128 + self.last

    def press(self, number: signal.Signals) -> None:
        """A signal has come."""
        self.count += 1
        self.last = number
        self.stop.set()


@asynccontextmanager
async def catch_signals(*, patience: int = 1) -> AsyncIterator[Interrupts]:
    """Count signals within the block; those after the first `patience` cancel the task that entered it."""
    interrupts = Interrupts()
    task = asyncio.current_task()

    def on_signal(number: signal.Signals) -> None:
        interrupts.press(number)
        if interrupts.count > patience and task is not None:
            task.cancel()

    restore = [_listen(number, on_signal) for number in _SIGNALS]
    try:
        yield interrupts
    finally:
        for undo in restore:
            undo()


def _listen(number: signal.Signals, on_signal: Callable[[signal.Signals], None]) -> Callable[[], None]:
    loop = asyncio.get_running_loop()
    before = signal.getsignal(number)
    try:
        loop.add_signal_handler(number, on_signal, number)
    except NotImplementedError:  # Windows

        def handler(_number: int, _frame: FrameType | None) -> None:
            loop.call_soon_threadsafe(on_signal, number)

        signal.signal(number, handler)
        return lambda: _reset(number, before)

    def undo() -> None:
        loop.remove_signal_handler(number)
        _reset(number, before)

    return undo


def _reset(number: signal.Signals, before: object) -> None:
    if callable(before) or isinstance(before, signal.Handlers):
        signal.signal(number, before)
