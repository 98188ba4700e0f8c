"""Methods that send files: uploads or file ids become Video, PhotoSize, Document, Voice, Audio on a message."""

import mimetypes
import secrets
from typing import Any

from aiogram.methods import (
    EditMessageMedia,
    SendAnimation,
    SendAudio,
    SendDocument,
    SendMediaGroup,
    SendPhoto,
    SendVideo,
    SendVoice,
)
from aiogram.types import Animation, Audio, Document, Message, TelegramObject, Video, Voice

from tests.servers.bot_api.files import StoredFile
from tests.servers.bot_api.limits import bad_request, caption_text
from tests.servers.bot_api.messages import caption_fields, edit, editable, posted, sendable
from tests.servers.bot_api.state import BotState

_KINDS = ("video", "photo", "document", "voice", "audio", "animation")


def media_fields(state: BotState, kind: str, source: object, spec: Any) -> dict[str, Any]:
    """Message's fields for one piece of media and its caption; spec is the method or the InputMedia.

    Raises:
        Refusal: the file or the caption.
    """
    rich = caption_text(spec.caption, spec.parse_mode, spec.caption_entities)
    stored = state.files.take(kind, source)
    known = state.files.objects.get(stored.file_id)
    media = known if known is not None else _describe(state, kind, stored, spec)
    state.files.objects[stored.file_id] = media
    above = True if getattr(spec, "show_caption_above_media", None) is True else None
    spoiler = True if getattr(spec, "has_spoiler", None) else None
    return {kind: media, **caption_fields(rich), "show_caption_above_media": above, "has_media_spoiler": spoiler}


def _describe(state: BotState, kind: str, stored: StoredFile, spec: Any) -> TelegramObject | list[Any]:
    if kind == "photo":
        return list(state.files.photo_sizes(stored))
    common: dict[str, Any] = {
        "file_id": stored.file_id,
        "file_unique_id": stored.file_unique_id,
        "file_size": stored.size,
        "mime_type": mimetypes.guess_type(stored.path)[0] or "application/octet-stream",
    }
    if kind == "voice":
        return Voice(**{**common, "mime_type": "audio/ogg"}, duration=spec.duration or 0)
    common |= {"file_name": stored.name, "thumbnail": state.files.thumbnail(spec.thumbnail)}
    if kind == "document":
        return Document(**common)
    if kind == "audio":
        return Audio(**common, duration=spec.duration or 0, performer=spec.performer, title=spec.title)
    shape: dict[str, Any] = {"width": spec.width or 0, "height": spec.height or 0, "duration": spec.duration or 0}
    if kind == "animation":
        return Animation(**common, **shape)
    return Video(**common, **shape, cover=_cover(state, spec.cover), start_timestamp=spec.start_timestamp)


def _cover(state: BotState, source: object) -> list[Any] | None:
    return None if source is None else list(state.files.photo_sizes(state.files.take("photo", source)))


def _send(state: BotState, kind: str, method: Any) -> Message:
    record, reply = sendable(state, method)
    fields = media_fields(state, kind, getattr(method, kind), method)
    state.rates.note(record.chat.id, "send")
    entry = posted(state, record, method, reply, **fields)
    entry.supports_streaming = bool(getattr(method, "supports_streaming", None))
    return entry.current


def send_video(state: BotState, method: SendVideo) -> Message:
    """A video; width, height and duration are what the bot said (0 when it did not)."""
    return _send(state, "video", method)


def send_photo(state: BotState, method: SendPhoto) -> Message:
    """A photo, up to 10 MB."""
    return _send(state, "photo", method)


def send_document(state: BotState, method: SendDocument) -> Message:
    """Any file, up to 50 MB."""
    return _send(state, "document", method)


def send_voice(state: BotState, method: SendVoice) -> Message:
    """A voice note."""
    return _send(state, "voice", method)


def send_audio(state: BotState, method: SendAudio) -> Message:
    """Music."""
    return _send(state, "audio", method)


def send_animation(state: BotState, method: SendAnimation) -> Message:
    """A silent loop."""
    return _send(state, "animation", method)


def send_media_group(state: BotState, method: SendMediaGroup) -> list[Message]:
    """An album of 2 to 10; documents and music only among themselves."""
    kinds = {str(one.type) for one in method.media}
    if not 2 <= len(method.media) <= 10:
        raise bad_request("media group must include 2-10 items")
    for alone in ("document", "audio"):
        if alone in kinds and len(kinds) > 1:
            raise bad_request(f"{alone} can't be mixed with other media types")
    record, reply = sendable(state, method)
    contents = [media_fields(state, str(one.type), one.media, one) for one in method.media]
    state.rates.note(record.chat.id, "send", count=len(contents))
    group = str(secrets.randbelow(10**17))
    return [posted(state, record, method, reply, media_group_id=group, **one).current for one in contents]


def edit_message_media(state: BotState, method: EditMessageMedia) -> Message:
    """Other media in place of what stands there."""
    entry = editable(state, method)
    fields = media_fields(state, str(method.media.type), method.media.media, method.media)
    emptied = dict.fromkeys((*_KINDS, "text", "entities"))
    edited = edit(state, method, {**emptied, **fields})
    entry.supports_streaming = bool(getattr(method.media, "supports_streaming", None))
    return edited


MEDIA_HANDLERS: dict[str, Any] = {
    "sendVideo": send_video,
    "sendPhoto": send_photo,
    "sendDocument": send_document,
    "sendVoice": send_voice,
    "sendAudio": send_audio,
    "sendAnimation": send_animation,
    "sendMediaGroup": send_media_group,
    "editMessageMedia": edit_message_media,
}
