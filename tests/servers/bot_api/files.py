"""Files on the server: bytes by file_id, the same unique id for the same bytes, and their download paths."""

import hashlib
import io
import secrets
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from aiogram.types import BufferedInputFile, PhotoSize
from PIL import Image

from tests.servers.bot_api.limits import Refusal, bad_request, check_upload

_FOLDERS = {
    "video": ("videos", "BAACAgI", ".mp4"), "photo": ("photos", "AgACAgI", ".jpg"),
    "document": ("documents", "BQACAgI", ""), "voice": ("voice", "AwACAgI", ".oga"),
    "audio": ("music", "CQACAgI", ".mp3"), "animation": ("animations", "CgACAgI", ".mp4"),
    "thumbnail": ("thumbnails", "AAMCAgI", ".jpg"), "video_note": ("video_notes", "DQACAgI", ".mp4"),
}  # fmt: skip


@dataclass(frozen=True)
class StoredFile:
    """One file; size in bytes (larger than the data only when a test pretends)."""

    file_id: str
    file_unique_id: str
    kind: str
    name: str
    path: str
    size: int
    data: bytes = field(repr=False)


@dataclass
class FileStore:
    """Every file sent in either direction."""

    by_id: dict[str, StoredFile] = field(default_factory=dict)
    objects: dict[str, Any] = field(default_factory=dict)

    def add(self, kind: str, data: bytes, name: str = "", size: int | None = None) -> StoredFile:
        """Keep a file; a size other than len(data) is for pretending a large one."""
        folder, prefix, suffix = _FOLDERS[kind]
        digest = hashlib.sha256(kind.encode() + data).hexdigest()
        path = f"{folder}/file_{len(self.by_id)}{PurePosixPath(name).suffix or suffix}"
        stored = StoredFile(
            file_id=f"{prefix}{secrets.token_urlsafe(32)}",
            file_unique_id=f"AgAD{digest[:12]}",
            kind=kind,
            name=name,
            path=path,
            size=len(data) if size is None else size,
            data=data,
        )
        self.by_id[stored.file_id] = stored
        return stored

    def take(self, kind: str, source: object) -> StoredFile:
        """The file a send method names: an upload, or the file_id of one already here.

        Raises:
            Refusal: too large, empty, unknown, of another kind, or a URL (this server fetches nothing).
        """
        if isinstance(source, BufferedInputFile):
            check_upload(len(source.data), photo=kind == "photo")
            return self.add(kind, source.data, source.filename or "")
        text = str(source)
        if text.startswith(("http://", "https://")):
            raise bad_request("failed to get HTTP URL content")
        known = self.by_id.get(text)
        if known is None:
            raise bad_request("wrong file identifier/HTTP URL specified")
        if known.kind != kind:
            raise bad_request(f"can't use file of type {known.kind.title()} as {kind.title()}")
        return known

    def photo_sizes(self, stored: StoredFile) -> list[PhotoSize]:
        """A photo in its sizes, smallest first; Refusal when the bytes are no picture."""
        width, height = _measure(stored.data)
        if width + height > 10_000 or max(width, height) > 20 * min(width, height):
            raise bad_request("PHOTO_INVALID_DIMENSIONS")
        scale = min(1.0, 90 / max(width, height))
        small = self.add("photo", stored.data)
        return [
            _size(small, max(1, round(width * scale)), max(1, round(height * scale))),
            _size(stored, width, height),
        ]

    def thumbnail(self, source: object) -> PhotoSize | None:
        """The thumbnail of a file being sent: a JPEG within 320x320 and 200 kB, else Telegram drops it."""
        if not isinstance(source, BufferedInputFile) or len(source.data) > 200 * 1024:
            return None
        try:
            width, height = _measure(source.data)
        except Refusal:
            return None
        return _size(self.add("thumbnail", source.data), width, height) if max(width, height) <= 320 else None

    def at_path(self, path: str) -> StoredFile | None:
        """The file behind a download path."""
        return next((one for one in self.by_id.values() if one.path == path), None)


def _size(stored: StoredFile, width: int, height: int) -> PhotoSize:
    return PhotoSize(
        file_id=stored.file_id,
        file_unique_id=stored.file_unique_id,
        width=width,
        height=height,
        file_size=stored.size,
    )


def _measure(data: bytes) -> tuple[int, int]:
    try:
        with Image.open(io.BytesIO(data)) as picture:
            return picture.size
    except OSError as error:
        raise bad_request("IMAGE_PROCESS_FAILED") from error
