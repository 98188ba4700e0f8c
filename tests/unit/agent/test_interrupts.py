"""Ctrl-C stops an answer first."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator

import pytest

from agent.interrupts import stopping_first


@pytest.fixture
def pressed() -> Iterator[list[int]]:
    """What Ctrl-C did before."""
    seen: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _frame: seen.append(number))
    yield seen
    signal.signal(signal.SIGINT, before)


async def test_what_runs_is_stopped_and_only_then_the_program(pressed: list[int]) -> None:
    running = [True]
    heard = asyncio.Event()

    def stop() -> bool:
        heard.set()
        return bool(running and running.pop())

    with stopping_first(stop):
        os.kill(os.getpid(), signal.SIGINT)
        await heard.wait()
        assert pressed == []
        heard.clear()
        os.kill(os.getpid(), signal.SIGINT)
        await heard.wait()
        await asyncio.sleep(0)
        assert pressed == [signal.SIGINT]
    os.kill(os.getpid(), signal.SIGINT)
    assert pressed == [signal.SIGINT] * 2, "after the block all is as before"
