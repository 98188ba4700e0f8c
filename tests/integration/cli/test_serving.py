"""The processes that stay: they say what runs, serve, stop when told, and end together with one sentence."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

Start = Callable[..., "subprocess.Popen[str]"]

_DEADLINE_S = 60.0


def _read_until(process: subprocess.Popen[str], wanted: str) -> str:
    """What the process has printed up to a line that matches; it is killed when that takes too long."""
    assert process.stdout is not None
    said = ""
    alarm = threading.Timer(_DEADLINE_S, process.kill)
    alarm.start()
    try:
        for line in process.stdout:
            said += line
            if re.search(wanted, line):
                return said
    finally:
        alarm.cancel()
    raise AssertionError(f"it ended without {wanted!r}: {said} {process.communicate()}")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_up_serves_and_stops_when_told(start: Start, tmp_path: Path, number: signal.Signals) -> None:
    process = start("up", ETTAMETTA_API_PORT="0")
    said = _read_until(process, r"^Next: ")
    address = re.search(r"http://127\.0\.0\.1:\d+", said)
    assert address is not None
    for what in ("Files", "Model", "Voice", "Telegram   none"):
        assert what in said
    token = (tmp_path / "data" / "internal_api_token").read_text()
    assert token not in said
    with httpx.Client(base_url=address.group()) as client:
        assert client.get("/health/ready").status_code == 200
        assert client.get("/api/v1/jobs").status_code == 401
        jobs = client.get("/api/v1/jobs", headers={"Authorization": f"Bearer {token}"})
        assert (jobs.status_code, jobs.json(), "server" in jobs.headers) == (200, {"items": []}, False)
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out.strip()) == (0, "Stopped.")
    assert "Traceback" not in err
    assert token not in err


def test_a_port_that_is_taken_is_one_sentence(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = start("api", ETTAMETTA_API_PORT=str(port))
        out, err = process.communicate(timeout=_DEADLINE_S)
    assert process.returncode == 3
    assert "ETTAMETTA_API_PORT" in err
    assert "Traceback" not in out + err


@pytest.mark.parametrize(("command", "says"), [("worker", "up to 3 jobs"), ("scheduler", "keeps house")])
def test_a_part_runs_alone(start: Start, command: str, says: str) -> None:
    arguments = (command, "--concurrency", "3") if command == "worker" else (command,)
    process = start(*arguments)
    assert says in _read_until(process, r"Ctrl-C")
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out.strip(), "Traceback" in err) == (0, "Stopped.", False)


def test_the_api_runs_alone_on_another_port(start: Start, free_port: int) -> None:
    process = start("api", "--port", str(free_port), INTERNAL_API_TOKEN="sixteen-characters-of-it")
    _read_until(process, rf"127\.0\.0\.1:{free_port}")
    deadline = time.monotonic() + _DEADLINE_S
    while not _is_alive(free_port):
        assert time.monotonic() < deadline
        assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0


def _is_alive(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health/live", timeout=1).status_code == 200
    except httpx.HTTPError:
        return False
