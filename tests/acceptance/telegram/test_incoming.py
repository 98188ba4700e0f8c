"""What people send: long texts, files, photos, albums, forwarded words, and what we cannot read."""

from __future__ import annotations

import hashlib

from sqlalchemy import select

from ettametta.models import Asset, Production
from tests.acceptance.telegram.quick import ADA, Home, pair, tiny_jpeg, tiny_mp4, video_of
from tests.servers.bot_api import BotApiServer

STORY = "The lighthouse at Alexandria guided ships for centuries. It fell at last. " * 120


async def briefs(home: Home) -> list[dict[str, object]]:
    """The briefs of all productions, oldest first."""
    async with home.resources.database.read_scope() as session:
        return [dict(row.brief) for row in await session.scalars(select(Production).order_by(Production.id))]


async def assets(home: Home) -> list[Asset]:
    """The files that were kept, oldest first."""
    async with home.resources.database.read_scope() as session:
        return list(await session.scalars(select(Asset).where(Asset.origin == "upload").order_by(Asset.id)))


async def test_a_long_text_in_pieces_is_one_text(server: BotApiServer, home: Home) -> None:
    async with home.bot():
        ada = await pair(server, home.resources)
        await ada.sends(f"Make a video about this: {STORY}")
        await server.wait_for(ADA, video_of, 20.0)
    (brief,) = await briefs(home)
    assert brief["kind"] == "text"
    assert "".join(str(brief["text"]).split()) == "".join(STORY.split())


async def test_a_text_file_with_a_caption(server: BotApiServer, home: Home) -> None:
    async with home.bot():
        ada = await pair(server, home.resources)
        await ada.sends_document(STORY.encode(), "story.txt", "text/plain", caption="make a 20-second video of this")
        await server.wait_for(ADA, video_of, 20.0)
    (brief,), (asset,) = await briefs(home), await assets(home)
    assert (brief["kind"], brief["file_asset_id"], brief["duration_s"]) == ("file", asset.id, 20.0)
    assert asset.sha256 == hashlib.sha256(STORY.encode()).hexdigest()
    assert not list((home.resources.settings.data_dir / "work" / "telegram").iterdir())


async def test_an_album_is_one_request(server: BotApiServer, home: Home) -> None:
    async with home.bot():
        ada = await pair(server, home.resources)
        album = await ada.sends_album([tiny_jpeg(640, 480), tiny_jpeg(480, 640)], caption="/make the history of tea")
        await server.wait_for(ADA, video_of, 20.0)
        await server.wait_for(ADA, lambda one: "I am on it" in one.text, 20.0)  # a quick video may overtake it
    kept = await assets(home)
    (brief,) = await briefs(home)
    assert brief["media_asset_ids"] == [asset.id for asset in kept]
    assert [(asset.kind, asset.width, asset.height) for asset in kept] == [("photo", 640, 480), ("photo", 480, 640)]
    answers = [one for one in server.chat(ADA).from_bot if "I am on it" in one.text]
    assert [one.current.reply_to_message and one.current.reply_to_message.message_id for one in answers] == [
        album[0].message_id
    ]


async def test_a_clip_comes_along(server: BotApiServer, home: Home) -> None:
    async with home.bot():
        ada = await pair(server, home.resources)
        await ada.sends_video(tiny_mp4(), "../../etc/clip.mp4", caption="/make the history of tea")
        await server.wait_for(ADA, video_of, 20.0)
    (asset,) = await assets(home)
    assert (asset.kind, asset.name) == ("clip", "clip.mp4")


async def test_files_that_cannot_be_taken_are_named(server: BotApiServer, home: Home) -> None:
    async with home.bot():
        ada = await pair(server, home.resources)
        await ada.sends_document(b"x", "holiday.mov", "video/quicktime", caption="/make tea", size=30_000_000)
        await server.wait_for(ADA, lambda one: "larger than the 20 MB" in one.text)
        await ada.sends_document(b"not a film, just words", "film.mp4", "video/mp4", caption="/make tea")
        await server.wait_for(ADA, lambda one: "neither a picture" in one.text)
    assert await home.states() == []
    assert await assets(home) == []


async def test_what_cannot_be_read_is_answered(server: BotApiServer, home: Home) -> None:
    async with home.bot():
        ada = await pair(server, home.resources)
        voice = await ada.sends_voice(b"OggS")
        answer = await server.wait_for(ADA, lambda one: "cannot work with that kind" in one.text)
        assert answer.current.reply_to_message is not None
        assert answer.current.reply_to_message.message_id == voice.message_id
        written = await ada.sends("/help")
        await server.wait_for(ADA, lambda one: "OpenClaw" in one.text)
        await ada.edits(written, "/jobs")
        await server.wait_for(ADA, lambda one: "please send it again" in one.text)


async def test_forwarded_words_command_nothing(server: BotApiServer, home: Home) -> None:
    async with home.bot():
        ada = await pair(server, home.resources)
        await ada.sends("/make the history of tea", forwarded_from=server.person(5, "Mallory").user)
        await server.wait_for(ADA, lambda one: "somebody else's text" in one.text)
    assert await home.states() == []


async def test_hostile_words_are_only_words(server: BotApiServer, home: Home) -> None:
    async with home.bot():
        ada = await pair(server, home.resources)
        await ada.sends("/make <b>tea</b> **bold** `x` [y](javascript:alert(1)) \u202e \x00 \U0001f375 &lt;script&gt;")
        got = await server.wait_for(ADA, video_of, 20.0)
    assert "<b>tea</b>" in got.text
    assert all(call.error_code is None for call in server.calls)
