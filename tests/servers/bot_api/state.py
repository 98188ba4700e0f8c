"""What the server remembers: chats with their messages and edit history, clicks, calls; one condition wakes waiters."""

import asyncio
import itertools
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiogram.types import (
    Chat,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    Message,
    ReactionTypeUnion,
    ReplyParameters,
    User,
)

from tests.servers.bot_api.faults import FaultPlan
from tests.servers.bot_api.files import FileStore
from tests.servers.bot_api.limits import RateLog, Refusal, bad_request
from tests.servers.bot_api.updates import UpdateQueue


@dataclass
class ChatMessage:
    """One message as it stands now, with every earlier state of it."""

    current: Message
    history: list[Message] = field(default_factory=list)
    deleted: bool = False
    silent: bool = False
    supports_streaming: bool = False
    reply_keyboard: object = None
    update_id: int | None = None
    reactions: dict[int, list[ReactionTypeUnion]] = field(default_factory=dict)
    times_s: list[float] = field(default_factory=lambda: [time.monotonic()])

    @property
    def message_id(self) -> int:
        """Telegram's id, unique in the chat."""
        return self.current.message_id

    @property
    def chat_id(self) -> int:
        """The chat it stands in."""
        return self.current.chat.id

    @property
    def text(self) -> str:
        """Text or caption; empty when there is neither."""
        return self.current.text or self.current.caption or ""

    @property
    def texts(self) -> list[str]:
        """Every text or caption it has had, oldest first, the present one last."""
        return [one.text or one.caption or "" for one in (*self.history, self.current)]

    @property
    def from_bot(self) -> bool:
        """Whether the bot wrote it."""
        return bool(self.current.from_user and self.current.from_user.is_bot)

    @property
    def buttons(self) -> list[list[InlineKeyboardButton]]:
        """The rows of its inline keyboard."""
        return self.current.reply_markup.inline_keyboard if self.current.reply_markup else []

    @property
    def button_texts(self) -> list[str]:
        """The labels of its buttons, row by row."""
        return [button.text for row in self.buttons for button in row]

    def button(self, label_or_data: str) -> InlineKeyboardButton:
        """The button with this label or callback data; LookupError when there is none."""
        for button in (button for row in self.buttons for button in row):
            if label_or_data in {button.text, button.callback_data}:
                return button
        raise LookupError(f"no button {label_or_data!r} on message {self.message_id}: {self.button_texts}")

    def replace(self, message: Message) -> None:
        """A new state; the old one joins the history."""
        self.history.append(self.current)
        self.times_s.append(time.monotonic())
        self.current = message


@dataclass(frozen=True)
class Draft:
    """One state of a streamed draft; time in monotonic seconds."""

    draft_id: int
    text: str
    can_stop: bool
    at_s: float = field(default_factory=time.monotonic)


@dataclass
class ChatRecord:
    """A chat, who is in it, and everything that stands or stood in it."""

    chat: Chat
    members: dict[int, User] = field(default_factory=dict)
    started: bool = False
    blocked: bool = False
    bot_status: str = "member"
    everything: list[ChatMessage] = field(default_factory=list)
    actions: list[str] = field(default_factory=list)
    drafts: list[Draft] = field(default_factory=list)

    @property
    def messages(self) -> list[ChatMessage]:
        """What stands in the chat now, oldest first."""
        return [one for one in self.everything if not one.deleted]

    @property
    def from_bot(self) -> list[ChatMessage]:
        """The bot's messages that stand in the chat now."""
        return [one for one in self.messages if one.from_bot]

    def find(self, message_id: int | None) -> ChatMessage | None:
        """The message with this id if it stands in the chat."""
        return next((one for one in self.messages if one.message_id == message_id), None)


@dataclass
class Click:
    """A press on a button: the query the bot must answer, and its answer."""

    query_id: str
    chat_id: int
    message_id: int
    data: str
    update_id: int | None
    answered: bool = False
    expired: bool = False
    text: str | None = None
    show_alert: bool = False


@dataclass
class Call:
    """One request of the bot: fields as sent (files as name and size), Unix time, and the refusal if there was one."""

    method: str
    params: dict[str, Any]
    time: float
    unknown_fields: list[str] = field(default_factory=list)
    error_code: int | None = None
    description: str | None = None


@dataclass
class BotState:
    """All state of the one bot this server serves."""

    token: str
    bot: User
    privacy_mode: bool = True
    chats: dict[int, ChatRecord] = field(default_factory=dict)
    people: dict[int, User] = field(default_factory=dict)
    files: FileStore = field(default_factory=FileStore)
    updates: UpdateQueue = field(default_factory=UpdateQueue)
    rates: RateLog = field(default_factory=RateLog)
    faults: FaultPlan = field(default_factory=FaultPlan)
    calls: list[Call] = field(default_factory=list)
    clicks: dict[str, Click] = field(default_factory=dict)
    inline_answers: dict[str, list[Any] | None] = field(default_factory=dict)
    settings: dict[tuple[str, ...], Any] = field(default_factory=dict)
    logged_out: bool = False
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    _ids: dict[int, "itertools.count[int]"] = field(default_factory=dict)
    _query_ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(4_200_000_000_000_000_001))

    async def notify(self) -> None:
        """Wake everybody who waits for a change of state."""
        async with self.changed:
            self.changed.notify_all()

    async def wait_until(self, ready: Callable[[], object], timeout_s: float) -> None:
        """Wait until the condition holds; it is looked at after every change. Raises TimeoutError."""
        async with self.changed, asyncio.timeout(timeout_s):
            await self.changed.wait_for(ready)

    def next_query_id(self) -> str:
        """A fresh id for a callback or inline query."""
        return str(next(self._query_ids))

    def next_message_id(self, chat_id: int) -> int:
        """One counter per supergroup, one for all other chats, as at Telegram."""
        scope = chat_id if str(chat_id).startswith("-100") else 0
        return next(self._ids.setdefault(scope, itertools.count(1)))

    def writable(self, chat_id: int | str | None) -> ChatRecord:
        """The chat the bot wants to write to.

        Raises:
            Refusal: unknown chat (400), blocked or removed bot (403).
        """
        record = self.readable(chat_id)
        if record.blocked:
            raise Refusal("Forbidden: bot was blocked by the user", 403)
        if record.bot_status in {"left", "kicked"}:
            kind = "supergroup" if record.chat.type == "supergroup" else "group"
            what = "was kicked from" if record.bot_status == "kicked" else "is not a member of"
            raise Refusal(f"Forbidden: bot {what} the {kind} chat", 403)
        return record

    def readable(self, chat_id: int | str | None) -> ChatRecord:
        """A chat the bot has met; Refusal "chat not found" otherwise."""
        if isinstance(chat_id, str) and chat_id.startswith("@"):
            named = (one for one in self.chats.values() if f"@{one.chat.username}".lower() == chat_id.lower())
            record = next(named, None)
        else:
            text = str(chat_id or "")
            record = self.chats.get(int(text)) if re.fullmatch(r"-?[0-9]{1,18}", text) else None
        if record is None or not record.started:
            raise bad_request("chat not found" if chat_id not in {None, ""} else "chat_id is empty")
        return record

    def post(self, record: ChatRecord, sender: User, **content: Any) -> ChatMessage:
        """Put a new message into a chat; content holds Message's own fields."""
        message = Message(
            message_id=self.next_message_id(record.chat.id),
            date=datetime.now(UTC),
            chat=record.chat,
            from_user=sender,
            **content,
        )
        entry = ChatMessage(message)
        record.everything.append(entry)
        return entry

    def reply_target(self, record: ChatRecord, reply: ReplyParameters | None) -> Message | None:
        """The message a reply points at, without its own reply, as Telegram sends it."""
        if reply is None or reply.message_id is None:
            return None
        found = record.find(reply.message_id)
        if found is not None:
            return found.current.model_copy(update={"reply_to_message": None})
        if reply.allow_sending_without_reply is True:
            return None
        raise bad_request("message to be replied not found")


def keyboard_of(markup: object) -> InlineKeyboardMarkup | None:
    """Only inline keyboards stay on a message; an empty one is none."""
    return markup if isinstance(markup, InlineKeyboardMarkup) and any(markup.inline_keyboard) else None
