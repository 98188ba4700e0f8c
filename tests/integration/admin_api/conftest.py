"""The API over real resources, on both databases, called in this process."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from admin_api.app import create_app
from ettametta.bootstrap import Resources, build
from ettametta.jobs import JobView, NewJob
from ettametta.models import Production, Revision, Video
from ettametta.settings import Settings

TOKEN = "a-token-for-tests-only"


@pytest.fixture
async def resources(database_url: str, tmp_path: Path) -> AsyncIterator[Resources]:
    async with build(Settings(data_dir=tmp_path, database_url=database_url), migrate=False) as built:
        yield built


@pytest.fixture
async def stranger(resources: Resources) -> AsyncIterator[httpx.AsyncClient]:
    """A client without the token."""
    transport = httpx.ASGITransport(create_app(resources, SecretStr(TOKEN)))
    async with httpx.AsyncClient(transport=transport, base_url="http://api.test") as client:
        yield client


@pytest.fixture
async def client(stranger: httpx.AsyncClient) -> httpx.AsyncClient:
    """A client with the token."""
    stranger.headers["Authorization"] = f"Bearer {TOKEN}"
    return stranger


@pytest.fixture
async def job(resources: Resources) -> JobView:
    """A queued job of nobody's production."""
    async with resources.database.session_scope() as session:
        return await resources.ledger.enqueue(session, NewJob("test.nothing", {"n": 1}))


@dataclass(frozen=True)
class StoredVideo:
    id: str
    content: bytes
    etag: str


@pytest.fixture
async def video(resources: Resources) -> StoredVideo:
    """A video's row, and a file that stands for one."""
    content = bytes(range(256)) * 5_000
    digest = hashlib.sha256(content).hexdigest()
    key = await resources.storage.put_content("videos", ".mp4", content, "video/mp4")
    owner = await resources.users.owner_id()
    async with resources.database.session_scope() as session:
        production = Production(user_id=owner, title="A title", brief={}, state="rendered")
        session.add(production)
        await session.flush()
        revision = Revision(production_id=production.id, user_id=owner, number=1, storyboard={})
        session.add(revision)
        await session.flush()
        production.current_revision_id = revision.id
        row = Video(
            production_id=production.id, revision_id=revision.id, user_id=owner, storage_key=key,
            cover_key="o", thumbnail_key="t",
            captions_key="c", credits_key="r", sha256=digest, width=1080, height=1920, duration_s=30.0,
            size_bytes=len(content), checks={},
        )  # fmt: skip
        session.add(row)
        await session.flush()
        return StoredVideo(row.id, content, f'"{digest}"')
