"""Many fetches at once: one slow host holds up only itself, and nothing queues without bound."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from yarl import URL

from ettametta.discovery.fetch.caching import Kept
from ettametta.discovery.fetch.fetching import NOTHING_KEPT, Fetcher
from ettametta.discovery.fetch.requests import Crawled, FetchRequest
from ettametta.errors import EttamettaError, TransientError
from ettametta.kit.http.wire import parse_url

#: Requests are taken from the caller in groups of this size, and looked up in the cache together.
_GROUP = 64
#: For each request that may run, so many may wait for places at their hosts; while so many wait no more are taken. With
#: more of them each page comes later after it was taken, with fewer a slow host holds up the others.
_PARKED_FOR_EACH = 2


@dataclass(slots=True)
class _Job:
    request: FetchRequest
    target: URL
    host: str
    key: str | None = None
    kept: Kept | None = None


@dataclass
class Crawl:
    """One run over a stream of requests.

    Args:
        fetcher: does each.
        concurrency: most at once.
        per_host: most to one host at once.
        deadline: the moment, on the loop's clock, at which it ends with what it has.
    """

    fetcher: Fetcher
    concurrency: int
    per_host: int
    deadline: float
    _running: dict[asyncio.Task[Crawled], _Job] = field(default_factory=dict)
    _busy: dict[str, int] = field(default_factory=dict)
    _parked: dict[str, deque[_Job]] = field(default_factory=dict)
    _parked_count: int = 0
    _is_exhausted: bool = False
    _group: deque[_Job] = field(default_factory=deque)
    _failed: deque[Crawled] = field(default_factory=deque)
    _done: asyncio.Queue[asyncio.Task[Crawled]] = field(default_factory=asyncio.Queue)

    async def run(self, requests: Iterable[FetchRequest]) -> AsyncGenerator[Crawled, None]:
        """Results as they come. What was taken but not finished by the deadline comes last, as errors."""
        source = iter(requests)
        try:
            while True:
                await self._fill(source)
                while self._failed:
                    yield self._failed.popleft()
                if not self._running:
                    if self._is_exhausted or asyncio.get_running_loop().time() >= self.deadline:
                        return
                    continue
                task = await self._next_done()
                if task is None:
                    break
                self._ended(self._running.pop(task))
                yield task.result()
            for unfinished in await self._unfinished():
                yield unfinished
        finally:
            await self._stop()

    async def _fill(self, source: Iterator[FetchRequest]) -> None:
        """Start what may start. A consumer that is slow starts nothing new: it is not called until it asks again."""
        most = max(_PARKED_FOR_EACH * self.concurrency, _GROUP)
        while len(self._running) < self.concurrency and self._parked_count + len(self._failed) < most:
            if not self._group:
                await self._take(source)
                if self._is_exhausted:
                    return
                continue
            job = self._group.popleft()
            if self._busy.get(job.host, 0) < self.per_host:
                self._start(job)
            else:
                self._parked.setdefault(job.host, deque()).append(job)
                self._parked_count += 1

    async def _take(self, source: Iterator[FetchRequest]) -> None:
        taken = [request for _, request in zip(range(_GROUP), source, strict=False)]
        self._is_exhausted = not taken
        jobs = [job for request in taken if (job := self._job(request)) is not None]
        keys = [job.key for job in jobs if job.key is not None]
        if keys:
            found = await self.fetcher.cache.look_up(keys)
            for job in jobs:
                if job.key is not None:
                    job.kept = found.get(job.key, NOTHING_KEPT)
        self._group.extend(jobs)

    def _job(self, request: FetchRequest) -> _Job | None:
        try:
            target = parse_url(request.url)
        except EttamettaError as error:
            self._failed.append(Crawled(request, error=error))
            return None
        return _Job(request, target, f"{target.raw_host}:{target.port}", self.fetcher.key(request, target))

    def _start(self, job: _Job) -> None:
        task = asyncio.create_task(self._fetch(job))
        self._running[task] = job
        self._busy[job.host] = self._busy.get(job.host, 0) + 1
        task.add_done_callback(self._done.put_nowait)

    async def _fetch(self, job: _Job) -> Crawled:
        try:
            return Crawled(job.request, await self.fetcher.fetch(job.request, self.deadline, job.target, job.kept))
        except EttamettaError as error:
            return Crawled(job.request, error=error)

    async def _next_done(self) -> asyncio.Task[Crawled] | None:
        """The next task that has ended; None at the deadline."""
        if self._done.empty():
            try:
                async with asyncio.timeout_at(self.deadline):
                    return await self._done.get()
            except TimeoutError:
                return None
        return self._done.get_nowait()

    def _ended(self, job: _Job) -> None:
        """Its place at the host goes to the next one parked there."""
        left = self._busy[job.host] - 1
        if left:
            self._busy[job.host] = left
        else:
            del self._busy[job.host]
        waiting = self._parked.get(job.host)
        if waiting:
            self._start(waiting.popleft())
            self._parked_count -= 1
            if not waiting:
                del self._parked[job.host]

    async def _unfinished(self) -> Sequence[Crawled]:
        """What has ended meanwhile, and an error for each of the others."""
        ended = [task.result() for task in self._running if task.done() and not task.cancelled()]
        jobs = [job for task, job in self._running.items() if not task.done()]
        jobs += [job for waiting in self._parked.values() for job in waiting]
        jobs += self._group
        await self._stop()
        return [*ended, *(Crawled(job.request, error=_out_of_time(job.host)) for job in jobs)]

    async def _stop(self) -> None:
        tasks = list(self._running)
        self._running.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _out_of_time(host: str) -> TransientError:
    return TransientError(
        f"The time ended before {host} had answered.",
        hint="Run it again: what was read is kept, and only the rest is asked for.",
        code="fetch.deadline",
    )
