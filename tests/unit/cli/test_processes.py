"""Parts that run as one: all stop together, and what failed is named in one sentence."""

from __future__ import annotations

import asyncio

import pytest

from cli.processes import Part, run_parts
from ettametta.errors import Bug, ConfigError, TransientError


def _steady(log: list[str], name: str, up: asyncio.Event | None = None) -> Part:
    async def body(stop: asyncio.Event) -> None:
        log.append(f"{name} up")
        if up is not None:
            up.set()
        await stop.wait()
        log.append(f"{name} down")

    return Part(name, body)


async def test_all_parts_stop_when_told() -> None:
    log: list[str] = []
    stop, up = asyncio.Event(), asyncio.Event()
    running = asyncio.create_task(run_parts([_steady(log, "A"), _steady(log, "B", up)], stop))
    await up.wait()
    stop.set()
    async with asyncio.timeout(5):
        await running
    assert sorted(log) == ["A down", "A up", "B down", "B up"]


async def test_a_part_that_fails_ends_all_and_is_named() -> None:
    async def fail(_stop: asyncio.Event) -> None:
        raise ConfigError("The token was refused.", hint="Check it.", code="operator.config.x")

    log: list[str] = []
    with pytest.raises(ConfigError) as caught:
        await run_parts([_steady(log, "A"), Part("The Telegram bot", fail)], asyncio.Event())
    assert caught.value.message == "The Telegram bot stopped: The token was refused."
    assert (caught.value.hint, caught.value.code) == ("Check it.", "operator.config.x")
    assert log == ["A up", "A down"]


async def test_a_lost_connection_keeps_its_family() -> None:
    async def fail(_stop: asyncio.Event) -> None:
        raise ConnectionResetError

    with pytest.raises(TransientError, match="The worker stopped"):
        await run_parts([Part("The worker", fail)], asyncio.Event())


async def test_a_part_that_ends_by_itself_is_our_mistake() -> None:
    async def leave(_stop: asyncio.Event) -> None:
        return

    with pytest.raises(Bug, match="The bot ended by itself"):
        await run_parts([_steady([], "A"), Part("The bot", leave)], asyncio.Event())


async def test_what_nobody_foresaw_comes_as_it_is_with_the_part_as_a_note() -> None:
    async def fail(_stop: asyncio.Event) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError) as caught:
        await run_parts([Part("The worker", fail)], asyncio.Event())
    assert caught.value.__notes__ == ["in: The worker"]


async def test_cancelling_ends_every_part() -> None:
    ended = asyncio.Event()

    async def stubborn(_stop: asyncio.Event) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    running = asyncio.create_task(run_parts([Part("Stubborn", stubborn)], asyncio.Event()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert ended.is_set()
