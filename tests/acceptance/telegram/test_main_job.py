"""The main job in the chat: a sentence, progress in one message, cancel, again, the video once."""

from __future__ import annotations

import io

import av

from ettametta.errors import InvalidInput
from tests.acceptance.telegram.quick import ADA, HEIGHT, WIDTH, Home, pair, video_of, videos_in
from tests.servers.bot_api import BotApiServer


def film_facts(data: bytes) -> tuple[int, int, float]:
    """Width, height and seconds of a film's bytes."""
    with av.open(io.BytesIO(data), "r") as film:
        stream = film.streams.video[0]
        assert film.duration is not None
        return stream.width, stream.height, film.duration / 1_000_000


async def test_a_sentence_becomes_a_video(server: BotApiServer, any_home: Home) -> None:
    async with any_home.bot():
        ada = await pair(server, any_home.resources)
        asked = await ada.sends("Make a 30-second video about the history of tea")
        answer = await server.wait_for(ADA, lambda one: "I am on it" in one.text)
        got = await server.wait_for(ADA, video_of, 20.0)
        await any_home.until("delivered")
        progress = await server.wait_for(ADA, lambda one: "Done." in one.text)
    video = got.current.video
    assert answer.current.reply_to_message is not None
    assert answer.current.reply_to_message.message_id == asked.message_id
    assert video is not None
    assert (video.width, video.height, video.duration) == (WIDTH, HEIGHT, 1)
    assert film_facts(server.file(video.file_id)) == (WIDTH, HEIGHT, 1.0)
    assert video.thumbnail is not None
    assert video.cover is not None
    assert got.supports_streaming
    assert "example.org/tea" in got.text
    assert not got.silent
    assert progress.silent
    assert progress.button_texts == []
    assert len(videos_in(server)) == 1
    assert all(call.error_code is None for call in server.calls)


async def test_the_storyboard_comes_with_its_contact_sheet(server: BotApiServer, home: Home) -> None:
    async with home.bot():
        ada = await pair(server, home.resources)
        await ada.sends("/make the history of tea")
        await server.wait_for(ADA, video_of, 20.0)
        await ada.sends("show me the storyboard")
        words = await server.wait_for(ADA, lambda one: "Tea is old." in one.text, 20.0)
        sheet = await server.wait_for(ADA, lambda one: one.current.photo is not None, 20.0)
    assert "The scenes of version 1." in sheet.text
    assert sheet.message_id < words.message_id
    assert all(call.error_code is None for call in server.calls)


async def test_progress_is_one_message_with_a_cancel_button(server: BotApiServer, home: Home) -> None:
    home.studio.go.clear()
    async with home.bot():
        ada = await pair(server, home.resources)
        await ada.sends("/make the history of tea")
        progress = await server.wait_for(ADA, lambda one: "Scene 2 of 2" in one.text and "%" in one.text)
        assert progress.button_texts == ["Cancel"]
        first = await ada.clicks(progress, "Cancel")
        second = await ada.clicks(progress, "Cancel")
        await server.answer_to(first)
        await server.answer_to(second)
        await server.wait_for(ADA, lambda one: one is progress and "Cancelled." in one.text)
        await home.until("cancelled")
        assert progress.button_texts == ["Try again"]
        home.studio.go.set()
        again = await server.answer_to(await ada.clicks(progress, "Try again"))
        await server.wait_for(ADA, video_of, 20.0)
        await home.until("delivered")
    assert again.text == "I have taken it up again."
    assert [one for one in server.chat(ADA).from_bot if "▰" in "".join(one.texts) or "▱" in "".join(one.texts)] == [
        progress
    ]
    assert len(videos_in(server)) == 1
    assert home.studio.rendered == 1


async def test_a_failure_says_why_and_can_be_tried_again(server: BotApiServer, home: Home) -> None:
    home.studio.failure = InvalidInput("The page has no text.", hint="Send another link.")
    async with home.bot():
        ada = await pair(server, home.resources)
        await ada.sends("https://example.org/empty")
        failed = await server.wait_for(ADA, lambda one: "Send another link." in one.text, 20.0)
        assert failed.button_texts == ["Try again"]
        assert not failed.silent
        home.studio.failure = None
        await server.answer_to(await ada.clicks(failed, "Try again"))
        await server.wait_for(ADA, video_of, 20.0)
        stale = await server.answer_to(await ada.clicks(failed, "Try again"))
    assert stale.show_alert
    assert stale.text is not None
    assert "Only failed or cancelled ones" in stale.text


async def test_what_costs_money_waits_for_a_yes(server: BotApiServer, home: Home) -> None:
    home.studio.costs_usd = 0.0123
    async with home.bot():
        ada = await pair(server, home.resources)
        await ada.sends("/make the history of tea")
        question = await server.wait_for(ADA, lambda one: "Shall I go on?" in one.text, 20.0)
        assert "$0.0123" in question.text
        assert question.button_texts == ["Yes", "No"]
        assert await home.states() == ["proposed"]
        yes, twice = await ada.clicks(question, "Yes"), await ada.clicks(question, "Yes")
        await server.answer_to(yes)
        await server.answer_to(twice)
        await server.wait_for(ADA, video_of, 20.0)
        await home.until("delivered")
        late = await server.answer_to(await ada.clicks_raw(question, twice.data.replace("y:", "n:")))
        assert question.button_texts == []
    assert yes.text == twice.text == "Thank you, I go on."
    assert late.show_alert
    assert home.studio.rendered == 1


async def test_no_means_no(server: BotApiServer, home: Home) -> None:
    home.studio.costs_usd = 1.0
    async with home.bot():
        ada = await pair(server, home.resources)
        await ada.sends("/make the history of tea")
        question = await server.wait_for(ADA, lambda one: "Shall I go on?" in one.text, 20.0)
        await server.answer_to(await ada.clicks(question, "No"))
        await home.until("cancelled")
    assert home.studio.rendered == 0
