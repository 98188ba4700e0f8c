"""The bot's process is killed at the worst moments, one after the other; nothing is lost, no video is doubled."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from ettametta.bootstrap import build
from ettametta.models import InboxUpdate, Production
from tests.acceptance.telegram.quick import ADA, settings_for, videos_in
from tests.servers.bot_api import BotApiServer, Person

ROOT = Path(__file__).resolve().parents[3]


class Place:
    """A database and a folder for processes that come and go."""

    def __init__(self, server: BotApiServer, database_url: str, folder: Path) -> None:
        self.settings = settings_for(server.url, database_url, folder)

    @contextlib.asynccontextmanager
    async def process(self, moment: str) -> AsyncIterator[asyncio.subprocess.Process]:
        """A process with worker and bot that dies at a moment, or is ended with the block."""
        settings = self.settings
        arguments = [settings.telegram_api_url, settings.database_url, str(settings.data_dir), moment]
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.acceptance.telegram.mortal", *arguments, cwd=ROOT,
            stdout=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            yield process
        finally:
            if process.returncode is None:
                process.terminate()
            await asyncio.wait_for(process.wait(), 30)

    async def pairing_code(self) -> str:
        async with build(self.settings, migrate=False) as resources:
            return await resources.users.new_pairing_code()

    async def states(self) -> list[str]:
        """The states of all productions."""
        async with build(self.settings, migrate=False) as resources, resources.database.read_scope() as session:
            return [row.state for row in await session.scalars(select(Production))]

    async def unfinished(self) -> int:
        """Updates that nobody has handled."""
        wanted = select(InboxUpdate).where(InboxUpdate.done_at.is_(None))
        async with build(self.settings, migrate=False) as resources, resources.database.read_scope() as session:
            return len((await session.scalars(wanted)).all())


@pytest.fixture
def place(server: BotApiServer, database_url: str, tmp_path: Path) -> Place:
    return Place(server, database_url, tmp_path / "data")


async def asked(server: BotApiServer, place: Place) -> Person:
    """The owner, who has paired and asked for a video: the updates wait at Telegram."""
    ada = server.person(ADA, "Ada")
    await ada.starts(await place.pairing_code())
    await ada.sends("/make the history of tea")
    return ada


async def until_delivered(place: Place) -> None:
    async with asyncio.timeout(60):
        while await place.states() != ["delivered"]:  # noqa: ASYNC110 -- the rows are another process's doing
            await asyncio.sleep(0.2)


@pytest.mark.slow
async def test_killed_again_and_again(server: BotApiServer, place: Place) -> None:
    """An update kept, not handled; handled, not marked; its answer sent, not recorded; the video likewise."""
    ada = await asked(server, place)
    for moment in ("kept", "handled", "answered", "placeholder", "uploaded"):
        assert videos_in(server) == [], moment
        async with place.process(moment) as process:
            assert await asyncio.wait_for(process.wait(), 60) == -signal.SIGKILL
    assert len(videos_in(server)) == 1
    assert await place.states() == ["rendered"]
    async with place.process("never"):
        await until_delivered(place)
        await ada.sends("/help")
        await server.wait_for(ADA, lambda one: "OpenClaw" in one.text, 30.0)
    mine = server.chat(ADA).from_bot
    assert len(videos_in(server)) == 1
    assert len([one for one in mine if "on its way" in one.texts[0]]) == 1
    # The one window that stays open: a text between its sending and the record of it.
    assert len([one for one in mine if "I am on it" in one.text]) == 2
    assert len([one for one in mine if "You are paired" in one.text]) in {1, 2}
    assert await place.unfinished() == 0
