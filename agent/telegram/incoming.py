"""What a person sent, as the conversation takes it: text, and files that were fetched and looked at."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from aiogram.types import Message

from agent.telegram.client import Client, too_large
from ettametta.db import storable
from ettametta.errors import InvalidInput, OperatorError
from ettametta.productions.uploads import Upload, Uploads
from ettametta.users import Person

NOT_YET = (
    "I cannot work with that kind of message yet. Send me words, a link, a text file, photos or videos; "
    "what you would say in a voice message, please write."
)

#: Messages a person writes that we cannot read; all others without text or file are Telegram's own notices.
_UNREADABLE = (
    "voice", "audio", "video_note", "sticker", "location", "venue", "contact", "poll", "dice", "story", "game",
    "checklist", "invoice", "paid_media",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _File:
    file_id: str
    name: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Material:
    """What messages that belong together hold; `problems` are sentences on files that could not be taken."""

    text: str
    attachments: tuple[Upload, ...]
    problems: tuple[str, ...]
    is_forwarded: bool


class Receiver:
    """Fetches what came with messages."""

    def __init__(self, client: Client, uploads: Uploads, *, folder: Path, max_bytes: int) -> None:
        self._client = client
        self._uploads = uploads
        self._folder = folder
        self._max_bytes = max_bytes

    def clear(self) -> None:
        """Remove what a killed process left half fetched."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True, exist_ok=True)

    async def receive(self, person: Person, messages: Sequence[Message]) -> Material:
        """The material in messages that belong together.

        Raises:
            TransientError: a file did not come.
        """
        attachments: list[Upload] = []
        problems: list[str] = []
        for message in messages:
            file = file_of(message)
            if file is None:
                continue
            try:
                attachments.append(await self._take(person, file))
            except (InvalidInput, OperatorError) as error:
                problems.append(str(error))
        forwarded = any(message.forward_origin is not None for message in messages)
        return Material(text_of(messages), tuple(attachments), tuple(problems), forwarded)

    async def _take(self, person: Person, file: _File) -> Upload:
        if file.size_bytes > self._max_bytes:
            raise too_large(file.name, self._max_bytes)
        folder = Path(await asyncio.to_thread(tempfile.mkdtemp, dir=self._folder))
        try:
            path = folder / "file"
            await self._client.download(file.file_id, path, name=file.name, max_bytes=self._max_bytes)
            return await self._uploads.add(person, path, name=file.name)
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


def text_of(messages: Sequence[Message]) -> str:
    """The words of messages that belong together: the pieces of a cut text joined, captions one per line."""
    captions = "\n".join(message.caption for message in messages if message.caption)
    return storable("".join(message.text or "" for message in messages) or captions)


def file_of(message: Message) -> _File | None:
    """The file a message carries; of a photo the largest form."""
    if message.photo:
        largest = max(message.photo, key=lambda one: one.width * one.height)
        return _File(largest.file_id, f"photo-{message.message_id}.jpg", largest.file_size or 0)
    if message.video:
        name = message.video.file_name or f"video-{message.message_id}.mp4"
        return _File(message.video.file_id, storable(name), message.video.file_size or 0)
    if message.document:
        name = message.document.file_name or f"file-{message.message_id}"
        return _File(message.document.file_id, storable(name), message.document.file_size or 0)
    return None


def is_readable(message: Message) -> bool:
    """Whether there is something in it we can work with."""
    return bool(message.text) or file_of(message) is not None


def is_unreadable(message: Message) -> bool:
    """Whether a person wrote it, and we cannot read it."""
    return any(getattr(message, kind, None) is not None for kind in _UNREADABLE)
