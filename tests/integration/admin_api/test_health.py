"""Health: alive always, ready only with database, migrations and queue."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import text

from admin_api.app import create_app
from ettametta.bootstrap import Resources, build
from ettametta.jobs import JobView
from ettametta.settings import Settings
from tests.servers.redis_server import RedisServer


async def test_alive_and_ready(stranger: httpx.AsyncClient) -> None:
    assert (await stranger.get("/health/live")).json() == {"status": "ok"}
    ready = await stranger.get("/health/ready")
    assert (ready.status_code, ready.json()["ok"]) == (200, True)
    assert [check["name"] for check in ready.json()["checks"]] == ["database", "migrations", "queue"]


async def test_a_database_that_is_not_migrated_is_not_ready(stranger: httpx.AsyncClient, resources: Resources) -> None:
    async with resources.database.session_scope() as session:
        await session.execute(text("DELETE FROM alembic_version"))
    ready = await stranger.get("/health/ready")
    assert ready.status_code == 503
    assert [check["name"] for check in ready.json()["checks"] if not check["ok"]] == ["migrations"]


async def test_the_deep_look_has_figures(client: httpx.AsyncClient, job: JobView) -> None:
    deep = await client.get("/health/deep")
    assert (deep.status_code, deep.json()["jobs"]) == (200, {"queued": 1})
    assert deep.json()["free_bytes"] > 0


async def test_without_redis_a_distributed_api_is_not_ready(
    sqlite_url: str, redis_server: RedisServer, tmp_path: Path
) -> None:
    settings = Settings(data_dir=tmp_path, database_url=sqlite_url, redis_url=SecretStr(redis_server.url))
    async with build(settings, migrate=False) as resources:
        transport = httpx.ASGITransport(create_app(resources, SecretStr("x" * 20)))
        async with httpx.AsyncClient(transport=transport, base_url="http://api.test") as client:
            assert (await client.get("/health/ready")).status_code == 200
            redis_server.kill()
            ready = await client.get("/health/ready")
            assert (ready.status_code, ready.json()["checks"][2]["ok"]) == (503, False)


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
async def test_open_health_gives_nothing_away(stranger: httpx.AsyncClient, path: str) -> None:
    assert "sqlite" not in (await stranger.get(path)).text
