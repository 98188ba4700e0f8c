"""The command with Redis and PostgreSQL: `make` only watches, a worker process does the work."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Callable

from tests.integration.cli.conftest import Command

Start = Callable[..., "subprocess.Popen[str]"]

#: No voice here reads it, so a worker refuses it at once.
TEXT = "富士山は日本で最も高い山です。標高は三千七百七十六メートルあります。多くの人が夏に登ります。"


def test_a_worker_does_what_make_asked(start: Start, ettametta: Command, postgres_url: str, redis_url: str) -> None:
    settings = {"ETTAMETTA_DATABASE_URL": postgres_url, "ETTAMETTA_REDIS_URL": redis_url}
    waiting = ettametta("make", "-", "--no-wait", stdin=TEXT.encode(), settings=settings)
    assert (waiting.code, "ettametta worker" in waiting.out) == (0, False)
    worker = start("worker", **settings)
    failed = ettametta("make", "-", "--json", stdin=TEXT.encode(), settings=settings)
    assert failed.code == 5, failed
    assert json.loads(failed.out)["error"]["code"] == "speech.language", failed.out
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(30) == 0
    jobs = json.loads(ettametta("jobs", "--json", settings=settings).out)
    assert [job["state"] for job in jobs] == ["failed", "failed"]
