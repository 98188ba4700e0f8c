"""Our own state: database and its form, Redis, storage, and clocks that agree."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cli.checks.finding import Finding, Verdict

if TYPE_CHECKING:
    from ettametta.db import Database
    from ettametta.settings import Settings

#: Leases compare moments of different machines: a difference this large makes them unsafe, in seconds.
_BAD_SKEW_S = 5.0
_SKEW_S = 1.0
#: What a wall clock may gain or lose against the monotonic one while we look, in seconds.
_JUMP_S = 0.25
_CLOCK_FIX = "Turn on time synchronisation (NTP) on every machine."


async def database(settings: Settings) -> list[Finding]:
    """Reachable, and in its newest form."""
    from ettametta.db import Database

    opened = Database(settings.resolved_database_url)
    try:
        where = opened.url.render_as_string(hide_password=True)
        if _is_new_file(opened):
            return [Finding("database", "ok", f"{where} (will be made at the first start)")]
        return [await _look_at_database(opened, where)]
    finally:
        await opened.close()


def _is_new_file(opened: Database) -> bool:
    return opened.is_sqlite and not Path(str(opened.url.database)).is_file()


async def _look_at_database(opened: Database, where: str) -> Finding:
    from ettametta.migrations import current_and_head

    current, head = await current_and_head(opened)
    if current == head:
        return Finding("database", "ok", f"{where}, at {head}")
    detail = f"{where} is at {current or 'nothing'}; {head} is the newest."
    return Finding("database", "warn", detail, "Run `ettametta migrate` (`ettametta up` does it by itself).")


async def sqlite(settings: Settings) -> list[Finding]:
    """The version of Python's own SQLite, where it is used."""
    from ettametta.db import MIN_SQLITE, sqlite_is_new_enough

    if not settings.resolved_database_url.startswith("sqlite"):
        return []
    if sqlite_is_new_enough():
        return [Finding("sqlite", "ok", sqlite3.sqlite_version)]
    wanted = ".".join(str(part) for part in MIN_SQLITE)
    fix = f"Use a Python with SQLite {wanted} or later, or PostgreSQL (ETTAMETTA_DATABASE_URL)."
    return [Finding("sqlite", "bad", f"{sqlite3.sqlite_version} is too old.", fix)]


async def redis(settings: Settings) -> list[Finding]:
    """Reachable, where it is set."""
    from redis.asyncio import Redis
    from redis.exceptions import RedisError

    if settings.redis_url is None:
        return [Finding("redis", "ok", "not used: jobs and events stay in one process (ETTAMETTA_REDIS_URL is empty)")]
    try:
        async with Redis.from_url(settings.redis_url.get_secret_value()) as client:
            began = time.monotonic()
            await client.ping()
            took_ms = (time.monotonic() - began) * 1000
            facts = await client.info("server")
    except (RedisError, OSError, ValueError) as error:
        fix = "Start it, and check ETTAMETTA_REDIS_URL. Jobs are found without it, only later."
        return [Finding("redis", "bad", f"It cannot be reached ({type(error).__name__}).", fix)]
    return [Finding("redis", "ok", f"version {facts.get('redis_version', 'unknown')}, answers in {took_ms:.0f} ms")]


async def storage(settings: Settings) -> list[Finding]:
    """Written, read and deleted."""
    from ettametta.kit.ids import new_id
    from ettametta.storage import build_storage

    kept = build_storage(
        settings.storage_url,
        folder=settings.data_dir / "files",
        endpoint=settings.s3_endpoint,
        region=settings.s3_region,
        access_key=settings.s3_access_key_id,
        secret_key=settings.s3_secret_access_key,
    )
    key = f"health/{new_id()}.txt"
    await kept.put_bytes(key, b"ok", "text/plain")
    found = await kept.get_bytes(key, 16)
    await kept.delete(key)
    where = settings.storage_url or str(settings.data_dir / "files")
    if found != b"ok":
        return [Finding("storage", "bad", f"{where} gives back something else than was written.", "Check the store.")]
    return [Finding("storage", "ok", where)]


async def clock(settings: Settings) -> list[Finding]:
    """The wall clock runs evenly, and agrees with the database's and Redis's."""
    wall, steady = time.time(), time.monotonic()
    skews = {"database": await _database_skew(settings), "Redis": await _redis_skew(settings)}
    await asyncio.sleep(0.05)
    jump = abs((time.time() - wall) - (time.monotonic() - steady))
    known = {name: skew for name, skew in skews.items() if skew is not None}
    worst = max((abs(skew) for skew in known.values()), default=0.0)
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    said = "".join(f"; {name} {skew:+.2f} s" for name, skew in known.items())
    verdict: Verdict = "bad" if worst > _BAD_SKEW_S else "warn" if worst > _SKEW_S or jump > _JUMP_S else "ok"
    return [Finding("clock", verdict, f"{now}{said}", "" if verdict == "ok" else _CLOCK_FIX)]


async def _database_skew(settings: Settings) -> float | None:
    """How far the database's clock is ahead of ours, in seconds; None for SQLite, or when it cannot be reached."""
    from sqlalchemy import text

    from ettametta.db import Database

    opened = Database(settings.resolved_database_url)
    if opened.is_sqlite:
        await opened.close()
        return None
    try:
        async with opened.read_scope() as session:
            before = time.time()
            theirs: datetime = (await session.execute(text("SELECT clock_timestamp()"))).scalar_one()
            return theirs.timestamp() - (before + time.time()) / 2
    except Exception:  # noqa: BLE001 -- that it cannot be reached is the finding of another check
        return None
    finally:
        await opened.close()


async def _redis_skew(settings: Settings) -> float | None:
    """How far Redis's clock is ahead of ours, in seconds; None when it is not used or cannot be reached."""
    from redis.asyncio import Redis
    from redis.exceptions import RedisError

    if settings.redis_url is None:
        return None
    try:
        async with Redis.from_url(settings.redis_url.get_secret_value()) as client:
            before = time.time()
            seconds, micros = await client.time()
            return float(seconds + micros / 1e6 - (before + time.time()) / 2)
    except (RedisError, OSError, ValueError):
        return None
