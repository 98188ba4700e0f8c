"""Addresses in a page made whole: common ones are joined by hand, since urljoin costs more than parsing the page."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urljoin, urlsplit

MAX_LINKS = 2_000
MAX_URL_CHARS = 2_000
_ODD = re.compile(r"[\s\x00-\x1f\x7f\\<>\"]")
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")


class Joiner:
    """Makes the addresses of one page whole.

    Args:
        base: where the page is, or what its base element says.
    """

    def __init__(self, base: str) -> None:
        try:
            parts = urlsplit(base)
        except ValueError:
            parts = urlsplit("")
        self._base = base
        self._scheme = parts.scheme
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._folder = self._origin + (parts.path.rpartition("/")[0] if parts.path else "") + "/"

    def whole(self, reference: str | None) -> str | None:
        """The address without its fragment; None when it is no sound http(s) address."""
        text = (reference or "").strip().partition("#")[0]
        if not text or len(text) > MAX_URL_CHARS or _ODD.search(text):
            return None
        joined = self._joined(text)
        return joined if joined is not None and len(joined) <= MAX_URL_CHARS else None

    def all(self, references: Iterable[str | None]) -> tuple[str, ...]:
        """Each address once, in order, at most two thousand."""
        # Most links of a page come again, or lead within it: what is told apart first is not joined.
        seen = dict.fromkeys((text or "").partition("#")[0] for text in references)
        found: dict[str, None] = {}
        for text in seen:
            address = self.whole(text) if text else None
            if address is not None:
                found[address] = None
                if len(found) >= MAX_LINKS:
                    break
        return tuple(found)

    def _joined(self, reference: str) -> str | None:
        text = reference
        if text.startswith(("https://", "http://")):
            return text if len(text) > 8 and text.partition("//")[2][0] not in "/?:" else None
        if text[0] == "/":
            if text.startswith("//"):
                return f"{self._scheme}:{text}" if len(text) > 2 and text[2] not in "/?:" else None
            return self._by_rule(text) if "/." in text else self._origin + text
        if _SCHEME.match(text):
            return self._by_rule(text) if text[:5].lower() in ("http:", "https") else None
        folder = self._folder
        while text.startswith("../") and folder != f"{self._origin}/":
            text, folder = text[3:], folder[: folder.rindex("/", 0, -1) + 1]
        if not text or text[0] in ".?" or "/." in text:
            return self._by_rule(reference)
        return folder + text

    def _by_rule(self, text: str) -> str | None:
        try:
            whole = urljoin(self._base, text)
            parts = urlsplit(whole)
        except ValueError:
            return None
        return parts.geturl() if parts.scheme in ("http", "https") and parts.netloc else None
