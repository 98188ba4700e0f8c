"""The database: engine, `session_scope()` (the one place that commits) and what the dialects need.

Callbacks given to `on_commit` run after the commit of their session, and never when it is rolled back.
"""

from __future__ import annotations

import errno
import socket
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import structlog
from sqlalchemy import DateTime, Dialect, MetaData, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import JSON, TypeDecorator

from ettametta.errors import ConfigError, TransientError

_log = structlog.get_logger(__name__)

#: What runs after a commit.
AfterCommit = Callable[[], Awaitable[None]]

_AFTER_COMMIT = "after_commit"
_READ_ONLY = "ettametta_read_only"

_NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, stored and returned in UTC by every dialect. Refuses naive values."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware moment to UTC; SQLite keeps it without its zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            message = "a moment without a zone cannot be stored"
            raise ValueError(message)
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 -- the signature is SQLAlchemy's
        """Give the moment back with its zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Base of all tables; constraint names are fixed, so migrations agree on every database."""

    metadata = MetaData(naming_convention=_NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: UtcDateTime(), dict[str, Any]: JSON(), list[str]: JSON()}


class Database:
    """An engine and its sessions.

    Raises:
        ConfigError: the URL is not one of the two we speak.
    """

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self.url = make_url(url)
        if self.url.drivername not in {"sqlite+aiosqlite", "postgresql+asyncpg"}:
            raise ConfigError(
                f"The database URL speaks {self.url.drivername}, which is not supported.",
                hint="Set ETTAMETTA_DATABASE_URL to postgresql+asyncpg://... or sqlite+aiosqlite:///....",
            )
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _sqlite_engine(str(self.url.database)) if self.is_sqlite else _postgres_engine(url, pool_size)
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)

    @asynccontextmanager
    async def session_scope(self) -> AsyncIterator[AsyncSession]:
        """One transaction: commits when the block ends well, rolls back when it raises, then runs `on_commit`."""
        async with self._sessions() as session:
            try:
                yield session
                await session.commit()
            except BaseException:
                await session.rollback()
                raise
            callbacks: list[AfterCommit] = session.info.pop(_AFTER_COMMIT, [])
        for callback in callbacks:
            await _call(callback)

    @asynccontextmanager
    async def read_scope(self) -> AsyncIterator[AsyncSession]:
        """A session for reading only: on SQLite it never waits for a writer. Nothing is committed."""
        async with self._sessions() as session:
            await session.connection(execution_options={_READ_ONLY: True})
            yield session
            session.expunge_all()  # a roll-back empties the rows it knows: those that were read stay readable
            await session.rollback()

    async def close(self) -> None:
        """Close all connections."""
        await self.engine.dispose()


def on_commit(session: AsyncSession, callback: AfterCommit) -> None:
    """Run `callback` once `session` has committed. They run in order; what one raises is only logged."""
    session.info.setdefault(_AFTER_COMMIT, []).append(callback)


async def _call(callback: AfterCommit) -> None:
    try:
        await callback()
    except Exception:  # noqa: BLE001 -- the rows are committed: the caller must not take it for a roll-back
        _log.exception("commit.callback_failed")


#: Lost connections, roll-backs that ask for another try, no resources, a shut-down (PostgreSQL, appendix A).
_PASSING_SQLSTATES = ("08", "40", "53", "57P")
_DISK_FULL_SQLSTATE = "53100"
_PASSING_SQLITE = frozenset(
    {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PROTOCOL}
)
_UNREACHABLE = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN})


def is_connection_lost(error: BaseException) -> bool:
    """Whether an error is the connection's (or a crowd's) fault, worth another try, and not the statement's."""
    if isinstance(error, DBAPIError):
        return not is_disk_full(error) and (
            error.connection_invalidated or isinstance(error, InterfaceError) or _is_passing(error.orig)
        )
    if isinstance(error, OSError) and error.errno in _UNREACHABLE:
        return True
    return isinstance(error, ConnectionError | TimeoutError | PoolTimeout | socket.gaierror | TransientError)


def _is_passing(error: BaseException | None) -> bool:
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", 0) & 0xFF in _PASSING_SQLITE
    return str(getattr(error, "sqlstate", None) or "").startswith(_PASSING_SQLSTATES)


def is_disk_full(error: BaseException) -> bool:
    """Whether the disk (the database's or ours) has no room left."""
    if isinstance(error, DBAPIError):
        code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
        return code == sqlite3.SQLITE_FULL or getattr(error.orig, "sqlstate", None) == _DISK_FULL_SQLSTATE
    return isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def storable(text: str, *, max_chars: int | None = None) -> str:
    """`text` as every database takes it: PostgreSQL refuses NUL, none takes half a surrogate pair."""
    return text[:max_chars].replace("\x00", "").encode("utf-8", "replace").decode()


def insert_into(session: AsyncSession, table: type[Base]) -> Any:
    """An INSERT that knows `on_conflict_do_nothing` and `on_conflict_do_update` (SQLAlchemy has one per dialect)."""
    return (sqlite if session.get_bind().dialect.name == "sqlite" else postgresql).insert(table)


def _postgres_engine(url: str, pool_size: int) -> AsyncEngine:
    return create_async_engine(
        url, pool_size=pool_size, max_overflow=pool_size, pool_pre_ping=True, pool_timeout=30, hide_parameters=True
    )


def _sqlite_engine(path: str) -> AsyncEngine:
    if path not in {"", ":memory:"}:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    arguments = {"timeout": 30, "factory": _SqliteConnection}
    engine = create_async_engine(f"sqlite+aiosqlite:///{path}", connect_args=arguments, hide_parameters=True)
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


class _SqliteConnection(sqlite3.Connection):
    """A connection whose close lets go of the write lock.

    A task cancelled between running a query and reading its rows has its connection closed under an open cursor. SQLite
    then keeps the connection, and its transaction, until the cursor is collected: for all writers, a wait of 30 s.
    """

    def close(self) -> None:
        """Roll back, then close."""
        if self.in_transaction:
            self.rollback()
        super().close()


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own implicit BEGIN is deferred: two writers that upgrade fail at once. We begin ourselves.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("busy_timeout=30000", "synchronous=NORMAL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    _switch_to_wal(cursor)
    cursor.close()


def _switch_to_wal(cursor: Any) -> None:
    # Processes that open a new file at once race for the switch, and SQLite's busy timeout does not cover it.
    deadline = time.monotonic() + 10
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    read_only = connection.get_execution_options().get(_READ_ONLY, False)
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


#: The oldest SQLite that knows everything used here (UPDATE ... RETURNING).
MIN_SQLITE = (3, 35, 0)


def sqlite_is_new_enough() -> bool:
    """Whether Python's own SQLite has what we use."""
    return sqlite3.sqlite_version_info >= MIN_SQLITE
