"""The doorbell: Taskiq carries job ids to whoever has time. The `jobs` table is the truth, a lost ring costs a moment.

An entry of the Redis stream is acknowledged and deleted when it is received; taskiq-redis's reclaiming (whose lock has
no time-out) is not used: a dead worker's job comes back through its lease.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import suppress
from typing import Any
from uuid import uuid4

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeout
from taskiq import AckableMessage, AsyncBroker, InMemoryBroker
from taskiq.acks import AcknowledgeType
from taskiq.api import run_receiver_task
from taskiq.kicker import AsyncKicker
from taskiq_redis import RedisStreamBroker

_log = structlog.get_logger(__name__)

_STREAM = "ettametta:doorbell"
_GROUP = "workers"
_BLOCK_MS = 1_000
_RECONNECT_S = 0.5
#: A bell rings right after a commit: a Redis that hangs may hold that up for no longer than this (> _BLOCK_MS).
_TIMEOUT_S = 2.0
#: ... and then is not asked again for so long.
_LEAVE_ALONE_S = 5.0
#: An entry that was received and not taken for so long belonged to a worker that died in between; it is rung again.
_ABANDONED_MS = 5_000
#: Rings beyond these are dropped, oldest first: the sweep finds their jobs.
_MAX_RINGS = 10_000
#: A consumer unheard of for so long (a worker that is gone) is forgotten.
_GONE_MS = 86_400_000

#: What is done when the bell rings for a job.
OnRing = Callable[[str], Awaitable[None]]


def _task(on_ring: OnRing) -> OnRing:
    # Taskiq renames the function it registers, so each name gets a function of its own.
    async def answer(job_id: str) -> None:
        await on_ring(job_id)

    return answer


class DoorbellBroker(RedisStreamBroker):
    """Taskiq over a Redis stream, reduced to a doorbell that survives a lost or emptied Redis."""

    def __init__(self, url: str) -> None:
        super().__init__(
            url,
            queue_name=_STREAM,
            consumer_group_name=_GROUP,
            consumer_name=uuid4().hex,
            consumer_id="0",
            xread_count=1,
            maxlen=_MAX_RINGS,
            socket_timeout=_TIMEOUT_S,
            socket_connect_timeout=_TIMEOUT_S,
            # By itself the client would try ten times, for four seconds; once more is for a connection gone stale.
            retry=Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)),
        )

    async def listen(self) -> AsyncGenerator[AckableMessage, None]:
        """Yield rings for ever; reconnects, and makes the group again when Redis has lost it."""
        while True:
            try:
                async with Redis(connection_pool=self.connection_pool) as redis:
                    await self._forget_the_gone(redis)
                    async for message in self._read(redis):
                        yield message
            except ResponseError as error:
                _log.warning("queue.group_lost", error=str(error))
                await self._restore_group()
            except (RedisError, OSError) as error:
                _log.warning("queue.disconnected", error=str(error))
                await asyncio.sleep(_RECONNECT_S)

    async def _read(self, redis: Redis) -> AsyncGenerator[AckableMessage, None]:
        while True:
            streams: dict[Any, Any] = {_STREAM: ">"}
            answer: Any = await redis.xreadgroup(_GROUP, self.consumer_name, streams, count=1, block=_BLOCK_MS)
            entries = [entry for _stream, found in answer or () for entry in found]
            for entry_id, fields in entries or await self._abandoned(redis):
                yield AckableMessage(data=(fields or {}).get(b"data", b""), ack=self._taker(entry_id))

    async def _abandoned(self, redis: Redis) -> list[Any]:
        # One atomic command, and a ring heard twice does no harm: there is nothing to lock.
        answer: Any = await redis.xautoclaim(_STREAM, _GROUP, self.consumer_name, _ABANDONED_MS, count=10)
        return list(answer[1])

    @staticmethod
    async def _forget_the_gone(redis: Redis) -> None:
        for consumer in await redis.xinfo_consumers(_STREAM, _GROUP):
            if consumer["pending"] == 0 and consumer["idle"] > _GONE_MS:
                await redis.xgroup_delconsumer(_STREAM, _GROUP, consumer["name"])

    def _taker(self, entry_id: bytes) -> Callable[[], Awaitable[None]]:
        async def take() -> None:
            try:
                async with Redis(connection_pool=self.connection_pool) as redis:
                    pipe = redis.pipeline(transaction=False)
                    pipe.xack(_STREAM, _GROUP, entry_id)
                    pipe.xdel(_STREAM, entry_id)
                    await pipe.execute()
            except (RedisError, OSError) as error:
                _log.warning("queue.ring_not_taken", error=str(error))  # it was heard all the same

        return take

    async def _restore_group(self) -> None:
        try:
            async with Redis(connection_pool=self.connection_pool) as redis:
                await redis.xgroup_create(_STREAM, _GROUP, id="0", mkstream=True)
        except (RedisError, OSError) as error:
            if "BUSYGROUP" not in str(error):
                _log.warning("queue.group_not_restored", error=str(error))
            await asyncio.sleep(_RECONNECT_S)


def _quieten_taskiq() -> None:
    # It logs every task at INFO, and a warning for every regular stop; what it drops the sweep finds.
    logging.getLogger("taskiq").setLevel(logging.WARNING)
    logging.getLogger("taskiq.receiver").setLevel(logging.ERROR)
    logging.getLogger("taskiq.receiver.receiver").setLevel(logging.WARNING)


class JobQueue:
    """Rings for jobs by their wire names, and answers rings in a worker."""

    def __init__(self, redis_url: str | None = None) -> None:
        _quieten_taskiq()
        self._distributed = redis_url is not None
        self._broker: AsyncBroker = InMemoryBroker() if redis_url is None else DoorbellBroker(redis_url)
        self._listener: asyncio.Task[None] | None = None
        self._left_alone_until = 0.0

    @property
    def is_distributed(self) -> bool:
        """Whether rings reach other processes."""
        return self._distributed

    async def start(self) -> None:
        """Connect. A Redis that is not there yet is only logged: the ledger's sweep carries on without it."""
        try:
            await self._broker.startup()
        except (RedisError, OSError) as error:
            _log.warning("queue.not_connected", error=str(error))

    async def ring(self, kind: str, job_id: str) -> None:
        """Tell a worker that a job waits. Never raises: an unheard job is found by the sweep."""
        if not self._distributed and self._broker.find_task(kind) is None:
            return
        if time.monotonic() < self._left_alone_until:
            return
        try:
            kicker: AsyncKicker[[str], None] = AsyncKicker(task_name=kind, broker=self._broker, labels={})
            await kicker.kiq(job_id)
        except Exception as error:  # noqa: BLE001 -- whatever the broker raises, the row is safe and the sweep finds it
            if isinstance(error.__cause__ or error, RedisTimeout):
                self._left_alone_until = time.monotonic() + _LEAVE_ALONE_S
            _log.warning("queue.not_rung", kind=kind, job_id=job_id, error=repr(error.__cause__ or error))

    def answer(self, kinds: Iterable[str], on_ring: OnRing) -> None:
        """Register `on_ring` as the Taskiq task of every kind."""
        for kind in kinds:
            self._broker.register_task(_task(on_ring), task_name=kind)

    def listen(self, *, concurrency: int) -> None:
        """Begin to answer rings, at most `concurrency` at once; embedded, rings need no listener."""
        if self._distributed:
            self._listener = asyncio.create_task(self._listen(concurrency), name="doorbell")

    async def _listen(self, concurrency: int) -> None:
        while True:
            with suppress(RedisError, OSError):
                await run_receiver_task(
                    self._broker,
                    validate_params=False,
                    max_async_tasks=concurrency,
                    max_prefetch=0,
                    ack_time=AcknowledgeType.WHEN_RECEIVED,
                )
            await asyncio.sleep(_RECONNECT_S)

    async def stop_listening(self) -> None:
        """Answer no more rings."""
        if self._listener is not None:
            self._listener.cancel()
            await asyncio.gather(self._listener, return_exceptions=True)
            self._listener = None

    async def close(self) -> None:
        """Stop answering and disconnect."""
        await self.stop_listening()
        with suppress(RedisError, OSError):
            await self._broker.shutdown()
