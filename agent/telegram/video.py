"""Handing a video over exactly once: a message first, its id recorded, then that message becomes the video.

Telegram has no idempotency for sending, but an edit repeated is the same edit: whatever crashes, one video is seen.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from dataclasses import replace

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramEntityTooLarge
from aiogram.types import InlineKeyboardMarkup, InputFile

from agent.runtime.values import Choice
from agent.telegram.buttons import Buttons
from agent.telegram.client import UPLOAD_BYTES, Client, Film
from agent.telegram.parcels import (
    PhotoPayload,
    VideoPayload,
    overtaken_message,
    placeholder_message,
    sheet_caption,
    too_large_message,
    video_caption,
)
from ettametta.delivery.outbox import Outbox, Parcel
from ettametta.errors import NotFound
from ettametta.productions.service import Productions
from ettametta.productions.values import VideoView
from ettametta.storage import Storage

_log = structlog.get_logger(__name__)

_MAX_THUMBNAIL_BYTES = 200_000
_MAX_COVER_BYTES = 10_000_000
#: A person who deletes the message while the video is on its way is given another one.
_MAX_MESSAGES = 3
_MAX_NAME = 60


class OvertakenError(Exception):
    """The video was made of a revision that an edit has replaced since: nobody waits for it any more."""


class StoredFile(InputFile):
    """A file in storage, read while it is sent."""

    def __init__(self, storage: Storage, key: str, filename: str) -> None:
        super().__init__(filename=filename)
        self._storage = storage
        self._key = key

    async def read(self, bot: Bot) -> AsyncGenerator[bytes, None]:  # noqa: ARG002 -- the signature is aiogram's
        """The bytes, in pieces."""
        async for chunk in self._storage.stream(self._key):
            yield chunk


class VideoCourier:
    """Hands videos over."""

    def __init__(
        self,
        client: Client,
        outbox: Outbox,
        productions: Productions,
        storage: Storage,
        buttons: Buttons,
        *,
        max_bytes: int,
    ) -> None:
        self._client = client
        self._buttons = buttons
        self._outbox = outbox
        self._productions = productions
        self._storage = storage
        self._max_bytes = max_bytes

    async def deliver(self, parcel: Parcel, chat_id: int) -> int:
        """Show the video of a parcel; gives the message it is in.

        Raises:
            NotFound: the production is not here any more.
            OvertakenError: an edit came between; a message that announced the video says so.
        """
        payload = VideoPayload.model_validate(parcel.payload)
        found = await self._find(payload, parcel.user_id)
        if found is None:
            if parcel.external_id:
                await self._client.edit(chat_id, int(parcel.external_id), overtaken_message(payload))
            raise OvertakenError(payload.video_id)
        video, revision = found
        message_id = int(parcel.external_id) if parcel.external_id else None
        if video.size_bytes > self._max_bytes:
            return await self._explain(payload, video, chat_id, message_id, limit_bytes=self._max_bytes)
        steps = self._next_steps(payload, revision, chat_id, is_draft=video.is_draft)
        film = await self._film(payload, video, steps)
        for _ in range(_MAX_MESSAGES):
            if message_id is None:
                message_id = await self._client.send(chat_id, placeholder_message(payload))
                await self._outbox.record_address(parcel, str(message_id))
            await self._client.doing(chat_id, "upload_video")
            try:
                if await self._client.edit_to_video(chat_id, message_id, film):
                    return message_id
            except TelegramEntityTooLarge:
                return await self._explain(payload, video, chat_id, message_id, limit_bytes=UPLOAD_BYTES)
            message_id = None
        raise NotFound("The message for the video was deleted again and again.", code="video.unwanted")

    async def show_sheet(self, parcel: Parcel, chat_id: int) -> int:
        """Show the contact sheet of a parcel; gives the message it is in."""
        payload = PhotoPayload.model_validate(parcel.payload)
        photo = StoredFile(self._storage, payload.storage_key, "scenes.jpg")
        await self._client.doing(chat_id, "upload_photo")
        return await self._client.send_photo(chat_id, photo, sheet_caption(payload))

    def _next_steps(
        self, payload: VideoPayload, revision: int, chat_id: int, *, is_draft: bool
    ) -> InlineKeyboardMarkup | None:
        """What a person may want of a finished video, as buttons."""
        drafts = [("Finish", "finish")] if is_draft else []
        undos = [("Undo", "undo")] if revision > 1 else []
        steps = [*drafts, ("Edit", "storyboard"), *undos, ("Variants", "variants")]
        choices = [Choice(label, f"/{command} {payload.production_id}") for label, command in steps]
        return self._buttons.of_choices(choices, str(chat_id))

    async def _find(self, payload: VideoPayload, user_id: str) -> tuple[VideoView, int] | None:
        """The video with the number of its revision; None when it is not the production's current one."""
        view = await self._productions.get(payload.production_id, user_id=user_id)
        if view.video is None or view.video.id != payload.video_id:
            return None
        return view.video, view.revision or 1

    async def _film(self, payload: VideoPayload, video: VideoView, keyboard: InlineKeyboardMarkup | None) -> Film:
        name = re.sub(r"[^A-Za-z0-9]+", "-", payload.title).strip("-")[:_MAX_NAME].lower() or "video"
        thumbnail = await self._picture(video.thumbnail_key, "thumbnail.jpg", _MAX_THUMBNAIL_BYTES)
        return Film(
            media=StoredFile(self._storage, video.storage_key, f"{name}.mp4"),
            thumbnail=thumbnail,
            cover=await self._picture(video.cover_key, "cover.jpg", _MAX_COVER_BYTES),
            caption=replace(video_caption(payload, is_draft=video.is_draft), keyboard=keyboard),
            width=video.width,
            height=video.height,
            duration_s=video.duration_s,
        )

    async def _picture(self, key: str, name: str, max_bytes: int) -> StoredFile | None:
        """A picture that goes with the video; without it, or when it is too large, the video goes alone."""
        if not await self._storage.exists(key) or await self._storage.size(key) > max_bytes:
            return None
        return StoredFile(self._storage, key, name)

    async def _explain(
        self, payload: VideoPayload, video: VideoView, chat_id: int, message_id: int | None, *, limit_bytes: int
    ) -> int:
        local = self._storage.local_path(video.storage_key)
        place = str(local) if local is not None else f"{video.storage_key} in the bucket"
        words = too_large_message(payload, size_bytes=video.size_bytes, limit_bytes=limit_bytes, place=place)
        _log.warning("video.too_large_to_send", production_id=video.production_id, size_bytes=video.size_bytes)
        if message_id is not None and await self._client.edit(chat_id, message_id, words):
            return message_id
        return await self._client.send(chat_id, words)
