"""Migrations of the database (Alembic, configured in code): upgrade, look, and check against the models.

Upgrades run in one transaction behind one lock (an advisory lock on PostgreSQL, the write lock on SQLite), so that
several processes may start at once.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection

from ettametta.db import Database
from ettametta.errors import Bug, ConfigError
from ettametta.migrations.options import configure_options

#: "ettametta" as a number: who holds this advisory lock is migrating.
_ADVISORY_LOCK = 0x657474616D65

# Alembic keeps the running migration in module globals, so a process runs one at a time, whatever its loops.
_alembic = threading.Lock()


async def upgrade(database: Database) -> None:
    """Bring the database to the newest revision; does nothing when it is there.

    Raises:
        ConfigError: the database was made by a newer version than this one.
    """
    await _run(database, lambda config: command.upgrade(config, "head"))


async def downgrade(database: Database, revision: str) -> None:
    """Take the database back to `revision` ("base": nothing is left). Data of what goes is lost.

    Raises:
        ConfigError: there is no such revision.
    """
    await _run(database, lambda config: command.downgrade(config, revision))


async def current_and_head(database: Database) -> tuple[str | None, str]:
    """The revision the database has (None: it is empty) and the newest there is."""
    async with database.engine.connect() as connection:
        current = await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision())
    return current, _head()


async def pending(database: Database) -> bool:
    """Whether `upgrade` would do something."""
    current, head = await current_and_head(database)
    return current != head


async def check(database: Database) -> None:
    """Prove that the migrated database is what the models describe.

    Raises:
        Bug: they differ; the message names each difference.
    """
    async with database.engine.connect() as connection:
        differences = await connection.run_sync(_differences)
    if differences:
        raise Bug(
            f"Models and migrations disagree: {'; '.join(differences)}.",
            hint='Write the missing migration with `make migration m="what changes"`.',
            code="bug.migrations_disagree",
        )


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's configuration, with no file behind it and nothing printed."""
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "ettametta:migrations")
    config.set_main_option("path_separator", "os")
    return config


async def _run(database: Database, action: Callable[[Config], None]) -> None:
    async with _alembics_turn(), _locked_connection(database) as connection:
        try:
            await connection.run_sync(lambda sync: action(alembic_config(sync)))
        except CommandError as error:
            raise ConfigError(
                f"The database does not fit this version of Ettametta: {error}.",
                hint="Install the version that made it, or restore a backup made by this one.",
                code="operator.database_version",
            ) from error


@asynccontextmanager
async def _alembics_turn() -> AsyncIterator[None]:
    while not _alembic.acquire(blocking=False):  # noqa: ASYNC110 -- an asyncio.Event serves one loop only
        await asyncio.sleep(0.02)
    try:
        yield
    finally:
        _alembic.release()


@asynccontextmanager
async def _locked_connection(database: Database) -> AsyncIterator[AsyncConnection]:
    """A connection in a transaction that no other migrating process shares."""
    async with database.engine.connect() as connection:
        if not database.is_sqlite:
            async with connection.begin():
                await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
                yield connection
            return
        # Altering a table on SQLite copies it and drops the old one, which must not cascade to its children.
        async with _foreign_keys_off(connection), connection.begin():
            yield connection
            broken = (await connection.exec_driver_sql("PRAGMA foreign_key_check")).fetchall()
            if broken:
                raise Bug(f"A migration left {len(broken)} rows that point nowhere.", code="bug.migration_orphans")


@asynccontextmanager
async def _foreign_keys_off(connection: AsyncConnection) -> AsyncIterator[None]:
    # The pragma does nothing inside a transaction, so it goes to the driver before one begins.
    driver: Any = (await connection.get_raw_connection()).driver_connection
    await (await driver.execute("PRAGMA foreign_keys=OFF")).close()
    try:
        yield
    finally:
        await (await driver.execute("PRAGMA foreign_keys=ON")).close()


def _head() -> str:
    head = ScriptDirectory.from_config(alembic_config()).get_current_head()
    if head is None:
        raise Bug("The migrations are not installed.", hint="Install Ettametta again.", code="bug.no_migrations")
    return head


def _differences(connection: Connection) -> list[str]:
    options = configure_options()
    metadata = options.pop("target_metadata")
    found = compare_metadata(MigrationContext.configure(connection, opts=options), metadata)
    return [repr(difference) for difference in found]
