"""Telegram as the rest of the channel sees it: a bot at the pace Telegram likes, with its errors sorted."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import structlog
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import AiogramError, TelegramAPIError, TelegramBadRequest
from aiogram.methods import EditMessageMedia, EditMessageText, SendMessage, SendPhoto, TelegramMethod
from aiogram.types import InputFile, InputMediaVideo, LinkPreviewOptions, Message, ReplyParameters
from aiogram.utils.token import TokenValidationError
from aiohttp import ClientError

from agent.telegram.pace import Held, Pace
from agent.telegram.parcels import Shown
from ettametta.errors import ConfigError, InvalidInput, TransientError

_log = structlog.get_logger(__name__)

OFFICIAL_URL = "https://api.telegram.org"
#: What Telegram gives to a bot and takes from it, in bytes; a Bot API server of one's own in local mode has OWN_BYTES.
DOWNLOAD_BYTES = 20 * 1024 * 1024
UPLOAD_BYTES = 50 * 1024 * 1024
OWN_BYTES = 2_000 * 1024 * 1024

_CALL_TIMEOUT_S = 30
_UPLOAD_TIMEOUT_S = 900
_DOWNLOAD_TIMEOUT_S = 300
_TYPING_EVERY_S = 4.5
_MAX_TOAST = 200
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)

#: Of so many messages it is known what they show: an edit that changes nothing is an error to Telegram, and counts.
_REMEMBERED = 1_000
_NOT_MODIFIED = "message is not modified"
#: The message that was to be edited is not there, or not as it was.
_GONE = ("message to edit not found", "message can't be edited", "message_id_invalid", "there is no text in the")


@dataclass(frozen=True, slots=True)
class Film:
    """A video to show: dimensions in pixels, length in seconds.

    `cover` is what stands in the chat until it plays; `thumbnail` is its small version, which Telegram may make itself.
    """

    media: InputFile
    thumbnail: InputFile | None
    cover: InputFile | None
    caption: Shown
    width: int
    height: int
    duration_s: float


class RawUpdates(TelegramMethod[list[dict[str, Any]]]):
    """getUpdates as plain JSON: an update nobody here can read must not hold up the others."""

    __returning__ = list[dict[str, Any]]
    __api_method__ = "getUpdates"

    offset: int | None = None
    limit: int | None = None
    timeout: int | None = None
    allowed_updates: list[str] | None = None


def open_bot(token: str, api_url: str) -> Bot:
    """The bot, not yet connected.

    Raises:
        ConfigError: the token is none.
    """
    session = AiohttpSession(api=TelegramAPIServer.from_base(api_url), timeout=_CALL_TIMEOUT_S)
    try:
        return Bot(token, session=session)
    except TokenValidationError:
        raise bad_token() from None


def bad_token() -> ConfigError:
    """Telegram does not know the token."""
    return ConfigError(
        "Telegram does not accept the bot token.",
        hint="Set TELEGRAM_BOT_TOKEN to the token @BotFather gives, and check ETTAMETTA_TELEGRAM_API_URL.",
        code="operator.config.bot_token",
    )


def _seen(shown: Shown) -> Shown:
    """What of a message can be seen, and so be changed by an edit."""
    return replace(shown, reply_to=None, silent=False)


class Client:
    """Sends, edits and fetches. Errors of sends and edits are aiogram's, except for what is told otherwise."""

    def __init__(self, bot: Bot, pace: Pace, *, upload_timeout_s: int = _UPLOAD_TIMEOUT_S) -> None:
        self.bot = bot
        self.pace = pace
        self._upload_timeout_s = upload_timeout_s
        #: what messages of ours show
        self._shown: OrderedDict[tuple[int, int], Shown] = OrderedDict()

    async def send(self, chat_id: int, shown: Shown) -> int:
        """Send a message; gives its id. What Telegram finds wrong with marks or buttons is left out once."""
        try:
            return await self._send(chat_id, shown)
        except TelegramBadRequest as error:
            simpler = _simpler(shown, error)
            if simpler is None:
                raise
            _log.warning("telegram.simplified", error=error.message)
            return await self._send(chat_id, simpler)

    async def _send(self, chat_id: int, shown: Shown) -> int:
        reply = None
        if shown.reply_to is not None:
            reply = ReplyParameters(message_id=shown.reply_to, allow_sending_without_reply=True)
        method = SendMessage(
            chat_id=chat_id,
            text=shown.text,
            entities=list(shown.entities) or None,
            parse_mode=None,
            reply_markup=shown.keyboard,
            reply_parameters=reply,
            disable_notification=shown.silent or None,
            link_preview_options=_NO_PREVIEW,
        )
        async with self.pace.slot(chat_id):
            message_id = (await self.bot(method)).message_id
        self._note(chat_id, message_id, shown)
        return message_id

    async def send_photo(self, chat_id: int, photo: InputFile, caption: Shown) -> int:
        """Send a picture with a caption; gives the message's id."""
        method = SendPhoto(
            chat_id=chat_id,
            photo=photo,
            caption=caption.text,
            caption_entities=list(caption.entities) or None,
            parse_mode=None,
            reply_markup=caption.keyboard,
        )
        async with self.pace.slot(chat_id):
            return (await self.bot(method, request_timeout=self._upload_timeout_s)).message_id

    async def edit(self, chat_id: int, message_id: int, shown: Shown) -> bool:
        """Change a message of ours; the same again asks nothing. False when it is not there any more."""
        if self._shown.get((chat_id, message_id)) == _seen(shown):
            return True
        method = EditMessageText(
            chat_id=chat_id,
            message_id=message_id,
            text=shown.text,
            entities=list(shown.entities) or None,
            parse_mode=None,
            reply_markup=shown.keyboard,
            link_preview_options=_NO_PREVIEW,
        )
        async with self.pace.slot(chat_id):
            is_there = await self._edited(method, None)
        self._note(chat_id, message_id, shown if is_there else None)
        return is_there

    def _note(self, chat_id: int, message_id: int, shown: Shown | None) -> None:
        self._shown.pop((chat_id, message_id), None)
        if shown is not None:
            self._shown[chat_id, message_id] = _seen(shown)
        if len(self._shown) > _REMEMBERED:
            self._shown.popitem(last=False)

    async def edit_to_video(self, chat_id: int, message_id: int, film: Film) -> bool:
        """Make a message of ours a video; the same again is the same. False when it is not there any more."""
        media = InputMediaVideo(
            media=film.media,
            thumbnail=film.thumbnail,
            cover=film.cover,
            caption=film.caption.text,
            caption_entities=list(film.caption.entities) or None,
            parse_mode=None,
            width=film.width,
            height=film.height,
            duration=round(film.duration_s),
            supports_streaming=True,
        )
        method = EditMessageMedia(
            chat_id=chat_id, message_id=message_id, media=media, reply_markup=film.caption.keyboard
        )
        self._note(chat_id, message_id, None)
        async with self.pace.slot(chat_id):
            return await self._edited(method, self._upload_timeout_s)

    async def _edited(self, method: EditMessageText | EditMessageMedia, timeout_s: int | None) -> bool:
        try:
            await self.bot(method, request_timeout=timeout_s)
        except TelegramBadRequest as error:
            sentence = error.message.lower()
            if _NOT_MODIFIED in sentence:
                return True
            if any(one in sentence for one in _GONE):
                return False
            raise
        return True

    # -- courtesies: nothing depends on them, so they never raise ----------------------------------------------------

    async def say(self, chat_id: int, shown: Shown) -> None:
        """Tell something to somebody who has no rows here."""
        try:
            await self.send(chat_id, shown)
        except (AiogramError, Held, OSError) as error:
            _log.info("telegram.not_said", chat_id=chat_id, error=str(error))

    async def toast(self, query_id: str, text: str = "", *, alert: bool = False) -> None:
        """Answer a press on a button; one that is too old cannot be answered."""
        try:
            await self.bot.answer_callback_query(query_id, text=text[:_MAX_TOAST] or None, show_alert=alert or None)
        except (AiogramError, OSError) as error:
            _log.info("telegram.press_not_answered", error=str(error))

    async def take_buttons_off(self, message: Message) -> None:
        """A question that was answered asks no more."""
        try:
            async with self.pace.slot(message.chat.id):
                await self.bot.edit_message_reply_markup(chat_id=message.chat.id, message_id=message.message_id)
        except (AiogramError, Held, OSError) as error:
            _log.info("telegram.buttons_stay", error=str(error))

    async def remove(self, chat_id: int, message_id: int) -> None:
        """Take back a message of ours."""
        self._note(chat_id, message_id, None)
        try:
            async with self.pace.slot(chat_id):
                await self.bot.delete_message(chat_id=chat_id, message_id=message_id)
        except (AiogramError, Held, OSError) as error:
            _log.info("telegram.message_stays", error=str(error))

    async def doing(self, chat_id: int, action: str) -> None:
        """Show that something is being done."""
        try:
            await self.bot.send_chat_action(chat_id, action)
        except (AiogramError, OSError) as error:
            _log.debug("telegram.no_action", error=str(error))

    @asynccontextmanager
    async def typing(self, chat_id: int) -> AsyncIterator[None]:
        """Show "typing" while the block runs."""
        task = asyncio.create_task(self._type(chat_id), name=f"typing {chat_id}")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _type(self, chat_id: int) -> None:
        while True:
            await self.doing(chat_id, "typing")
            await asyncio.sleep(_TYPING_EVERY_S)

    # -- files -------------------------------------------------------------------------------------------------------

    async def download(self, file_id: str, path: Path, *, name: str, max_bytes: int) -> None:
        """Fetch a file a person sent.

        Raises:
            InvalidInput: it is larger than `max_bytes`, or than Telegram gives to bots.
            TransientError: it did not come.
        """
        try:
            found = await self.bot.get_file(file_id)
            await self._stream(str(found.file_path), path, name, max_bytes)
        except TelegramBadRequest as error:
            if "too big" not in error.message:
                raise TransientError("Telegram did not give the file.", hint="Send it again.") from None
            raise too_large(name, DOWNLOAD_BYTES) from None
        except (TelegramAPIError, ClientError, TimeoutError) as error:
            # What these say holds the address, and with it the token.
            _log.warning("telegram.file_not_fetched", error=type(error).__name__)
            raise TransientError("Telegram did not give the file.", hint="Send it again.") from None

    async def _stream(self, file_path: str, path: Path, name: str, max_bytes: int) -> None:
        url = self.bot.session.api.file_url(self.bot.token, file_path)
        size = 0
        with await asyncio.to_thread(path.open, "wb") as file:
            async for chunk in self.bot.session.stream_content(url, timeout=_DOWNLOAD_TIMEOUT_S):
                size += len(chunk)
                if size > max_bytes:
                    raise too_large(name, max_bytes)
                await asyncio.to_thread(file.write, chunk)


def too_large(name: str, max_bytes: int) -> InvalidInput:
    """A file that does not come through."""
    return InvalidInput(
        f"The file {name} is larger than the {max_bytes / 1024**2:.0f} MB that Telegram gives to a bot.",
        hint="Send a smaller or shorter one, put it on the web and send the link, or use a Bot API server of your own.",
        code="upload.too_large",
    )


def _simpler(shown: Shown, error: TelegramBadRequest) -> Shown | None:
    """The message without what Telegram may have disliked; None when it says that the chat is not there."""
    sentence = error.message.lower()
    if "chat not found" in sentence or (not shown.entities and not shown.keyboard and shown.reply_to is None):
        return None
    if "entit" in sentence:
        return replace(shown, entities=())
    return replace(shown, entities=(), keyboard=None, reply_to=None)
