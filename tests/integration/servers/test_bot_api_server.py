"""An unmodified aiogram bot against the Bot API test server: both ways of receiving, sending, failing."""

import asyncio
import contextlib
import io
from collections.abc import AsyncIterator

import pytest
from aiogram import Bot, Dispatcher, F
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramConflictError,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.filters import Command
from aiogram.methods import SendMessage
from aiogram.types import (
    BotCommand,
    BufferedInputFile,
    CallbackQuery,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    MediaUnion,
    Message,
    Update,
)
from aiogram.webhook.aiohttp_server import SimpleRequestHandler
from aiohttp import web
from PIL import Image

from tests.servers.bot_api import TOKEN, BotApiServer

CANCEL = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Cancel", callback_data="job:7:cancel")]])


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


def echo_dispatcher() -> Dispatcher:
    dispatcher = Dispatcher()

    @dispatcher.message(Command("make"))
    async def make(message: Message) -> None:
        await message.answer("Making it", reply_markup=CANCEL)

    @dispatcher.callback_query(F.data.endswith(":cancel"))
    async def cancel(query: CallbackQuery) -> None:
        assert isinstance(query.message, Message)
        await query.message.edit_text("Cancelled")
        await query.answer("Stopped")

    @dispatcher.message(F.text)
    async def echo(message: Message) -> None:
        await message.answer(f"You said: {message.text}")

    return dispatcher


@contextlib.asynccontextmanager
async def polling(bot: Bot) -> AsyncIterator[Dispatcher]:
    dispatcher = echo_dispatcher()
    polls = dispatcher.start_polling(bot, handle_signals=False, close_bot_session=False, polling_timeout=5)
    task = asyncio.create_task(polls)
    try:
        yield dispatcher
    finally:
        with contextlib.suppress(RuntimeError):
            await dispatcher.stop_polling()
        await task


def picture(width: int = 64, height: int = 64) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "navy").save(out, "JPEG")
    return out.getvalue()


async def test_a_message_is_answered_and_a_click_edits_it(server: BotApiServer, bot: Bot) -> None:
    ada = server.person(1001, "Ada")
    async with polling(bot):
        sent = await ada.sends("/make a video https://example.org/story")
        progress = await server.wait_for(1001, lambda one: one.text == "Making it")
        click = await server.answer_to(await ada.clicks(progress, "Cancel"))
        await ada.sends("plain")
        echo = await server.wait_for(1001, lambda one: "plain" in one.text)
    assert [(one.type, one.offset, one.length) for one in sent.current.entities or []] == [
        ("bot_command", 0, 5),
        ("url", 14, 25),
    ]
    assert progress.texts == ["Making it", "Cancelled"]
    assert progress.button_texts == []
    assert click.text == "Stopped"
    assert echo.text == "You said: plain"
    assert [one.method for one in server.calls if one.method != "getMe"] == [
        "sendMessage", "editMessageText", "answerCallbackQuery", "sendMessage",
    ]  # fmt: skip
    with pytest.raises(LookupError, match="no button"):
        await ada.clicks(progress, "Cancel")


async def test_edits_are_refused_as_telegram_refuses_them(server: BotApiServer, bot: Bot) -> None:
    ada = server.person(started=True)
    theirs = await ada.sends("mine")
    sent = await bot.send_message(1001, "one", reply_markup=CANCEL)
    with pytest.raises(TelegramBadRequest, match="message is not modified: specified new message content"):
        await bot.edit_message_text("one", chat_id=1001, message_id=sent.message_id, reply_markup=CANCEL)
    with pytest.raises(TelegramBadRequest, match="message to edit not found"):
        await bot.edit_message_text("two", chat_id=1001, message_id=999)
    with pytest.raises(TelegramBadRequest, match="message can't be edited"):
        await bot.edit_message_text("two", chat_id=1001, message_id=theirs.message_id)
    with pytest.raises(TelegramBadRequest, match="there is no caption in the message to edit"):
        await bot.edit_message_caption(caption="two", chat_id=1001, message_id=sent.message_id)
    edited = await bot.edit_message_text("one", chat_id=1001, message_id=sent.message_id)
    assert isinstance(edited, Message)
    assert edited.reply_markup is None
    assert await bot.delete_message(1001, sent.message_id)
    with pytest.raises(TelegramBadRequest, match="message to delete not found"):
        await bot.delete_message(1001, sent.message_id)
    assert server.chat(1001).from_bot == []


async def test_a_query_is_answered_once_and_in_time(server: BotApiServer, bot: Bot) -> None:
    ada = server.person(started=True)
    await bot.send_message(1001, "one", reply_markup=CANCEL)
    entry = server.chat(1001).from_bot[0]
    first, late = await ada.clicks(entry, "job:7:cancel"), await ada.clicks_raw(entry, "job:8:forged")
    assert await bot.answer_callback_query(first.query_id)
    server.expire_clicks()
    for query_id in (first.query_id, late.query_id, "12345"):
        with pytest.raises(TelegramBadRequest, match="query is too old and response timeout expired"):
            await bot.answer_callback_query(query_id)


async def test_a_video_is_uploaded_kept_and_sent_again_by_id(server: BotApiServer, bot: Bot) -> None:
    server.person(started=True)
    data = bytes(range(256)) * 4096
    sent = await bot.send_video(
        1001,
        BufferedInputFile(data, "final.mp4"),
        width=1080,
        height=1920,
        duration=31,
        caption="<b>Done</b> &amp; ready",
        parse_mode="HTML",
        supports_streaming=True,
        thumbnail=BufferedInputFile(picture(180, 320), "thumb.jpg"),
        cover=BufferedInputFile(picture(1080, 1920), "cover.jpg"),
    )
    assert sent.video is not None
    video = sent.video
    assert (video.width, video.height, video.duration, video.file_size) == (1080, 1920, 31, len(data))
    assert video.thumbnail is not None
    assert (video.thumbnail.width, video.thumbnail.height) == (180, 320)
    assert video.cover is not None
    assert video.cover[-1].height == 1920
    assert sent.caption == "Done & ready"
    assert server.file(video.file_id) == data
    assert server.chat(1001).from_bot[0].supports_streaming
    again = await bot.send_video(1001, video.file_id)
    assert again.video is not None
    assert again.video == video
    with pytest.raises(TelegramBadRequest, match="can't use file of type Video as Photo"):
        await bot.send_photo(1001, video.file_id)
    with pytest.raises(TelegramBadRequest, match="wrong file identifier/HTTP URL specified"):
        await bot.send_video(1001, "nonsense")


async def test_a_file_from_a_person_is_downloaded(server: BotApiServer, bot: Bot) -> None:
    ada = server.person()
    await ada.sends_document(b"the story", "story.txt", "text/plain", caption="about /make")
    await ada.sends_document(b"big", "big.mp4", "video/mp4", size=21 * 1024 * 1024)
    updates = await bot.get_updates(timeout=0)
    small, big = (one.message.document for one in updates if one.message is not None)
    assert small is not None
    assert big is not None
    target = await bot.download(small)
    assert target is not None
    assert target.read() == b"the story"
    with pytest.raises(TelegramBadRequest, match="file is too big"):
        await bot.get_file(big.file_id)
    album: list[MediaUnion] = [
        InputMediaPhoto(media=BufferedInputFile(picture(), f"{n}.jpg"), caption=f"{n}") for n in range(3)
    ]
    sent = await bot.send_media_group(1001, album)
    assert len({one.media_group_id for one in sent}) == 1
    with pytest.raises(TelegramBadRequest, match="2-10 items"):
        await bot.send_media_group(1001, album[:1])


async def test_planned_failures(server: BotApiServer, bot: Bot) -> None:
    server.person(started=True)
    server.fail_next("sendMessage", 429, retry_after=2)
    server.fail_next("sendMessage", 500)
    server.fail_next("sendMessage", 403, chat_id=1001)
    with pytest.raises(TelegramRetryAfter) as caught:
        await bot.send_message(1001, "x")
    assert caught.value.retry_after == 2
    with pytest.raises(TelegramServerError):
        await bot.send_message(1001, "x")
    with pytest.raises(TelegramForbiddenError, match="bot was blocked by the user"):
        await bot.send_message(1001, "x")
    assert server.chat(1001).messages == []
    assert (await bot.send_message(1001, "x")).text == "x"


async def test_connections_are_cut_and_calls_hang_before_and_after_the_effect(server: BotApiServer, bot: Bot) -> None:
    server.person(started=True)
    server.cut_next("sendMessage")
    with pytest.raises(TelegramNetworkError):
        await bot.send_message(1001, "before")
    server.cut_next("sendMessage", when="after")
    with pytest.raises(TelegramNetworkError):
        await bot.send_message(1001, "after")
    server.hang_next("sendMessage", when="after")
    with pytest.raises(TelegramNetworkError, match="timeout"):
        await bot.send_message(1001, "silence", request_timeout=0.3)  # type: ignore[arg-type]  # seconds may be a fraction
    server.fail_next("sendMessage", 502, when="after")
    with pytest.raises(TelegramServerError):
        await bot.send_message(1001, "lost answer")
    assert [one.text for one in server.chat(1001).messages] == ["after", "silence", "lost answer"]
    assert [one.description for one in server.calls_of("sendMessage")] == [
        "planned: cut before",
        "planned: cut after",
        "planned: hang after",
        "planned: error after",
    ]


async def test_webhook_delivers_with_secret_in_order_and_retries(server: BotApiServer, bot: Bot) -> None:
    refusals = iter([503, 503])
    seen: list[str] = []
    handler = SimpleRequestHandler(echo_dispatcher(), bot, handle_in_background=False, secret_token="s3cret")

    async def receive(request: web.Request) -> web.StreamResponse:
        seen.append(request.headers.get("X-Telegram-Bot-Api-Secret-Token", ""))
        status = next(refusals, None)
        return web.Response(status=status) if status else await handler.handle(request)

    app = web.Application()
    app.router.add_post("/hook", receive)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    ada = server.person()
    await ada.sends("waiting before the webhook was set")
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    assert await bot.set_webhook(url, secret_token="s3cret")
    with pytest.raises(TelegramConflictError, match="can't use getUpdates method while webhook is active"):
        await bot.get_updates()
    await ada.sends("second")
    await server.wait_for(1001, lambda one: "second" in one.text)
    info = await bot.get_webhook_info()
    assert (info.url, info.pending_update_count) == (url, 0)
    assert info.last_error_message == "Wrong response from the webhook: 503 Service Unavailable"
    assert [one.text for one in server.chat(1001).from_bot] == [
        "You said: waiting before the webhook was set",
        "You said: second",
    ]
    assert seen == ["s3cret"] * 4
    assert await bot.delete_webhook()
    await runner.cleanup()


async def test_a_method_in_the_webhooks_answer_is_carried_out(server: BotApiServer, bot: Bot) -> None:
    dispatcher = Dispatcher()

    @dispatcher.message()
    async def answer(message: Message) -> SendMessage:
        return message.answer("from the answer")

    app = web.Application()
    handler = SimpleRequestHandler(dispatcher, bot, handle_in_background=False)
    app.router.add_post("/hook", handler.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    await bot.set_webhook(f"http://127.0.0.1:{runner.addresses[0][1]}/hook")
    await server.person().sends("hello")
    assert (await server.wait_for(1001)).text == "from the answer"
    await bot.delete_webhook()
    await runner.cleanup()


async def test_the_later_of_two_pollers_wins(server: BotApiServer, bot: Bot) -> None:
    other = make_bot(server.url)
    first = asyncio.create_task(bot.get_updates(timeout=20))
    await server.wait_until(lambda: server.polls == 1)
    second = asyncio.create_task(other.get_updates(timeout=20))
    with pytest.raises(TelegramConflictError, match="terminated by other getUpdates request"):
        await first
    sent = await server.person().sends("for the second")
    assert [one.update_id for one in await second] == [sent.update_id]
    assert server.state.updates.conflicts == 1
    await other.session.close()


async def test_updates_stay_until_acknowledged_and_come_again_when_asked(server: BotApiServer, bot: Bot) -> None:
    ada = server.person()
    first, second = await ada.sends("one"), await ada.sends("two")
    assert first.update_id is not None
    assert second.update_id is not None
    assert _ids(await bot.get_updates(limit=1)) == [first.update_id]
    assert _ids(await bot.get_updates()) == [first.update_id, second.update_id]
    assert _ids(await bot.get_updates(offset=first.update_id + 1)) == [second.update_id]
    assert _ids(await bot.get_updates(offset=second.update_id + 1)) == []
    server.redeliver(first.update_id)
    server.set_next_update_id(first.update_id - 5)
    late = await ada.sends("out of order")
    assert _ids(await bot.get_updates(offset=second.update_id + 1)) == [first.update_id, late.update_id]
    assert _ids(await bot.get_updates(offset=second.update_id + 1)) == []
    await ada.reacts(first, "👍")
    assert _ids(await bot.get_updates(allowed_updates=["message", "message_reaction"])) == []
    await ada.reacts(first)
    [reaction] = await bot.get_updates()
    assert reaction.message_reaction is not None
    assert [one.model_dump()["emoji"] for one in reaction.message_reaction.old_reaction] == ["👍"]


def _ids(updates: list[Update]) -> list[int]:
    return [one.update_id for one in updates]


async def test_limits_count_utf16_after_parsing(server: BotApiServer, bot: Bot) -> None:
    server.person(started=True)
    await bot.send_message(1001, f"<b>{'😀' * 2048}</b>", parse_mode="HTML")
    refused: list[tuple[dict[str, object], str]] = [
        ({"text": "😀" * 2048 + "x"}, "message is too long"),
        ({"text": " \n "}, "message text is empty"),
        ({"text": "a <b>x", "parse_mode": "HTML"}, "can't parse entities: Can't find end tag corresponding to start"),
        ({"text": "é <p>x</p>", "parse_mode": "HTML"}, 'Unsupported start tag "p" at byte offset 3'),
        ({"text": "1. x", "parse_mode": "MarkdownV2"}, "Character '.' is reserved and must be escaped"),
        ({"text": "x", "reply_markup": _button("d" * 65)}, "BUTTON_DATA_INVALID"),
    ]
    for fields, sentence in refused:
        with pytest.raises(TelegramBadRequest) as caught:
            await bot(SendMessage.model_validate({"chat_id": 1001, **fields}))
        assert sentence in caught.value.message
    with pytest.raises(TelegramBadRequest, match="chat not found"):
        await bot.send_message(555, "x")
    with pytest.raises(TelegramBadRequest, match="message caption is too long"):
        await bot.send_photo(1001, BufferedInputFile(picture(), "p.jpg"), caption="x" * 1025)
    with pytest.raises(TelegramBadRequest, match="BOT_COMMAND_INVALID"):
        await bot.set_my_commands([BotCommand(command="Make It", description="x")])
    assert len(server.chat(1001).messages) == 1


def _button(data: str) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="x", callback_data=data)]])
