"""Strangers learn nothing, codes cannot be guessed, buttons cannot be forged, groups are told where to go."""

from __future__ import annotations

from agent.telegram.access import GROUP, STRANGER
from ettametta.kit.ids import new_id
from tests.acceptance.telegram.quick import ADA, Home, pair, video_of
from tests.servers.bot_api import BotApiServer

EVE = 6666


async def test_a_stranger_is_refused_once_and_told_nothing(server: BotApiServer, home: Home) -> None:
    async with home.bot():
        ada = await pair(server, home.resources)
        eve = server.person(EVE, "Eve")
        await eve.starts()
        await eve.sends("/status")
        await eve.sends("make a video about tea")
        await eve.sends_voice(b"OggS")
        await server.wait_for(EVE)
        await ada.sends("/make the history of tea")
        got = await server.wait_for(ADA, video_of, 20.0)
        await home.until("delivered")
        await eve.sends("/jobs")
        stolen = await eve.clicks_raw(got, "c:AAAAAAAAAAA:" + new_id())
        await server.answer_to(stolen)
    assert [one.text for one in server.chat(EVE).from_bot] == [STRANGER]
    assert stolen.text == "This is a private studio."
    assert len(await home.states()) == 1


async def test_a_code_cannot_be_guessed(server: BotApiServer, home: Home) -> None:
    code = await home.resources.users.new_pairing_code()
    async with home.bot():
        eve = server.person(EVE, "Eve")
        for number in range(2, 8):
            await eve.sends(f"WRNG{number * 1111}")
        last = await eve.sends(f"/start {code}")
        await server.wait_until(lambda: not server.state.updates.pending and last.update_id)
        ada = server.person(ADA, "Ada")
        await ada.sends("hello")
        await server.wait_for(ADA, lambda one: one.text == STRANGER)
        await ada.sends(f"/pair {code[:4]} {code[4:]}")
        await server.wait_for(ADA, lambda one: "You are paired, Ada." in one.text)
        await ada.starts(code)
        await server.wait_for(ADA, lambda one: "paired already" in one.text)
    answers = [one.text for one in server.chat(EVE).from_bot]
    assert len(answers) == 5
    assert all("That code is not valid." in one for one in answers)


async def test_a_used_code_is_used(server: BotApiServer, home: Home) -> None:
    code = await home.resources.users.new_pairing_code()
    async with home.bot():
        await server.person(ADA, "Ada").sends(code.lower())
        await server.wait_for(ADA, lambda one: "You are paired, Ada." in one.text)
        await server.person(EVE, "Eve").starts(code)
        await server.wait_for(EVE, lambda one: "That code is not valid." in one.text)


async def test_presses_that_are_not_ours_do_nothing(server: BotApiServer, home: Home) -> None:
    home.studio.go.clear()
    async with home.bot():
        ada = await pair(server, home.resources)
        await ada.sends("/make the history of tea")
        progress = await server.wait_for(ADA, lambda one: "Scene 2 of 2" in one.text and "%" in one.text)
        genuine = str(progress.button("Cancel").callback_data)
        act, signature, value = genuine.split(":")
        for forged in (f"{act}:{signature}:{new_id()}", f"r:{signature}:{value}", f"{act}::{value}", "x", "🦊" * 16):
            click = await server.answer_to(await ada.clicks_raw(progress, forged))
            assert click.show_alert
            assert "no longer good" in (click.text or "")
        server.expire_clicks()
        eve = server.person(EVE, "Eve", started=True)
        click = await server.answer_to(await eve.clicks_raw(progress, genuine))
        assert click.text in {"This is a private studio.", None}
        assert await home.states() == ["rendering"]
        home.studio.go.set()
        await home.until("delivered")


async def test_in_a_group_it_says_once_where_it_works(server: BotApiServer, home: Home) -> None:
    async with home.bot():
        ada = await pair(server, home.resources)
        group = server.group(-100123, [ada])
        await ada.sends("/make a video about tea", chat=group)
        await ada.sends("/status", chat=group)
        await server.wait_for(-100123)
        await ada.sends("/jobs")
        await server.wait_for(ADA, lambda one: "no jobs" in one.text)
        await ada.sends("/status", chat=group)
        await ada.sends("/help")
        await server.wait_for(ADA, lambda one: "OpenClaw" in one.text)
    assert [one.text for one in server.chat(-100123).from_bot] == [GROUP]
    assert await home.states() == []
