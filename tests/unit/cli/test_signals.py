"""The first signal is an event, the second ends the task; afterwards signals do what they did before."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from cli.signals import catch_signals


async def test_the_first_signal_sets_the_event() -> None:
    async with catch_signals() as interrupts:
        os.kill(os.getpid(), signal.SIGTERM)
        async with asyncio.timeout(5):
            await interrupts.stop.wait()
        assert (interrupts.count, interrupts.exit_code) == (1, 143)


async def test_the_second_cancels_the_task() -> None:
    async def patient() -> None:
        async with catch_signals() as interrupts:
            os.kill(os.getpid(), signal.SIGINT)
            await interrupts.stop.wait()
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.Event().wait()

    async with asyncio.timeout(5):
        with pytest.raises(asyncio.CancelledError):
            await asyncio.create_task(patient())


async def test_handlers_are_put_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    async with catch_signals() as interrupts:
        assert interrupts.exit_code == 0
    assert signal.getsignal(signal.SIGTERM) == before
