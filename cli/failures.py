"""How a command ends badly: one sentence, a hint and an exit code; never a traceback unless the log level is DEBUG.

Exit codes: 1 our bug, 2 the person's input, 3 the installation, 4 passing trouble, 5 a job that failed, 130 Ctrl-C.
"""

from __future__ import annotations

import errno
import os
import sqlite3
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from cli.context import secret_values
from ettametta import errors

if TYPE_CHECKING:
    from ettametta.settings import Settings

BUG, USER, OPERATOR, TRANSIENT, JOB_FAILED, INTERRUPTED = 1, 2, 3, 4, 5, 130

_DENIED = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EISDIR, errno.EEXIST)
_BAD_FILE = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_READONLY)
#: SQLSTATE classes: invalid authorisation, no such database.
_NOT_LET_IN = ("28", "3D")


def exit_code(error: errors.EttamettaError) -> int:
    """The exit code of an error's family."""
    families = (
        (errors.UserError, USER),
        (errors.OperatorError, OPERATOR),
        (errors.TransientError, TRANSIENT),
        (errors.ModelError, TRANSIENT),
    )
    return next((code for family, code in families if isinstance(error, family)), BUG)


def report(error: BaseException, settings: Settings | None) -> int:
    """Say on stderr what went wrong, in one line and a hint; gives the exit code."""
    ours = as_ours(error) or _bug(error, settings)
    say(ours.message, ours.hint)
    if settings is None or settings.log_level == "DEBUG":
        _show_traceback(error, settings)
    return exit_code(ours)


def say(message: str, hint: str = "") -> None:
    """One sentence and its hint on stderr."""
    typer.secho(f"Error: {message}", fg="red", err=True)
    if hint:
        typer.secho(f"  {hint}", err=True)


def as_ours(error: BaseException) -> errors.EttamettaError | None:
    """An exception as an error with a sentence; None for what nobody foresaw."""
    if isinstance(error, errors.EttamettaError):
        return error
    return _disk_trouble(error) or _database_trouble(error) or _lost_connection(error)


def _disk_trouble(error: BaseException) -> errors.EttamettaError | None:
    from ettametta.db import is_disk_full

    if is_disk_full(error):
        return errors.NoSpace("The disk is full.", hint="Free some space in ETTAMETTA_DATA_DIR, then try again.")
    if isinstance(error, OSError) and error.errno in _DENIED and error.filename is not None:
        return errors.OperatorError(
            f"{error.filename} cannot be used: {error.strerror}.",
            hint="Set ETTAMETTA_DATA_DIR (or --data-dir) to a folder that is ours to write.",
            code="operator.folder",
        )
    return None


def _database_trouble(error: BaseException) -> errors.EttamettaError | None:
    """Trouble no second try mends: a file that is damaged or not ours, a user or database the server does not know."""
    cause = getattr(error, "orig", None) or error
    if isinstance(cause, sqlite3.Error) and getattr(cause, "sqlite_errorcode", 0) & 0xFF in _BAD_FILE:
        return errors.OperatorError(
            f"The database file cannot be used: {cause}.",
            hint="Check ETTAMETTA_DATABASE_URL and ETTAMETTA_DATA_DIR; a damaged file has to come from a backup.",
            code="operator.database_file",
        )
    if str(getattr(cause, "sqlstate", None) or "").startswith(_NOT_LET_IN):
        return errors.ConfigError(
            "The database server does not let us in.",
            hint="Check user, password and database name in ETTAMETTA_DATABASE_URL.",
            code="operator.config.database",
        )
    return None


def _lost_connection(error: BaseException) -> errors.EttamettaError | None:
    from ettametta.db import is_connection_lost

    # errors of asyncpg and redis arrive bare when a connection cannot be made
    from_driver = type(error).__module__.partition(".")[0] in {"asyncpg", "redis"}
    if not (from_driver or is_connection_lost(error)):
        return None
    return errors.TransientError(
        "The database, or another service, cannot be reached.",
        hint="Check ETTAMETTA_DATABASE_URL and that it runs; `ettametta doctor` looks at every part.",
        code="transient.unreachable",
    )


def _bug(error: BaseException, settings: Settings | None) -> errors.Bug:
    from ettametta.kit.ids import new_id

    reference = new_id()[-12:]
    path = _write_down(reference, error, settings) if settings else None
    found = f"The details are in {path}; please report them." if path else "Set ETTAMETTA_LOG_LEVEL=DEBUG to see more."
    return errors.Bug(f"Something went wrong on our side (reference {reference}).", hint=found)


def _write_down(reference: str, error: BaseException, settings: Settings) -> Path | None:
    """Keep the traceback in the data folder; None when that cannot be written."""
    path = settings.data_dir / "crashes" / f"{reference}.txt"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_traceback(error, settings), encoding="utf-8")
    except OSError:
        return None
    return path


def _show_traceback(error: BaseException, settings: Settings | None) -> None:
    asked = settings is not None or os.environ.get("ETTAMETTA_LOG_LEVEL") == "DEBUG"
    if asked:
        typer.echo(_traceback(error, settings), err=True)


def _traceback(error: BaseException, settings: Settings | None) -> str:
    """The traceback without secrets."""
    from ettametta.kit.log import Redactor

    redactor = Redactor(secret_values(settings) if settings else ())
    return redactor.text("".join(traceback.format_exception(error)))
