"""Telegram in a bad mood: floods, blocks, errors, lost answers, duplicates, large files, wrong tokens."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from agent.telegram import bot as bot_module
from agent.telegram import run_bot
from ettametta.bootstrap import build
from ettametta.errors import ConfigError, OperatorError
from ettametta.models import OutboxMessage
from tests.acceptance.telegram.quick import ADA, Home, QuickStudio, open_home, pair, settings_for, video_of, videos_in
from tests.servers.bot_api import BotApiServer


async def parcels(home: Home, kind: str) -> list[OutboxMessage]:
    """Rows of the outbox of a kind, oldest first."""
    wanted = select(OutboxMessage).where(OutboxMessage.kind == kind).order_by(OutboxMessage.id)
    async with home.resources.database.read_scope() as session:
        return list(await session.scalars(wanted))


async def test_floods_are_waited_out_in_order(server: BotApiServer, home: Home) -> None:
    async with home.bot():
        ada = await pair(server, home.resources)
        server.fail_next("sendMessage", 429, retry_after=2, chat_id=ADA)
        started = asyncio.get_running_loop().time()
        await ada.sends("/help")
        await ada.sends("/jobs")
        await server.wait_for(ADA, lambda one: "no jobs" in one.text)
        took_s = asyncio.get_running_loop().time() - started
    refused = next(call for call in server.calls_of("sendMessage") if call.error_code)
    later = [call for call in server.calls_of("sendMessage") if call.time > refused.time]
    assert took_s >= 2.0
    assert min(call.time for call in later) - refused.time >= 2.0
    texts = [one.text for one in server.chat(ADA).from_bot]
    assert [("OpenClaw" in one, "no jobs" in one) for one in texts[1:]] == [(True, False), (False, True)]


async def test_a_blocked_bot_gives_up_and_goes_on_for_others(server: BotApiServer, home: Home) -> None:
    home.studio.go.clear()
    async with home.bot():
        ada = await pair(server, home.resources)
        await ada.sends("/make the history of tea")
        await server.wait_for(ADA, lambda one: "Scene 2 of 2" in one.text and "%" in one.text)
        await ada.blocks_bot()
        home.studio.go.set()
        async with asyncio.timeout(20), home.resources.events.subscribe() as events:
            while [row.state for row in await parcels(home, "video")] != ["failed"]:
                await events.wait(0.1)
        await ada.unblocks_bot()
        await ada.sends("/status")
        await server.wait_for(ADA, lambda one: "is ready" in one.text)
    (row,) = await parcels(home, "video")
    assert "blocked" in (row.error or "")


@pytest.mark.parametrize("kind", ["error", "cut"])
async def test_errors_of_the_server_are_tried_again(server: BotApiServer, home: Home, kind: str) -> None:
    async with home.bot():
        ada = await pair(server, home.resources)
        for method in ("sendMessage", "editMessageMedia"):
            if kind == "error":
                server.fail_next(method, 502, times=2)
            else:
                server.cut_next(method, times=2)
        await ada.sends("/make the history of tea")
        await server.wait_for(ADA, video_of, 30.0)
        await home.until("delivered")
    assert len(videos_in(server)) == 1
    assert len([one for one in server.chat(ADA).from_bot if "I am on it" in one.text]) == 1


async def test_a_lost_answer_to_the_upload_gives_one_video(server: BotApiServer, home: Home) -> None:
    async with home.bot():
        ada = await pair(server, home.resources)
        server.cut_next("editMessageMedia", when="after", times=2)
        await ada.sends("/make the history of tea")
        await home.until("delivered", timeout_s=30.0)
    assert len(videos_in(server)) == 1
    assert len(server.calls_of("editMessageMedia")) == 3
    assert len([one for one in server.chat(ADA).from_bot if "It is on its way" in one.texts[0]]) == 1


async def test_a_deleted_placeholder_is_replaced(server: BotApiServer, home: Home) -> None:
    async with home.bot():
        ada = await pair(server, home.resources)
        server.fail_next("editMessageMedia", 502)
        await ada.sends("/make the history of tea")
        await server.wait_until(lambda: server.calls_of("editMessageMedia"), 20.0)
        placeholder = next(one for one in server.chat(ADA).from_bot if "It is on its way" in one.text)
        placeholder.deleted = True
        await home.until("delivered", timeout_s=30.0)
    assert len(videos_in(server)) == 1


async def test_a_deleted_progress_message_is_replaced(server: BotApiServer, home: Home) -> None:
    home.studio.go.clear()
    async with home.bot():
        ada = await pair(server, home.resources)
        await ada.sends("/make the history of tea")
        progress = await server.wait_for(ADA, lambda one: "Scene 2 of 2" in one.text and "%" in one.text)
        progress.deleted = True
        home.studio.go.set()
        await server.wait_for(ADA, lambda one: "Done." in one.text)


async def test_a_video_too_large_is_explained(
    server: BotApiServer, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot_module, "OWN_BYTES", 1_000)
    async with home.bot():
        ada = await pair(server, home.resources)
        await ada.sends("/make the history of tea")
        told = await server.wait_for(ADA, lambda one: "Bot API server of your own" in one.text, 20.0)
        await home.until("delivered")
    place = Path(told.text.split("It lies at ")[1].split(". Ask")[0])
    assert await asyncio.to_thread(place.read_bytes) == home.studio.film
    assert videos_in(server) == []


async def test_telegrams_own_limit_is_explained(server: BotApiServer, home: Home) -> None:
    async with home.bot():
        ada = await pair(server, home.resources)
        server.fail_next("editMessageMedia", 413)
        await ada.sends("/make the history of tea")
        await server.wait_for(ADA, lambda one: "no more than 50 MB" in one.text, 20.0)
        await home.until("delivered")
    assert [one.text for one in server.chat(ADA).from_bot if "It is on its way" in one.text] == []


async def test_marks_telegram_cannot_parse_are_left_out(server: BotApiServer, home: Home) -> None:
    async with home.bot():
        ada = await pair(server, home.resources)
        server.fail_next("sendMessage", 400, description="Bad Request: can't parse entities: unexpected end")
        await ada.sends("/help")
        await server.wait_for(ADA, lambda one: "OpenClaw" in one.text)


async def test_what_telegram_refuses_for_good_ends_with_a_reference(server: BotApiServer, home: Home) -> None:
    async with home.bot():
        ada = await pair(server, home.resources)
        server.fail_next("editMessageMedia", 400, description="Bad Request: VIDEO_CONTENT_TYPE_INVALID")
        await ada.sends("/make the history of tea")
        told = await server.wait_for(ADA, lambda one: "could not show it here" in one.text, 20.0)
    (row,) = await parcels(home, "video")
    reference = told.text.split("reference ")[1].split(" ")[0]
    assert reference in (row.error or "")
    assert row.state == "failed"


async def test_a_duplicate_update_does_nothing_twice(server: BotApiServer, home: Home) -> None:
    async with home.bot():
        ada = await pair(server, home.resources)
        asked = await ada.sends("/make the history of tea")
        await server.wait_for(ADA, video_of, 20.0)
        assert asked.update_id is not None
        server.redeliver(asked.update_id)
        server.redeliver(asked.update_id)
        await ada.sends("/help")
        await server.wait_for(ADA, lambda one: "OpenClaw" in one.text)
    assert await home.states() == ["delivered"]
    assert len([one for one in server.chat(ADA).from_bot if "I am on it" in one.text]) == 1


async def test_flood_limits_are_kept_with_many_videos(server: BotApiServer, home: Home) -> None:
    home.studio.steps = 12
    async with home.bot():
        ada = await pair(server, home.resources)
        for subject in ("tea", "salt", "silk"):
            await ada.sends(f"/make the history of {subject}")
        await server.wait_until(lambda: len(videos_in(server)) == 3, 60.0)
        await home.until("delivered", "delivered", "delivered", timeout_s=30.0)
    assert [call.description for call in server.calls if call.error_code == 429] == []
    assert server.worst_rate(ADA, 3.0) <= 3


async def test_two_people_do_not_wait_for_each_other(server: BotApiServer, home: Home) -> None:
    async with home.bot():
        ada = await pair(server, home.resources)
        server.hang_next("getFile")
        await ada.sends_document(b"words and more words", "story.txt", caption="/make")
        await server.wait_until(lambda: server.calls_of("getFile"))
        eve = server.person(2002, "Eve")
        await eve.starts()
        await server.wait_for(2002)


# -- starting and stopping ---------------------------------------------------------------------------------------------


async def test_a_wrong_token_stops_with_one_sentence(server: BotApiServer, sqlite_url: str, tmp_path: Path) -> None:
    settings = settings_for(server.url, sqlite_url, tmp_path)
    for token in ("123456789:AAanother-token-that-is-not-known-here", "no token at all"):
        wrong = settings.model_copy(update={"telegram_bot_token": SecretStr(token)})
        async with build(wrong, migrate=False) as resources:
            with pytest.raises(ConfigError, match="does not accept the bot token") as caught:
                await run_bot(resources, object(), asyncio.Event())  # type: ignore[arg-type]  # never talked to
        assert token not in str(caught.value)
        assert "TELEGRAM_BOT_TOKEN" in caught.value.hint


async def test_a_revoked_token_stops_the_bot(server: BotApiServer, home: Home) -> None:
    async with home.bot() as running:
        await pair(server, home.resources)
        server.revoke_token()
        await server.person(ADA).sends("hello")
        with pytest.raises(ConfigError, match="does not accept"):
            await asyncio.wait_for(asyncio.shield(running), 40)


async def test_a_second_bot_is_told_that_it_is_one_too_many(
    server: BotApiServer, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot_module, "_MAX_CONFLICT_S", 0.2)
    monkeypatch.setattr(bot_module, "_CONFLICT_WAIT_S", 0.1)
    server.fail_next("getUpdates", 409, times=50)
    async with home.bot() as running:
        with pytest.raises(OperatorError, match="same token"):
            await asyncio.wait_for(asyncio.shield(running), 20)


async def test_a_webhook_is_removed_and_the_menu_is_set_once(server: BotApiServer, home: Home) -> None:
    await server.webhook.set("http://127.0.0.1:9/none")
    async with home.bot():
        await pair(server, home.resources)
    async with home.bot():
        await server.person(ADA).sends("/help")
        await server.wait_for(ADA, lambda one: "OpenClaw" in one.text)
    assert server.webhook.url == ""
    assert len(server.calls_of("setMyCommands")) == 1


async def test_no_network_at_the_start_is_waited_for(free_port: int, sqlite_url: str, tmp_path: Path) -> None:
    server = BotApiServer(port=free_port)
    settings = settings_for(f"http://127.0.0.1:{free_port}", sqlite_url, tmp_path / "data")
    async with open_home(settings, QuickStudio()) as home, home.bot() as running:
        await asyncio.wait([running], timeout=0.7)
        assert not running.done()
        async with server:
            await pair(server, home.resources)


async def test_stopping_is_quick_while_polling(server: BotApiServer, home: Home) -> None:
    loop = asyncio.get_running_loop()
    async with home.bot():
        await pair(server, home.resources)
        before = loop.time()
    assert loop.time() - before < 3.0
