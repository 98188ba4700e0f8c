"""What an exception means for a job."""

from __future__ import annotations

import errno
import socket
import sqlite3

import pytest
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from ettametta.errors import Bug, ConfigError, EttamettaError, InvalidInput, ModelError, NoSpace, TransientError
from ettametta.jobs.endings import describe, is_retryable, too_long


def _sqlite(code: int) -> DBAPIError:
    error = sqlite3.OperationalError("x")
    error.sqlite_errorcode = code
    return OperationalError("SELECT 1", {}, error)


@pytest.mark.parametrize(
    "error",
    [TransientError("Busy."), ConnectionResetError(), TimeoutError(), PoolTimeout(), socket.gaierror(-2, "no name"),
     OSError(errno.EHOSTUNREACH, "no route"), _sqlite(sqlite3.SQLITE_BUSY)],
)  # fmt: skip
def test_what_passes_is_tried_again(error: Exception) -> None:
    assert is_retryable(error)
    assert describe(error, "ref").code == "transient"


@pytest.mark.parametrize(
    "error", [InvalidInput("x."), ConfigError("x."), ModelError("x."), NoSpace("x."), Bug("x."), too_long(), KeyError(),
              OSError(errno.ENOSPC, "full"), _sqlite(sqlite3.SQLITE_FULL), _sqlite(sqlite3.SQLITE_ERROR)],
)  # fmt: skip
def test_what_does_not_pass_is_not(error: Exception) -> None:
    assert not is_retryable(error)


def test_our_errors_speak_for_themselves() -> None:
    error = EttamettaError("It is so.", hint="Do this.", code="a.b")
    reason = describe(error, "ref")
    assert (reason.code, reason.message, reason.hint) == ("a.b", "It is so.", "Do this.")
    assert describe(too_long(), "ref").code == "job.timeout"


@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "x"), OSError(errno.EDQUOT, "x"), _sqlite(sqlite3.SQLITE_FULL)]
)
def test_a_full_disk_names_the_folder(error: Exception) -> None:
    reason = describe(error, "ref")
    assert (reason.code, "ETTAMETTA_DATA_DIR" in reason.hint) == ("operator.no_space", True)


def test_a_bug_shows_a_reference_and_nothing_of_itself() -> None:
    reason = describe(ValueError("secret"), "ref7")
    assert (reason.code, "ref7" in reason.hint, "secret" in str(reason)) == ("bug", True, False)
