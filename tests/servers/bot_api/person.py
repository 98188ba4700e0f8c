"""The people: what somebody writes, sends, presses, edits and blocks, as the updates Telegram would make of it."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aiogram.types import (
    Audio,
    CallbackQuery,
    ChatMemberUpdated,
    Document,
    InlineQuery,
    MessageGenerationStopped,
    MessageOriginUser,
    MessageReactionUpdated,
    ReactionTypeEmoji,
    User,
    Video,
    Voice,
)

from tests.servers.bot_api.account import member
from tests.servers.bot_api.entities import RichText, tidy, utf16_len, utf16_slice
from tests.servers.bot_api.limits import CAPTION_UNITS, TEXT_UNITS
from tests.servers.bot_api.messages import caption_fields, text_fields
from tests.servers.bot_api.state import BotState, ChatMessage, ChatRecord, Click


@dataclass(frozen=True)
class Person:
    """Somebody with a Telegram account; in their private chat with the bot unless a group is named."""

    state: BotState
    user: User

    @property
    def chat(self) -> ChatRecord:
        """The private chat with the bot."""
        return self.state.chats[self.user.id]

    async def starts(self, payload: str = "") -> ChatMessage:
        """Press Start, or follow a deep link with a payload."""
        return await self.sends(f"/start {payload}".strip())

    async def sends(
        self,
        text: str,
        *,
        reply_to: ChatMessage | int | None = None,
        chat: "Group | int | None" = None,
        forwarded_from: User | None = None,
    ) -> ChatMessage:
        """Write (or forward) a text; over 4096 units it becomes several, as in Telegram's apps. Returns the last."""
        origin = None
        if forwarded_from is not None:
            origin = MessageOriginUser(date=datetime.now(UTC), sender_user=forwarded_from)
        pieces = [tidy(RichText(piece)) for piece in split_text(text.strip())]
        said = [
            self._say(chat, reply_to, forward_origin=origin, **text_fields(piece)) for piece in pieces if piece.text
        ]
        if not said:
            raise ValueError("Telegram's apps send no empty message")
        await self.state.notify()
        return said[-1]

    async def sends_document(
        self,
        data: bytes,
        name: str,
        mime: str = "application/octet-stream",
        *,
        caption: str = "",
        size: int | None = None,
        chat: "Group | int | None" = None,
    ) -> ChatMessage:
        """Send a file; a size other than len(data) pretends a larger one."""
        stored = self.state.files.add("document", data, name, size)
        media = Document(**_common(stored), file_name=name, mime_type=mime)
        return await self._sends_media(chat, caption, document=media)

    async def sends_photo(self, data: bytes, *, caption: str = "", chat: "Group | int | None" = None) -> ChatMessage:
        """Send a picture, compressed as a photo."""
        stored = self.state.files.add("photo", data, "photo.jpg")
        return await self._sends_media(chat, caption, photo=self.state.files.photo_sizes(stored))

    async def sends_album(self, pictures: Sequence[bytes], *, caption: str = "") -> list[ChatMessage]:
        """Send 2 to 10 pictures as one album: an update each, the caption on the first."""
        group = str(secrets.randbelow(10**17))
        sent = []
        for number, data in enumerate(pictures):
            sizes = self.state.files.photo_sizes(self.state.files.add("photo", data, "photo.jpg"))
            words = caption_fields(tidy(RichText("" if number else caption)))
            self.state.files.objects[sizes[-1].file_id] = sizes
            sent.append(self._say(None, None, photo=sizes, media_group_id=group, **words))
        await self.state.notify()
        return sent

    async def sends_voice(self, data: bytes, *, duration_s: int = 1, chat: "Group | int | None" = None) -> ChatMessage:
        """Send a voice note (OGG/Opus)."""
        stored = self.state.files.add("voice", data)
        media = Voice(**_common(stored), duration=duration_s, mime_type="audio/ogg")
        return await self._sends_media(chat, "", voice=media)

    async def sends_video(
        self,
        data: bytes,
        name: str = "video.mp4",
        *,
        width: int = 1080,
        height: int = 1920,
        duration_s: int = 1,
        caption: str = "",
        chat: "Group | int | None" = None,
    ) -> ChatMessage:
        """Send a video."""
        shape: dict[str, Any] = {"width": width, "height": height, "duration": duration_s}
        media = Video(
            **_common(self.state.files.add("video", data, name)), **shape, file_name=name, mime_type="video/mp4"
        )
        return await self._sends_media(chat, caption, video=media)

    async def sends_audio(
        self, data: bytes, name: str, *, duration_s: int = 1, chat: "Group | int | None" = None
    ) -> ChatMessage:
        """Send music."""
        stored = self.state.files.add("audio", data, name)
        media = Audio(**_common(stored), duration=duration_s, file_name=name, mime_type="audio/mpeg")
        return await self._sends_media(chat, "", audio=media)

    async def edits(self, message: ChatMessage, text: str) -> ChatMessage:
        """Change one's own text."""
        fields = text_fields(tidy(RichText(text)))
        stamp = int(datetime.now(UTC).timestamp())
        message.replace(message.current.model_copy(update={**fields, "edit_date": stamp}))
        message.update_id = self.state.updates.add("edited_message", message.current)
        await self.state.notify()
        return message

    async def clicks(self, message: ChatMessage, label_or_data: str) -> Click:
        """Press the button with this label or callback data; LookupError when it is not there (any more)."""
        button = message.button(label_or_data)
        if button.callback_data is None:
            raise LookupError(f"button {button.text!r} sends nothing to the bot")
        return await self.clicks_raw(message, button.callback_data)

    async def clicks_raw(self, message: ChatMessage, data: str) -> Click:
        """Send callback data whether or not such a button stands there now: stale keyboards, forged data."""
        query_id = self.state.next_query_id()
        query = CallbackQuery(
            id=query_id, from_user=self.user, chat_instance=str(message.chat_id), message=message.current, data=data
        )
        update_id = self.state.updates.add("callback_query", query)
        click = Click(query_id, message.chat_id, message.message_id, data, update_id)
        self.state.clicks[query_id] = click
        await self.state.notify()
        return click

    async def reacts(self, message: ChatMessage, *emoji: str) -> None:
        """Set (or with no emoji take away) a reaction."""
        old = message.reactions.get(self.user.id, [])
        new: list[Any] = [ReactionTypeEmoji(emoji=one) for one in emoji]
        message.reactions[self.user.id] = new
        event = MessageReactionUpdated(
            chat=message.current.chat,
            message_id=message.message_id,
            user=self.user,
            date=datetime.now(UTC),
            old_reaction=old,
            new_reaction=new,
        )
        self.state.updates.add("message_reaction", event)
        await self.state.notify()

    async def inline_query(self, query: str, offset: str = "") -> str:
        """Type @bot and a query; the returned id is the key in BotState.inline_answers."""
        query_id = self.state.next_query_id()
        self.state.inline_answers[query_id] = None
        event = InlineQuery(id=query_id, from_user=self.user, query=query, offset=offset, chat_type="sender")
        self.state.updates.add("inline_query", event)
        await self.state.notify()
        return query_id

    async def stops_draft(self) -> None:
        """Press Stop under a streamed draft; LookupError when none offers it."""
        draft = self.chat.drafts[-1] if self.chat.drafts else None
        if draft is None or not draft.can_stop:
            raise LookupError("no draft with a Stop button")
        event = MessageGenerationStopped(chat=self.chat.chat, draft_id=draft.draft_id)
        self.state.updates.add("stopped_message_generation", event)
        await self.state.notify()

    async def blocks_bot(self) -> None:
        """From now on the bot gets 403 here."""
        await self._membership(blocked=True)

    async def unblocks_bot(self) -> None:
        """The bot may write again."""
        await self._membership(blocked=False)

    async def _membership(self, *, blocked: bool) -> None:
        self.chat.blocked = blocked
        before, after = ("member", "kicked") if blocked else ("kicked", "member")
        self.state.updates.add("my_chat_member", membership(self.state, self.chat, self.user, before, after))
        await self.state.notify()

    async def _sends_media(self, chat: "Group | int | None", caption: str, **media: Any) -> ChatMessage:
        if utf16_len(caption) > CAPTION_UNITS:
            raise ValueError("Telegram's apps send no caption over 1024 units")
        for one in media.values():
            largest = one[-1] if isinstance(one, list) else one
            self.state.files.objects[largest.file_id] = one
        entry = self._say(chat, None, **media, **caption_fields(tidy(RichText(caption))))
        await self.state.notify()
        return entry

    def _say(self, place: "Group | int | None", reply_to: ChatMessage | int | None, **content: Any) -> ChatMessage:
        record = self._record(place)
        message_id = reply_to.message_id if isinstance(reply_to, ChatMessage) else reply_to
        target = record.find(message_id)
        if message_id is not None and target is None:
            raise LookupError(f"no message {message_id} in chat {record.chat.id} to reply to")
        quoted = target.current.model_copy(update={"reply_to_message": None}) if target else None
        record.started = True
        entry = self.state.post(record, self.user, reply_to_message=quoted, **content)
        if self._reaches_bot(record, entry):
            entry.update_id = self.state.updates.add("message", entry.current)
        return entry

    def _record(self, place: "Group | int | None") -> ChatRecord:
        if isinstance(place, Group):
            return place.record
        return self.chat if place is None else self.state.chats[place]

    def _reaches_bot(self, record: ChatRecord, entry: ChatMessage) -> bool:
        """Privacy mode: in groups only commands, replies to the bot and mentions of it."""
        if record.bot_status in {"left", "kicked"} or record.blocked:
            return False
        if record.chat.type == "private" or record.bot_status == "administrator" or not self.state.privacy_mode:
            return True
        reply = entry.current.reply_to_message
        if reply is not None and reply.from_user is not None and reply.from_user.id == self.state.bot.id:
            return True
        name = f"@{self.state.bot.username}".lower()
        for one in (*(entry.current.entities or ()), *(entry.current.caption_entities or ())):
            piece = utf16_slice(entry.text, one.offset, one.length).lower()
            if (one.type == "bot_command" and ("@" not in piece or piece.endswith(name))) or piece == name:
                return True
        return False


@dataclass(frozen=True)
class Group:
    """A group with the bot in it."""

    state: BotState
    record: ChatRecord

    async def promotes_bot(self, by: Person) -> None:
        """The bot becomes an administrator and sees every message."""
        await self._bot_becomes(by, "administrator")

    async def removes_bot(self, by: Person) -> None:
        """The bot is thrown out."""
        await self._bot_becomes(by, "kicked")

    async def adds_bot(self, by: Person) -> None:
        """The bot is (again) a member."""
        await self._bot_becomes(by, "member")

    async def _bot_becomes(self, by: Person, status: str) -> None:
        before, self.record.bot_status = self.record.bot_status, status
        event = membership(self.state, self.record, by.user, before, status)
        self.state.updates.add("my_chat_member", event)
        await self.state.notify()


def membership(state: BotState, record: ChatRecord, by: User, before: str, after: str) -> ChatMemberUpdated:
    """The event of the bot's own standing changing in a chat."""
    return ChatMemberUpdated(
        chat=record.chat,
        from_user=by,
        date=datetime.now(UTC),
        old_chat_member=member(state.bot, before),
        new_chat_member=member(state.bot, after),
    )


def split_text(text: str, most_units: int = TEXT_UNITS) -> list[str]:
    """Pieces of at most this many UTF-16 units, never inside a surrogate pair."""
    pieces: list[str] = []
    piece: list[str] = []
    units = 0
    for character in text:
        width = 2 if ord(character) > 0xFFFF else 1
        if units + width > most_units:
            pieces.append("".join(piece))
            piece, units = [], 0
        piece.append(character)
        units += width
    return [*pieces, "".join(piece)] if piece else pieces


def _common(stored: Any) -> dict[str, Any]:
    return {"file_id": stored.file_id, "file_unique_id": stored.file_unique_id, "file_size": stored.size}
