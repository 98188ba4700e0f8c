"""A worker process for tests: `worker_process.py DATABASE_URL REDIS_URL RECORD_FILE CONCURRENCY`.

Its one kind of job appends a line when it starts and one when it ends; SIGTERM stops it in order.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

from ettametta.db import Database
from ettametta.events import LocalBus
from ettametta.jobs import JobContext, JobKind, Ledger, Runner
from ettametta.queue import JobQueue

KIND = "test.work"


class Record:
    """Lines appended by many processes at once: O_APPEND keeps each whole."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def write(self, *words: object) -> None:
        os.write(self._file, (" ".join(str(word) for word in words) + "\n").encode())

    async def work(self, context: JobContext[None]) -> dict[str, Any]:
        job = context.job
        self.write("start", job.id, job.attempts, os.getpid())
        await asyncio.sleep(0.005)
        self.write("end", job.id, job.attempts, os.getpid())
        return {"pid": os.getpid()}


async def main(database_url: str, redis_url: str, record_file: str, concurrency: int) -> None:
    record, database, queue = Record(Path(record_file)), Database(database_url), JobQueue(redis_url)
    await queue.start()
    ledger = Ledger(database, queue, LocalBus(), lease_s=3.0)
    kinds = {KIND: JobKind(KIND, record.work)}
    runner: Runner[None] = Runner(ledger, queue, kinds, None, concurrency=concurrency, sweep_s=0.5)
    await runner.start()
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    record.write("ready", os.getpid())
    await stop.wait()
    await runner.stop(drain_s=5)
    await queue.close()
    await database.close()
    record.write("stopped", os.getpid())


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])))
