"""Raw updates, looked at as little as is needed: which chat they are of, and which ones belong together. Pure."""

from __future__ import annotations

from typing import Any

from agent.telegram.rich import utf16_units
from ettametta.conversation import Update

#: What we ask Telegram for.
WANTED = ["message", "edited_message", "callback_query", "my_chat_member"]

#: Telegram's apps cut a text at 4096 units; a piece that is nearly so long has a sequel.
_CUT_AT_UNITS = 4_000


def lane_of(raw: dict[str, Any]) -> str:
    """The chat an update is of; the person for what is of no chat."""
    for kind in WANTED:
        event = raw.get(kind)
        if isinstance(event, dict):
            return str(_chat_id(event) or _dig(event, "from", "id") or kind)
    return "other"


def _chat_id(event: dict[str, Any]) -> Any:
    return _dig(event, "chat", "id") or _dig(event, "message", "chat", "id")


def _dig(value: Any, *path: str) -> Any:
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def expects_more(update: Update) -> bool:
    """Whether more may follow that belongs to it: an album's parts, or the rest of a text that was cut."""
    return _album(update) is not None or _is_cut(update)


def belongs_to(update: Update, former: Update) -> bool:
    """Whether an update goes on with the one before it."""
    if _album(former) is not None:
        return _album(update) == _album(former)
    same_sender = _dig(update.payload, "message", "from", "id") == _dig(former.payload, "message", "from", "id")
    text = _text(update)
    return _is_cut(former) and same_sender and bool(text) and not text.startswith("/")


def _album(update: Update) -> str | None:
    group = _dig(update.payload, "message", "media_group_id")
    return str(group) if group else None


def _is_cut(update: Update) -> bool:
    return utf16_units(_text(update)) >= _CUT_AT_UNITS


def _text(update: Update) -> str:
    return str(_dig(update.payload, "message", "text") or "")
