"""The Bot API test server: tokens, blocking, groups, rates, uploads, drafts, and the server as its own process."""

import asyncio
import sys
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.types import (
    BotCommand,
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InputMediaVideo,
    InputTextMessageContent,
)

from tests.servers.bot_api import TOKEN, BotApiProcess, BotApiServer, RateRules
from tests.servers.bot_api.account import ACCOUNT_HANDLERS
from tests.servers.bot_api.media import MEDIA_HANDLERS
from tests.servers.bot_api.messages import MESSAGE_HANDLERS
from tests.servers.bot_api.wire import method_table


def make_bot(url: str, token: str = TOKEN) -> Bot:
    return Bot(token, session=AiohttpSession(api=TelegramAPIServer.from_base(url), timeout=10))


@pytest.fixture
async def server() -> AsyncIterator[BotApiServer]:
    async with BotApiServer() as running:
        yield running


@pytest.fixture
async def bot(server: BotApiServer) -> AsyncIterator[Bot]:
    made = make_bot(server.url)
    yield made
    await made.session.close()


async def test_a_wrong_and_a_revoked_token_are_refused(server: BotApiServer, bot: Bot) -> None:
    wrong = make_bot(server.url, "123456789:wrong")
    with pytest.raises(TelegramUnauthorizedError):
        await wrong.get_me()
    await wrong.session.close()
    assert (await bot.get_me()).is_bot
    server.revoke_token()
    with pytest.raises(TelegramUnauthorizedError):
        await bot.get_me()


async def test_who_blocks_the_bot_is_not_written_to(server: BotApiServer, bot: Bot) -> None:
    ada = server.person(started=True)
    await ada.blocks_bot()
    with pytest.raises(TelegramForbiddenError, match="bot was blocked by the user"):
        await bot.send_message(1001, "x")
    await ada.unblocks_bot()
    await bot.send_message(1001, "x")
    statuses = [one.my_chat_member.new_chat_member.status for one in await bot.get_updates() if one.my_chat_member]
    assert statuses == ["kicked", "member"]


async def test_groups_have_privacy_mode_and_their_own_ids(server: BotApiServer, bot: Bot) -> None:
    ada, bob = server.person(1001, "Ada"), server.person(1002, "Bob")
    group = server.group(-100500, [ada, bob], "Studio")
    sent = await bot.send_message(-100500, "hello")
    question = server.chat(-100500).from_bot[0]
    await ada.sends("between ourselves", chat=group)
    await ada.sends("/make@other_bot it", chat=group)
    for text in ("/make it", "hey @ettametta_test_bot", "/make@ettametta_test_bot it"):
        await ada.sends(text, chat=group)
    await bob.sends("an answer", chat=group, reply_to=question)
    texts = [one.message.text for one in await bot.get_updates() if one.message]
    assert texts == ["/make it", "hey @ettametta_test_bot", "/make@ettametta_test_bot it", "an answer"]
    assert sent.message_id == 1
    assert (await bot.get_chat_member(-100500, 1002)).status == "member"
    await group.removes_bot(ada)
    with pytest.raises(TelegramForbiddenError, match="bot was kicked from the supergroup chat"):
        await bot.send_message(-100500, "x")


async def test_rates_are_counted_and_can_be_enforced() -> None:
    async with BotApiServer() as server:
        bot = make_bot(server.url)
        server.person(started=True)
        sent = await bot.send_message(1001, "0")
        for step in range(1, 4):
            await bot.edit_message_text(str(step), chat_id=1001, message_id=sent.message_id)
        assert server.worst_rate(1001, window_s=5) == 4
        assert server.worst_rate(1001, window_s=5, kind="edit") == 3
        server.state.rates.rules = RateRules(chat=(4, 30.0))
        with pytest.raises(TelegramRetryAfter) as caught:
            await bot.send_message(1001, "too soon")
        assert 25 <= caught.value.retry_after <= 30
        await bot.session.close()


async def test_uploads_over_fifty_megabytes_and_empty_ones_are_refused(server: BotApiServer, bot: Bot) -> None:
    server.person(started=True)
    with pytest.raises(TelegramEntityTooLarge):
        await bot.send_document(1001, BufferedInputFile(bytes(50 * 1024 * 1024 + 1), "big.bin"))
    with pytest.raises(TelegramBadRequest, match="file must be non-empty"):
        await bot.send_document(1001, BufferedInputFile(b"", "empty.bin"))
    with pytest.raises(TelegramBadRequest, match="too big for a photo"):
        await bot.send_photo(1001, BufferedInputFile(bytes(10 * 1024 * 1024 + 1), "big.jpg"))
    with pytest.raises(TelegramBadRequest, match="IMAGE_PROCESS_FAILED"):
        await bot.send_photo(1001, BufferedInputFile(b"not a picture", "p.jpg"))


async def test_drafts_commands_and_profile_are_kept(server: BotApiServer, bot: Bot) -> None:
    ada = server.person(started=True)
    assert await bot.send_message_draft(chat_id=1001, draft_id=5, text="Thinking", can_stop=True)
    await ada.stops_draft()
    [update] = await bot.get_updates()
    assert update.stopped_message_generation is not None
    assert update.stopped_message_generation.draft_id == 5
    assert await bot.set_my_commands([BotCommand(command="make", description="Make a video")])
    assert [(one.command, one.description) for one in await bot.get_my_commands()] == [("make", "Make a video")]
    assert await bot.get_my_commands(language_code="de") == []
    await bot.set_my_description("Makes videos")
    assert (await bot.get_my_description(language_code="fr")).description == "Makes videos"
    assert await bot.pin_chat_message(1001, 1)
    with pytest.raises(TelegramBadRequest, match="sendDice is not implemented by the test server"):
        await bot.send_dice(1001)


async def test_a_long_text_arrives_in_pieces_as_from_telegrams_apps(server: BotApiServer, bot: Bot) -> None:
    await server.person().sends("😀" * 5000)
    sizes = [len(one.message.text or "") for one in await bot.get_updates() if one.message]
    assert sizes == [2048, 2048, 904]


async def test_a_poller_killed_while_it_waits_loses_nothing(server: BotApiServer, bot: Bot) -> None:
    address = f"{server.url}/bot{TOKEN}/getUpdates?timeout=50"
    code = f"import urllib.request; urllib.request.urlopen({address!r})"
    poller = await asyncio.create_subprocess_exec(sys.executable, "-c", code)
    await server.wait_until(lambda: server.state.updates.waiting)
    poller.kill()
    await poller.wait()
    await server.wait_until(lambda: not server.state.updates.waiting)
    sent = await server.person().sends("after the kill")
    assert [one.update_id for one in await bot.get_updates(timeout=5)] == [sent.update_id]
    assert server.state.updates.conflicts == 0


async def test_an_inline_query_is_answered_once(server: BotApiServer, bot: Bot) -> None:
    query_id = await server.person().inline_query("cats")
    [update] = await bot.get_updates()
    assert update.inline_query is not None
    content = InputTextMessageContent(message_text="meow")
    result = InlineQueryResultArticle(id="1", title="Cat", input_message_content=content)
    assert await bot.answer_inline_query(update.inline_query.id, [result])
    assert len(server.state.inline_answers[query_id] or []) == 1
    with pytest.raises(TelegramBadRequest, match="query is too old"):
        await bot.answer_inline_query(query_id, [])


async def test_replies_edits_media_and_copies(server: BotApiServer, bot: Bot) -> None:
    ada = server.person()
    question = await ada.sends("first")
    await ada.edits(question, "second")
    answer = await bot.send_message(1001, "sure", reply_to_message_id=question.message_id)
    assert answer.reply_to_message is not None
    assert answer.reply_to_message.text == "second"
    with pytest.raises(TelegramBadRequest, match="message to be replied not found"):
        await bot.send_message(1001, "sure", reply_to_message_id=77)
    video = InputMediaVideo(media=BufferedInputFile(b"mp4", "a.mp4"), width=9, height=16, duration=3, caption="here")
    await bot.edit_message_media(video, chat_id=1001, message_id=answer.message_id)
    entry = server.chat(1001).from_bot[0]
    assert entry.current.video is not None
    assert (entry.current.video.width, entry.texts) == (9, ["sure", "here"])
    await bot.copy_message(1001, 1001, answer.message_id)
    await bot.forward_message(1001, 1001, question.message_id)
    assert [one.text for one in server.chat(1001).from_bot] == ["here", "here", "second"]
    kinds = [sorted(one.model_dump(exclude_none=True)) for one in await bot.get_updates()]
    assert kinds == [["message", "update_id"], ["edited_message", "update_id"]]


async def test_hostile_requests_are_refused_and_leave_it_working(server: BotApiServer, bot: Bot) -> None:
    server.person(started=True)
    hostile: list[dict[str, object]] = [
        {"chat_id": "9" * 5000, "text": "x"},
        {"chat_id": "²", "text": "x"},
        {"chat_id": {"a": 1}, "text": "x"},
        {"chat_id": 1001, "text": ["x"]},
        {"chat_id": 1001, "text": "x", "entities": [{"type": "bold", "offset": -5, "length": "many"}]},
        {"chat_id": 1001, "text": "x", "reply_markup": {"inline_keyboard": [["flat"]]}},
        {"chat_id": 1001, "text": "x", "reply_markup": {"inline_keyboard": [[{"text": "no action"}]]}},
        {"chat_id": 1001, "text": "x", "reply_markup": {}},
        {"chat_id": 1001, "text": "x", "parse_mode": "Mark"},
        {"chat_id": 1001, "text": "<b>" * 20_000, "parse_mode": "HTML"},
    ]
    async with aiohttp.ClientSession() as session:
        for fields in hostile:
            async with session.post(f"{server.url}/bot{TOKEN}/sendMessage", json=fields) as answer:
                told = await answer.json()
            assert (answer.status, told["ok"]) == (400, False), fields
            assert told["description"].startswith("Bad Request: ")
    assert server.chat(1001).messages == []
    await bot.send_message(1001, "still here")
    assert all(one.error_code == 400 for one in server.calls[:-1])


def test_every_handler_answers_a_published_method() -> None:
    published = {method.__api_method__ for method in method_table().values()}
    assert {*MESSAGE_HANDLERS, *MEDIA_HANDLERS, *ACCOUNT_HANDLERS} <= published
    assert len(published) > 150


async def test_what_other_clients_send_is_understood(server: BotApiServer) -> None:
    server.person(started=True)
    async with aiohttp.ClientSession() as session:
        async with session.post(f"{server.url}/bot{TOKEN}/sendmessage", json={"chat_id": 1001, "text": "x"}) as answer:
            assert (await answer.json())["result"]["text"] == "x"
        async with session.get(f"{server.url}/bot{TOKEN}/nosuch") as answer:
            assert await answer.json() == {
                "ok": False, "error_code": 404, "description": "Not Found: method not found",
            }  # fmt: skip
        async with session.get(f"{server.url}/bot{TOKEN}/sendMessage?chat_id=1001") as answer:
            assert (await answer.json())["description"] == "Bad Request: message text is empty"
        data = {"chat_id": "1001", "text": "x", "reply_markup": "{"}
        async with session.post(f"{server.url}/bot{TOKEN}/sendMessage", data=data) as answer:
            assert (await answer.json())["description"] == "Bad Request: can't parse reply_markup JSON object"


async def test_the_server_as_its_own_process_is_driven_over_its_control_api() -> None:
    async with BotApiProcess() as server:
        bot = make_bot(server.url)
        await server.do("person", user_id=1001, first_name="Ada", started=True)
        waiting = asyncio.create_task(bot.get_updates(timeout=20))
        said = await server.do("say", user_id=1001, text="/start")
        assert [one.update_id for one in await waiting] == [said["update_id"]]
        button = InlineKeyboardButton(text="Yes", callback_data="y")
        markup = InlineKeyboardMarkup(inline_keyboard=[[button]])
        wait = asyncio.create_task(server.do("wait", chat_id=1001, contains="Sure", button="Yes"))
        await bot.send_message(1001, "Sure?", reply_markup=markup)
        shown = await wait
        click = await server.do("click", user_id=1001, message_id=shown["message_id"], button="Yes")
        await bot.answer_callback_query(click["query_id"], "ok")
        assert await server.do("answer", query_id=click["query_id"]) == {"text": "ok", "show_alert": False}
        await server.do("fault", method="sendMessage", kind="error", error_code=429, retry_after=3)
        with pytest.raises(TelegramRetryAfter):
            await bot.send_message(1001, "x")
        sent = await bot.send_document(1001, BufferedInputFile(b"abc", "a.txt"))
        assert sent.document is not None
        assert await server.file(sent.document.file_id) == b"abc"
        assert [one["method"] for one in await server.do("calls", method="sendDocument")] == ["sendDocument"]
        assert len(await server.do("messages", chat_id=1001)) == 3
        with pytest.raises(AssertionError, match="no button"):
            await server.do("click", user_id=1001, message_id=shown["message_id"], button="No")
        await bot.session.close()
