"""What happened, published after commit: inside one process, or through Redis to all of them.

Events are hints, rows are the truth: a subscriber that was too slow loses the oldest events and reads the rows.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

import structlog
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeout
from sqlalchemy.ext.asyncio import AsyncSession

from ettametta.db import on_commit

_log = structlog.get_logger(__name__)

_CHANNEL = "ettametta:events"
_QUEUE_SIZE = 1_000
_RECONNECT_S = 0.5
#: A listener that heard nothing for so long asks whether Redis is still there, and waits as long for the answer.
_PING_S = 5.0
#: Publishing happens in the path of every commit: a Redis that hangs may hold it up for no longer than this.
_TIMEOUT_S = 2.0
#: ... and then is not asked again for so long.
_LEAVE_ALONE_S = 5.0


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. `name` is noun.verb; `data` is small JSON; `user_id` is whose it is."""

    name: str
    user_id: str | None = None
    data: dict[str, Any] = field(default_factory=dict)


class Subscription:
    """An endless iterator over events; the oldest fall off when the reader is slower than `_QUEUE_SIZE` events."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Event] = asyncio.Queue(_QUEUE_SIZE)
        self.dropped = 0

    def push(self, event: Event) -> None:
        """Hand over one event without waiting."""
        if self._queue.full():
            self._queue.get_nowait()
            self.dropped += 1
        self._queue.put_nowait(event)

    def __aiter__(self) -> AsyncIterator[Event]:
        return self

    async def __anext__(self) -> Event:
        return await self._queue.get()

    async def wait(self, timeout_s: float) -> Event | None:
        """The next event, or None when none came in time."""
        try:
            async with asyncio.timeout(timeout_s):
                return await self._queue.get()
        except TimeoutError:
            return None


class EventBus(Protocol):
    """Publishes to every subscriber, in whichever process."""

    async def start(self) -> None:
        """Begin to listen."""
        ...

    async def publish(self, event: Event) -> None:
        """Tell all subscribers. Never raises: a lost hint costs a moment, not data."""
        ...

    def subscribe(self) -> Any:
        """An async context manager that gives a `Subscription`."""
        ...

    async def close(self) -> None:
        """Stop listening."""
        ...


class LocalBus:
    """Events inside one process."""

    def __init__(self) -> None:
        self._subscriptions: set[Subscription] = set()

    async def start(self) -> None:
        """Nothing to do."""

    async def publish(self, event: Event) -> None:
        """Hand the event to every subscriber."""
        for subscription in self._subscriptions:
            subscription.push(event)

    @asynccontextmanager
    async def subscribe(self) -> AsyncIterator[Subscription]:
        """Receive events until the block ends."""
        subscription = Subscription()
        self._subscriptions.add(subscription)
        try:
            yield subscription
        finally:
            self._subscriptions.discard(subscription)

    async def close(self) -> None:
        """Nothing to do."""


class RedisBus(LocalBus):
    """Events through Redis pub/sub; one connection listens for the whole process and reconnects by itself."""

    def __init__(self, url: str) -> None:
        super().__init__()
        # By itself the client would try ten times, for four seconds; once more is for a connection gone stale.
        self._redis: Redis = Redis.from_url(
            url,
            retry=Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)),
            socket_timeout=_TIMEOUT_S,
            socket_connect_timeout=_TIMEOUT_S,
        )
        self._left_alone_until = 0.0
        self._listener: asyncio.Task[None] | None = None
        self._listening = asyncio.Event()

    async def start(self) -> None:
        """Connect and begin to listen; waits a moment for the subscription to stand."""
        self._listener = asyncio.create_task(self._listen(), name="events")
        with suppress(TimeoutError):
            await asyncio.wait_for(self._listening.wait(), 2)

    async def publish(self, event: Event) -> None:
        """Send the event to all processes, this one included."""
        message = json.dumps({"name": event.name, "user_id": event.user_id, "data": event.data})
        if time.monotonic() < self._left_alone_until:
            return await super().publish(event)
        try:
            await self._redis.publish(_CHANNEL, message)
        except (RedisError, OSError) as error:
            if isinstance(error, RedisTimeout):
                self._left_alone_until = time.monotonic() + _LEAVE_ALONE_S
            _log.warning("event.not_published", event_name=event.name, error=str(error))
            await super().publish(event)

    async def close(self) -> None:
        """Stop listening and close the connections."""
        if self._listener is not None:
            self._listener.cancel()
            await asyncio.gather(self._listener, return_exceptions=True)
        await self._redis.aclose()

    async def _listen(self) -> None:
        while True:
            try:
                await self._receive()
            except (RedisError, OSError) as error:
                _log.warning("events.disconnected", error=str(error))
            await asyncio.sleep(_RECONNECT_S)

    async def _receive(self) -> None:
        async with self._redis.pubsub() as pubsub:
            await pubsub.subscribe(_CHANNEL)
            asked = False
            while True:
                message = await pubsub.get_message(timeout=_PING_S)
                if message is None and asked:
                    return
                asked = message is None and await _ask(pubsub)
                await self._hear(message or {})

    async def _hear(self, message: dict[str, Any]) -> None:
        if message.get("type") == "subscribe":
            self._listening.set()
        elif message.get("type") == "message":
            event = _decode(message["data"])
            if event is not None:
                await super().publish(event)


async def _ask(pubsub: PubSub) -> bool:
    await pubsub.ping()
    return True


def _decode(raw: bytes) -> Event | None:
    """The event in a message; None for what is not one of ours (the channel is open to whoever reaches Redis)."""
    try:
        fields = json.loads(raw)
        return Event(name=str(fields["name"]), user_id=fields["user_id"], data=dict(fields["data"]))
    except (ValueError, TypeError, KeyError):
        _log.warning("event.not_understood", size=len(raw))
        return None


def emit(session: AsyncSession, bus: EventBus, event: Event) -> None:
    """Publish `event` once `session` has committed."""
    on_commit(session, lambda: bus.publish(event))
