"""Events: inside a process, and through a real Redis between several; hints that cost nobody time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from redis.asyncio import Redis

from ettametta import events as events_module
from ettametta.db import Database
from ettametta.errors import TransientError
from ettametta.events import Event, EventBus, LocalBus, RedisBus, Subscription, emit
from tests.servers.redis_server import RedisServer

_HELLO = Event("job.queued", "user", {"job_id": "1", "progress": 0.5})


@pytest.fixture(params=["local", "redis"])
async def bus(request: pytest.FixtureRequest) -> AsyncIterator[EventBus]:
    bus: EventBus = LocalBus() if request.param == "local" else RedisBus(request.getfixturevalue("redis_url"))
    await bus.start()
    yield bus
    await bus.close()


async def test_every_subscriber_hears_everything_in_order(bus: EventBus) -> None:
    async with bus.subscribe() as first, bus.subscribe() as second:
        for number in range(50):
            await bus.publish(Event("n", None, {"n": number}))
        for subscription in (first, second):
            heard = [await subscription.wait(5) for _ in range(50)]
            assert [event and event.data["n"] for event in heard] == list(range(50))


async def test_who_left_hears_nothing_and_holds_nothing(bus: EventBus) -> None:
    async with bus.subscribe() as left:
        pass
    async with bus.subscribe() as stays:
        await bus.publish(_HELLO)
        assert await stays.wait(5) == _HELLO
    assert await left.wait(0) is None


async def test_an_event_is_iterated_over(bus: EventBus) -> None:
    async with bus.subscribe() as subscription:
        await bus.publish(_HELLO)
        async for event in subscription:
            assert event == _HELLO
            break


async def test_subscribers_may_come_and_go_while_it_publishes(bus: EventBus) -> None:
    async def come_and_go() -> None:
        for _ in range(20):
            async with bus.subscribe() as subscription:
                await subscription.wait(0.001)

    async def publish() -> None:
        for _ in range(100):
            await bus.publish(_HELLO)

    await asyncio.gather(publish(), *(come_and_go() for _ in range(5)))


async def test_it_is_published_after_the_commit_and_not_when_rolled_back(bus: EventBus, database: Database) -> None:
    async def fail() -> None:
        async with database.session_scope() as session:
            emit(session, bus, Event("never"))
            raise TransientError("Not now.")

    async with bus.subscribe() as subscription:
        with pytest.raises(TransientError):
            await fail()
        async with database.session_scope() as session:
            emit(session, bus, _HELLO)
            assert await subscription.wait(0.05) is None
        assert await subscription.wait(5) == _HELLO


async def test_a_slow_reader_loses_the_oldest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events_module, "_QUEUE_SIZE", 3)
    subscription = Subscription()
    for number in range(10):
        subscription.push(Event("n", None, {"n": number}))
    heard = [await subscription.wait(0) for _ in range(3)]
    assert [event and event.data["n"] for event in heard] == [7, 8, 9]
    assert (subscription.dropped, await subscription.wait(0)) == (7, None)


async def test_waiting_that_is_given_up_loses_no_event() -> None:
    subscription = Subscription()
    for number in range(200):
        waiting = asyncio.create_task(subscription.wait(0.5))
        await asyncio.sleep(0)
        subscription.push(Event("n", None, {"n": number}))
        waiting.cancel()
        got = (await asyncio.gather(waiting, return_exceptions=True))[0]
        event = got if isinstance(got, Event) else await subscription.wait(0)
        assert event is not None
        assert event.data["n"] == number


# -- Redis -------------------------------------------------------------------------------------------------------------


async def _started(url: str) -> RedisBus:
    bus = RedisBus(url)
    await bus.start()
    return bus


async def test_from_one_process_to_another(redis_url: str) -> None:
    here, there = await _started(redis_url), await _started(redis_url)
    async with here.subscribe() as mine, there.subscribe() as theirs:
        await here.publish(_HELLO)
        assert (await mine.wait(5), await theirs.wait(5)) == (_HELLO, _HELLO)
        assert await mine.wait(0.05) is None  # once, not twice
    await asyncio.gather(here.close(), there.close())


async def test_what_is_not_an_event_is_passed_over(redis_url: str) -> None:
    bus = await _started(redis_url)
    async with bus.subscribe() as subscription, Redis.from_url(redis_url) as redis:
        for rubbish in (b"", b"\xff", b"[]", b"{}", b"7", b'{"name": "x", "user_id": null, "data": 5}'):
            await redis.publish("ettametta:events", rubbish)
        await bus.publish(_HELLO)
        assert await subscription.wait(5) == _HELLO
    await bus.close()


async def _hears_again(bus: RedisBus, other: RedisBus, subscription: Subscription) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        await other.publish(_HELLO)
        if await subscription.wait(0.1) == _HELLO:
            return
    pytest.fail("it did not come back")


async def test_it_comes_back_after_redis_was_killed(redis_server: RedisServer) -> None:
    bus, other = await _started(redis_server.url), await _started(redis_server.url)
    async with bus.subscribe() as subscription:
        redis_server.kill()
        began = time.monotonic()
        await bus.publish(_HELLO)  # at least this process hears of it
        assert await subscription.wait(1) == _HELLO
        assert time.monotonic() - began < 1
        redis_server.start()
        await _hears_again(bus, other, subscription)
    await asyncio.gather(bus.close(), other.close())


async def test_redis_absent_at_the_start_and_there_later(redis_server: RedisServer) -> None:
    redis_server.kill()
    began = time.monotonic()
    bus = await _started(redis_server.url)
    assert time.monotonic() - began < 4
    async with bus.subscribe() as subscription:
        await bus.publish(_HELLO)
        assert await subscription.wait(1) == _HELLO
        redis_server.start()
        other = await _started(redis_server.url)
        await _hears_again(bus, other, subscription)
        await other.close()
    await bus.close()


async def test_a_listener_whose_connection_died_silently_notices(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events_module, "_PING_S", 0.1)
    monkeypatch.setattr(events_module, "_RECONNECT_S", 0.05)
    bus, starts = RedisBus(redis_server.url), 0
    receive = bus._receive

    async def counted() -> None:
        nonlocal starts
        starts += 1
        await receive()

    monkeypatch.setattr(bus, "_receive", counted)
    await bus.start()
    await asyncio.sleep(0.5)
    assert starts == 1  # pings are answered
    await _wait_for_redeaf(redis_server, lambda: starts)
    await bus.close()


async def _wait_for_redeaf(redis_server: RedisServer, starts: Any) -> None:
    # CLIENT PAUSE stops the answers and leaves the connection standing.
    async with Redis.from_url(redis_server.url) as redis:
        await redis.client_pause(1_000, all=True)
    deadline = time.monotonic() + 10
    while starts() == 1:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)
