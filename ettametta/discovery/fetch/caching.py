"""What may be kept of an answer and for how long it is fresh: RFC 9111 for a shared cache, without heuristics. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

_DIRECTIVE = re.compile(r'([a-z-]+)(?:\s*=\s*(?:"([^"]*)"|([^,\s]+)))?', re.IGNORECASE)
#: Longer promises than this are not believed.
_MAX_FRESH_S = 7 * 86_400
_MAX_ETAG_CHARS = 500
_MAX_DATE_CHARS = 64


@dataclass(frozen=True, slots=True)
class Kept:
    """What is known of a kept answer, without its body."""

    key: str
    url: str
    etag: str | None
    last_modified: str | None
    content_type: str
    charset: str | None
    fresh_until: datetime | None

    def is_fresh(self, now: datetime) -> bool:
        """Whether the server need not be asked."""
        return self.fresh_until is not None and self.fresh_until > now

    def conditions(self) -> dict[str, str]:
        """The headers that ask for the page only if it has changed."""
        asked = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in asked.items() if value}


def cache_key(url: str, accept: str, user_agent: str, headers: Mapping[str, str]) -> str:
    """SHA-256 of the address and of all that we send which an answer could vary with (Vary)."""
    own = sorted((name.lower(), value) for name, value in headers.items())
    return hashlib.sha256(repr((url, accept, user_agent, own)).encode("utf-8", "surrogatepass")).hexdigest()


def may_keep(headers: Mapping[str, str]) -> bool:
    """Whether an answer to a GET may be kept and is of use later: with a validator, or a time it stays fresh."""
    control = headers.get("Cache-Control", "")
    if control:
        directives = _directives(control)
        if "no-store" in directives or "private" in directives:
            return False
    if "*" in headers.get("Vary", ""):
        return False
    return "ETag" in headers or "Last-Modified" in headers or bool(control) or "Expires" in headers


def validators(headers: Mapping[str, str]) -> tuple[str | None, str | None]:
    """ETag and Last-Modified, when they are of a sane size."""
    etag, modified = headers.get("ETag", ""), headers.get("Last-Modified", "")
    return (
        etag if 0 < len(etag) <= _MAX_ETAG_CHARS and etag.isascii() else None,
        modified if 0 < len(modified) <= _MAX_DATE_CHARS and modified.isascii() else None,
    )


def fresh_until(headers: Mapping[str, str], *, asked_at: datetime, now: datetime) -> datetime | None:
    """Until when an answer may be used without asking (RFC 9111, 4.2); None: ask each time.

    Args:
        headers: of the answer; names in any case.
        asked_at: when the request was sent.
        now: when the answer came.
    """
    lifetime_s = _lifetime_s(headers)
    if lifetime_s <= 0:
        return None
    age_s = _age_s(headers, now) + (now - asked_at).total_seconds()
    left_s = min(lifetime_s, _MAX_FRESH_S) - age_s
    return now + timedelta(seconds=left_s) if left_s > 0 else None


def _lifetime_s(headers: Mapping[str, str]) -> float:
    directives = _directives(headers.get("Cache-Control", ""))
    if "no-cache" in directives:
        return 0.0
    for name in ("s-maxage", "max-age"):
        if name in directives:
            return _seconds(directives[name])
    expires, date = _moment(headers.get("Expires", "")), _moment(headers.get("Date", ""))
    return (expires - date).total_seconds() if expires and date else 0.0


def _age_s(headers: Mapping[str, str], now: datetime) -> float:
    date = _moment(headers.get("Date", ""))
    apparent_s = max(0.0, (now - date).total_seconds()) if date else 0.0
    return max(apparent_s, _seconds(headers.get("Age", "")))


def _directives(header: str) -> dict[str, str]:
    return {found[0].lower(): found[1] or found[2] for found in _DIRECTIVE.findall(header)}


def _seconds(text: str) -> float:
    return float(text) if re.fullmatch(r"[0-9]{1,10}", text.strip()) else 0.0


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo is not None else None
