"""Real worker processes for tests: `ettametta worker` in a process of its own, to watch, kill and start again."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

_ROOT = Path(__file__).parents[2]
_KEPT = ("PATH", "HOME", "LANG", "SYSTEMROOT", "TMPDIR")


class Worker:
    """One `ettametta worker`; killed at the end of the block, if it still runs.

    Args:
        data_dir: the installation's folder; the log is written beside it.
        settings: further settings, by their names in the environment.
    """

    def __init__(self, data_dir: Path, **settings: str) -> None:
        own = {"ETTAMETTA_DATA_DIR": str(data_dir), "ETTAMETTA_JOB_LEASE_S": "1", "ETTAMETTA_JOB_SWEEP_S": "0.2",
               "ETTAMETTA_VIDEO_PRESET": "ultrafast", "ETTAMETTA_PICTURES": "designed",
               "PYTHONPATH": str(_ROOT)}  # fmt: skip
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        self.work_dir = data_dir / "work"
        self.log = data_dir / "worker.log"
        data_dir.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "cli.main", "worker"],
                env={**kept, **own, **settings},
                cwd=data_dir,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def children(self) -> list[psutil.Process]:
        """What it has started and is still there."""
        try:
            return psutil.Process(self.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []

    def kill(self) -> list[psutil.Process]:
        """SIGKILL, at once; gives the children it had."""
        children = self.children()
        self._process.kill()
        self._process.wait()
        return children

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.is_running:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()


def is_alive(process: psutil.Process) -> bool:
    """Whether it still runs; one that is dead and only waits for its new parent to look does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def at_work_in(folder: Path) -> list[psutil.Process]:
    """Processes whose working directory lies in a folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if is_alive(process) and Path(process.cwd()).is_relative_to(folder):
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            continue
    return found


def seconds_until(condition: Callable[[], bool], *, within_s: float, every_s: float = 0.002) -> float:
    """Block until `condition` holds; gives how many seconds that took."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < within_s, f"not within {within_s} s"
        time.sleep(every_s)
    return time.monotonic() - began
