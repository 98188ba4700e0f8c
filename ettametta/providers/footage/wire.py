"""What all footage providers share: one JSON request under limits, its failures by who must act, and careful reading.

Addresses may hold keys, so no error names one.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, ValidationError

from ettametta.errors import ConfigError, EttamettaError, NotFound, OperatorError, TransientError
from ettametta.kit.http import HttpClient
from ettametta.kit.text import clean, html_to_text, looks_like_html, truncate
from ettametta.providers.footage.base import FootageFacts

MAX_ANSWER_BYTES = 4_000_000
_JSON_TYPES = ("application/json", "text/json", "application/javascript", "text/javascript")
_MAX_TITLE_CHARS = 300
_MAX_TAGS = 40
_WEB = re.compile(r"https?://[^\s]+", re.IGNORECASE)

AnswerT = TypeVar("AnswerT", bound=BaseModel)


class Answer(BaseModel):
    """Base of what vendors send: fields that are not named here are left alone."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Wire:
    """Asks one vendor.

    Args:
        http: the outgoing client.
        facts: names the vendor and the setting of its key in errors.
        timeout_s: longest wait for one answer, in seconds.
    """

    def __init__(self, http: HttpClient, facts: FootageFacts, *, timeout_s: float) -> None:
        self._http = http
        self._facts = facts
        self._timeout_s = timeout_s

    async def ask(
        self,
        url: str,
        parameters: Sequence[tuple[str, str | int]],
        shape: type[AnswerT],
        *,
        headers: Mapping[str, str] | None = None,
    ) -> AnswerT:
        """One GET whose JSON answer has this shape.

        Raises:
            ConfigError, OperatorError, NotFound, TransientError: see FootageProvider.
        """
        whole = f"{url}?{urlencode(parameters)}" if parameters else url
        async with self._translated():
            fetched = await self._http.get(
                whole, max_bytes=MAX_ANSWER_BYTES, timeout_s=self._timeout_s, accept=_JSON_TYPES, headers=headers
            )
        try:
            return shape.model_validate_json(fetched.body)
        except ValidationError:
            raise self.unreadable() from None

    def unreadable(self) -> TransientError:
        """The error for an answer that has not the shape it should."""
        return TransientError(
            f"{self._facts.title} gave an answer that cannot be read.",
            hint="It is tried again by itself; if it stays so, leave it out with ETTAMETTA_PICTURE_SOURCES.",
            code="footage.malformed",
        )

    @asynccontextmanager
    async def _translated(self) -> AsyncIterator[None]:
        try:
            yield
        except NotFound as error:
            if error.code == "http.no_such_host":
                raise self._unreachable() from None
            raise
        except TransientError as error:
            raise self._later(error) from None
        except EttamettaError as error:
            raise self._operators(error) from None  # the cause may show an address with the key in it

    def _later(self, error: TransientError) -> TransientError:
        name, hint = self._facts.title, "It is tried again by itself."
        wait_s = error.retry_after_s
        if error.code == "http.busy":
            what = f"{name} has had too many requests."
            return TransientError(what, hint=hint, code="footage.rate", retry_after_s=wait_s)
        if error.code == "http.timeout":
            return TransientError(f"{name} did not answer in time.", hint=hint, code="footage.timeout")
        if error.code == "http.truncated":
            what = f"{name} broke off in the middle of its answer."
            return TransientError(what, hint=hint, code="footage.truncated")
        what = f"{name} is out of order at the moment."
        return TransientError(what, hint=hint, code="footage.unavailable", retry_after_s=wait_s)

    def _unreachable(self) -> TransientError:
        return TransientError(
            f"{self._facts.title} cannot be reached.", hint="Check the network.", code="footage.unavailable"
        )

    def _operators(self, error: EttamettaError) -> EttamettaError:
        setting = self._facts.key_setting
        if error.code == "http.payment":
            return OperatorError(
                f"{self._facts.title} says that our account is used up.",
                hint=f"Raise its limit{f', or change {setting}' if setting else ''}.",
                code="footage.quota",
            )
        if error.code in ("http.forbidden", "http.status"):
            return ConfigError(
                f"{self._facts.title} refuses our requests.",
                hint=f"Check {setting}." if setting else "Name a contact in ETTAMETTA_USER_AGENT, as its terms ask.",
                code="footage.refused",
            )
        if error.code in ("http.content_type", "http.damaged", "http.encoding", "http.too_large", "http.bomb"):
            return self.unreadable()
        return error


def readable(entries: Iterable[Any], shape: type[AnswerT]) -> list[AnswerT]:
    """The entries that have this shape: one that has not costs only itself."""
    found: list[AnswerT] = []
    for entry in entries:
        try:
            found.append(shape.model_validate(entry))
        except ValidationError:
            continue
    return found


def web_address(text: str | None) -> str | None:
    """An http(s) address, or None. One without a scheme (`//host/...`) becomes https."""
    whole = f"https:{text}" if text and text.startswith("//") else (text or "")
    return whole if _WEB.fullmatch(whole) and len(whole) <= 2_000 else None


def plain(text: str | None, limit: int = _MAX_TITLE_CHARS) -> str:
    """One line of plain text; markup is taken off."""
    if not text:
        return ""
    return truncate(clean(html_to_text(text) if looks_like_html(text) else text), limit)


def tags_of(words: Iterable[str]) -> tuple[str, ...]:
    """At most forty short tags."""
    return tuple(tag for tag in (plain(word, 60) for word in words) if tag)[:_MAX_TAGS]


def texts(value: list[str] | str | None) -> list[str]:
    """A field that is sometimes one text and sometimes a list of them."""
    return [value] if isinstance(value, str) else value or []


class Rendition(BaseModel):
    """One size in which a file can be had, in pixels."""

    model_config = ConfigDict(frozen=True)

    url: str
    width: int
    height: int
    size_bytes: int | None = None


def choose(renditions: Iterable[Rendition], width: int, height: int, *, covers: bool) -> list[Rendition]:
    """Renditions with the best first, then ever smaller ones.

    Args:
        renditions: what there is.
        width: the frame's, in pixels.
        height: the same.
        covers: the smallest that fills the frame without enlarging (stills); else the smallest whose short side is the
            frame's: a landscape clip that fills a tall frame would be four times the work to decode.
    """
    ordered = sorted(renditions, key=lambda one: one.width * one.height)
    short = min(width, height)
    enough = [
        one
        for one in ordered
        if (one.width >= width and one.height >= height if covers else min(one.width, one.height) >= short)
    ]
    best = enough[0] if enough else (ordered[-1] if ordered else None)
    if best is None:
        return []
    return [best, *(one for one in reversed(ordered) if one.width * one.height < best.width * best.height)]
