"""Addresses in feeds: relative ones resolved, only http(s) kept."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

MAX_URL_CHARS = 2_000
_WHOLE = re.compile(r"https?://[^\s/?#\\\"<>@\[\]]+(?:[/?#][^\s\"<>\\]*)?", re.IGNORECASE)
_UNSAFE = re.compile(r"[\s\"<>\\]")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


def web_address(text: str | None, base: str = "") -> str | None:
    """An http(s) address, resolved against `base`; None for another scheme, or more than 2,000 characters."""
    value = (text or "").strip()
    if not value or len(value) > MAX_URL_CHARS:
        return None
    if _WHOLE.fullmatch(value):
        return value if value.isascii() or _is_sound(value) else None
    value = re.sub(r"[\t\r\n\x00-\x08]", "", value)
    if _SCHEME.match(value) and not value[:8].lower().startswith(("http:", "https:")):
        return None
    return _joined(value, base)


def _joined(value: str, base: str) -> str | None:
    try:
        whole = urljoin(base, value)
        parts = urlsplit(whole)
        if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
            return None
    except ValueError:
        return None
    # A space inside is what feeds forget to escape most often.
    whole = _UNSAFE.sub(lambda found: f"%{ord(found[0]):02X}" if ord(found[0]) < 128 else "", whole)
    return whole if len(whole) <= MAX_URL_CHARS and _WHOLE.fullmatch(whole) and _is_sound(whole) else None


def _is_sound(text: str) -> bool:
    """Without lone surrogates."""
    return text == text.encode("utf-8", "ignore").decode()
