"""How a command ends: exit codes by family, one sentence and a hint, no traceback, no secret."""

from __future__ import annotations

import errno
import socket
import sqlite3
from pathlib import Path

import asyncpg
import pytest
from pydantic import SecretStr
from sqlalchemy.exc import OperationalError

from cli import failures
from ettametta import errors
from ettametta.settings import Settings


def _sqlite_error(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("it is so")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.InvalidInput("Empty."), 2),
        (errors.NotFound("No."), 2),
        (errors.Conflict("No."), 2),
        (errors.ConfigError("Bad."), 3),
        (errors.MissingPart("Bad."), 3),
        (errors.TransientError("Later."), 4),
        (errors.ModelError("Odd."), 4),
        (errors.Bug("Ours."), 1),
        (OSError(errno.ENOSPC, "No space left on device"), 3),
        (PermissionError(errno.EACCES, "Permission denied", "/srv/x"), 3),
        (ConnectionRefusedError(), 4),
        (socket.gaierror(socket.EAI_NONAME, "unknown"), 4),
        (OperationalError("SELECT 1", {}, _sqlite_error(sqlite3.SQLITE_BUSY)), 4),
        (OperationalError("SELECT 1", {}, _sqlite_error(sqlite3.SQLITE_NOTADB)), 3),
        (OperationalError("SELECT 1", {}, _sqlite_error(sqlite3.SQLITE_FULL)), 3),
        (asyncpg.InvalidPasswordError("no"), 3),
        (asyncpg.InvalidCatalogNameError("no"), 3),
        (ZeroDivisionError("oops"), 1),
    ],
)
def test_each_failure_has_its_exit_code_and_one_sentence(
    error: Exception, code: int, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert failures.report(error, Settings(data_dir=tmp_path)) == code
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("Error: ")
    assert len(said.err.splitlines()) <= 2
    assert "Traceback" not in said.err


def test_a_bug_is_written_down_without_secrets(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = Settings(data_dir=tmp_path, openai_api_key=SecretStr("an-odd-key-1234"))
    try:
        raise_bug("an-odd-key-1234 and 123456789:AAF-abcdefghijklmnopqrstuvwxyz_0123")
    except RuntimeError as error:
        failures.report(error, settings)
    said = capsys.readouterr().err
    (written,) = (tmp_path / "crashes").iterdir()
    assert written.stem in said
    assert str(written) in said
    text = written.read_text(encoding="utf-8")
    assert "raise_bug" in text
    for secret in ("an-odd-key-1234", "AAF-abcdefghijklmnopqrstuvwxyz"):
        assert secret not in text + said


def raise_bug(message: str) -> None:
    raise RuntimeError(message)


def test_debug_shows_the_traceback(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        raise_bug("details")
    except RuntimeError as error:
        failures.report(error, Settings(data_dir=tmp_path, log_level="DEBUG"))
    assert "Traceback" in capsys.readouterr().err


def test_a_bug_where_nothing_can_be_written_still_has_a_reference(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("in the way")
    assert failures.report(RuntimeError("x"), Settings(data_dir=tmp_path / "file")) == 1
    assert "reference" in capsys.readouterr().err
