"""The real command: as a process of its own, or called in this one with jobs that are quick."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from cli.main import main
from tests.tracebacks import configure_plain

REPOSITORY = Path(__file__).resolve().parents[3]


def clean_environment(home: Path, **settings: str) -> dict[str, str]:
    """An environment with nothing of the person who runs the tests but what finds Python."""
    kept = {
        name: os.environ[name] for name in ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "SYSTEMROOT") if name in os.environ
    }
    return {**kept, "HOME": str(home), "ETTAMETTA_DATA_DIR": str(home / "data"), "ETTAMETTA_PICTURES": "designed",
            **settings}  # fmt: skip


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str


#: Runs the command in a process of its own.
Command = Callable[..., Ended]


@pytest.fixture
def ettametta(tmp_path: Path) -> Command:
    """`ettametta(*arguments, stdin=..., settings={...})` in a process of its own, in an empty folder."""

    def run(*arguments: str, stdin: bytes = b"", settings: Mapping[str, str] | None = None) -> Ended:
        done = subprocess.run(
            [sys.executable, "-m", "cli.main", *arguments],
            input=stdin,
            capture_output=True,
            cwd=tmp_path,
            env=clean_environment(tmp_path, **(settings or {})) | {"PYTHONPATH": _python_path()},
            timeout=90,
            check=False,
        )
        return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run


def _python_path() -> str:
    return os.pathsep.join(filter(None, [str(REPOSITORY), os.environ.get("PYTHONPATH", "")]))


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts the command and leaves it running; whatever still runs after the test is killed."""
    begun: list[subprocess.Popen[str]] = []

    def run(*arguments: str, **settings: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", "cli.main", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=tmp_path,
            env=clean_environment(tmp_path, **settings) | {"PYTHONPATH": _python_path()},
            text=True,
        )
        begun.append(process)
        return process

    yield run
    for process in begun:
        if process.poll() is None:
            process.kill()
        process.communicate()


#: Calls the command in this process.
Call = Callable[..., Ended]


@pytest.fixture
def call(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Call]:
    """`call(*arguments)` in this process, with an empty data folder."""
    monkeypatch.setenv("ETTAMETTA_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level

    def run(*arguments: str) -> Ended:
        code = main(list(arguments))
        said = capsys.readouterr()
        return Ended(code, said.out, said.err)

    yield run
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    configure_plain()
