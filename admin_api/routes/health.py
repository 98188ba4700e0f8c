"""Health: alive, ready for traffic, and a deep look for people."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from typing import Literal

import structlog
from fastapi import APIRouter, Response
from pydantic import BaseModel
from redis.asyncio import Redis
from sqlalchemy import text

from admin_api.dependencies import ResourcesDep
from ettametta import migrations
from ettametta.bootstrap import Resources
from ettametta.jobs import repository

_log = structlog.get_logger(__name__)

_TIMEOUT_S = 3.0

open_router = APIRouter(prefix="/health", tags=["health"])
guarded_router = APIRouter(prefix="/health", tags=["health"])


#: Looks at one part: gives what is wrong, or nothing.
_Probe = Callable[[Resources], Awaitable[str]]


class Live(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Check(BaseModel):
    """One part: whether it works, and what is wrong when not."""

    name: str
    ok: bool
    detail: str = ""


class Health(BaseModel):
    """All parts; `ok` when each of them is."""

    ok: bool
    checks: list[Check]


class DeepHealth(Health):
    """With figures: jobs by state, bytes free where files are kept (None when they are in a bucket)."""

    jobs: dict[str, int]
    free_bytes: int | None


@open_router.get("/live")
async def live() -> Live:
    """Whether the process answers."""
    return Live()


@open_router.get("/ready", responses={503: {"model": Health, "description": "Not ready."}})
async def ready(resources: ResourcesDep, response: Response) -> Health:
    """Whether database, migrations and queue stand."""
    checks = await _run(resources, _BASE)
    health = Health(ok=all(check.ok for check in checks), checks=checks)
    response.status_code = 200 if health.ok else 503
    return health


@guarded_router.get("/deep", responses={503: {"model": DeepHealth, "description": "A part does not work."}})
async def deep(resources: ResourcesDep, response: Response) -> DeepHealth:
    """Every part, storage written and read, and figures."""
    checks = await _run(resources, {**_BASE, "storage": _storage})
    counts: dict[str, int] = {}
    if checks[0].ok and checks[1].ok:
        async with resources.database.read_scope() as session:
            counts = await repository.counts(session)
    health = DeepHealth(ok=all(check.ok for check in checks), checks=checks, jobs=counts, free_bytes=_free(resources))
    response.status_code = 200 if health.ok else 503
    return health


async def _run(resources: Resources, probes: dict[str, _Probe]) -> list[Check]:
    return list(await asyncio.gather(*(_check(name, probe, resources) for name, probe in probes.items())))


async def _check(name: str, probe: _Probe, resources: Resources) -> Check:
    """The probe's own word when it works; only the kind of failure when not, for this may be asked by anybody."""
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            detail = await probe(resources)
    except Exception as error:  # noqa: BLE001 -- whatever a part raises means that it does not work
        _log.warning("health.failed", part=name, error=str(error))
        return Check(name=name, ok=False, detail=type(error).__name__)
    return Check(name=name, ok=not detail, detail=detail)


async def _database(resources: Resources) -> str:
    async with resources.database.read_scope() as session:
        await session.execute(text("SELECT 1"))
    return ""


async def _migrations(resources: Resources) -> str:
    return "run ettametta migrate" if await migrations.pending(resources.database) else ""


async def _queue(resources: Resources) -> str:
    url = resources.settings.redis_url
    if url is not None:
        async with Redis.from_url(url.get_secret_value()) as redis:
            await redis.ping()
    return ""


async def _storage(resources: Resources) -> str:
    key = "health/probe.txt"
    await resources.storage.put_bytes(key, b"ok", "text/plain")
    found = await resources.storage.get_bytes(key, 16)
    return "" if found == b"ok" else "what was written is not what is read"


_BASE: dict[str, _Probe] = {"database": _database, "migrations": _migrations, "queue": _queue}


def _free(resources: Resources) -> int | None:
    folder = resources.storage.local_path("health/probe.txt")
    return None if folder is None or not folder.exists() else shutil.disk_usage(folder).free
