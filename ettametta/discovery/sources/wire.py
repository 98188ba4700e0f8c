"""What sources with a machine interface share: one JSON question, its failures by who must act, careful reading.

Addresses may hold keys, so no error names one.
"""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError

from ettametta.discovery.fetch.base import Answer, Fetch
from ettametta.discovery.sources.base import SourceInfo, Takes, Wanted
from ettametta.errors import EttamettaError, InvalidInput, NotFound, Refused, TransientError
from ettametta.kit.text import clean, decode

MAX_ANSWER_BYTES = 5_000_000
JSON_TYPES = ("application/json", "text/json", "application/javascript", "text/javascript", "text/plain")
MAX_ENTRIES = 1_000
#: A niche's first phrases are searched for, each by a question of its own.
MAX_PHRASES = 5
_MAX_PHRASE_CHARS = 120
#: A larger answer is parsed in a thread: it would hold up everything else.
_LARGE_BYTES = 200_000
_UNSUITABLE = ("http.content_type", "http.damaged", "http.encoding", "http.too_large", "http.bomb", "http.not_http")
_LEFT_ALONE = ("fetch.rate", "fetch.resting", "fetch.waiting")

ShapeT = TypeVar("ShapeT", bound=BaseModel)


class Shape(BaseModel):
    """Base of what sources send: fields that are not named are left alone."""

    model_config = ConfigDict(frozen=True, extra="ignore")


def phrases(wanted: Wanted) -> tuple[str, ...]:
    """The phrases to search for, at most five, without marks that search languages read as commands."""
    plain = ("".join(" " if mark in '"()[]{}:*~^\\|<>&!' else mark for mark in clean(word)) for word in wanted.words)
    short = (" ".join(phrase.split())[:_MAX_PHRASE_CHARS] for phrase in plain)
    return tuple(dict.fromkeys(phrase for phrase in short if phrase))[:MAX_PHRASES]


def share(wanted: Wanted, most: int) -> int:
    """How many results to ask for per phrase, at most what the source gives at once."""
    return max(1, min(most, math.ceil(wanted.limit / max(1, len(phrases(wanted))))))


async def ask(
    fetch: Fetch,
    info: SourceInfo,
    url: str,
    shape: type[ShapeT],
    parameters: Sequence[tuple[str, str | int]] = (),
    *,
    headers: Mapping[str, str] | None = None,
    is_private: bool = False,
) -> ShapeT:
    """One GET of a documented interface, whose JSON answer has this shape.

    Args:
        fetch: who fetches.
        info: names the source and its settings in errors.
        url: without parameters.
        shape: of the answer.
        parameters: of the question.
        headers: more of them.
        is_private: the answer depends on a key.

    Raises:
        InvalidInput: there is no such thing at the source.
        Refused: it does not let us in.
        TransientError: it does not answer now, or with what cannot be read.
    """
    whole = f"{url}?{urlencode(parameters)}" if parameters else url
    async with translated(info):
        answer = await fetch.get(
            whole,
            accept=JSON_TYPES,
            headers=headers,
            max_bytes=MAX_ANSWER_BYTES,
            is_api=True,
            is_private=is_private,
        )
    return await read_answer(answer, info, shape)


async def send(
    fetch: Fetch,
    info: SourceInfo,
    url: str,
    shape: type[ShapeT],
    *,
    form: Mapping[str, str] | None = None,
    json: object = None,
    headers: Mapping[str, str] | None = None,
) -> ShapeT:
    """One POST of a form or of JSON, whose JSON answer has this shape.

    Raises:
        EttamettaError: as `ask`.
    """
    async with translated(info):
        answer = await fetch.post(url, form=form, json=json, headers=headers, max_bytes=MAX_ANSWER_BYTES)
    return await read_answer(answer, info, shape)


class _Token(Shape):
    """A token, or the reason why there is none (RFC 6749, sections 5.1 and 5.2)."""

    access_token: str | None = None
    error: Any = None


async def access_token(
    fetch: Fetch, info: SourceInfo, url: str, form: Mapping[str, str], *, headers: Mapping[str, str] | None = None
) -> str:
    """A token for the application itself (RFC 6749, section 4.4).

    Raises:
        Refused: the source does not accept our key.
        TransientError: it does not answer now, or with what cannot be read.
    """
    found = await send(fetch, info, url, _Token, form=form, headers=headers)
    token = found.access_token or ""
    if token.isascii() and token.isprintable() and token and " " not in token:
        return token
    raise _refused(info) if found.error else unreadable(info)


def secrets(info: SourceInfo, *keys: SecretStr | None) -> tuple[str, ...]:
    """The values of a source's settings, in the order of `info.keys`.

    Raises:
        Refused: some are not set.
    """
    values = tuple(key.get_secret_value().strip() if key is not None else "" for key in keys)
    missing = [name for name, value in zip(info.keys, values, strict=True) if not value]
    if missing:
        raise key_missing(info, missing)
    return values


async def read_answer(answer: Answer, info: SourceInfo, shape: type[ShapeT]) -> ShapeT:
    """The JSON of an answer in this shape.

    Raises:
        TransientError: it is no JSON, or has another shape.
    """
    try:
        if len(answer.body) > _LARGE_BYTES:
            data = await asyncio.to_thread(read_json, answer)
        else:
            data = read_json(answer)
        return shape.model_validate(data)
    except (ValueError, RecursionError, InvalidInput):  # pydantic's and json's errors are ValueErrors
        raise unreadable(info) from None


def read_json(answer: Answer) -> Any:
    """The JSON of an answer; control characters within texts are let pass (GDELT sends them).

    Raises:
        ValueError, RecursionError: it is none, or nested too deep.
        InvalidInput: it is no text.
    """
    try:
        text = answer.body.decode("utf-8-sig")  # JSON is UTF-8 (RFC 8259): no need to guess
    except UnicodeDecodeError:
        text = decode(answer.body, charset=answer.charset)
    return json.loads(text, strict=False)


def readable(entries: object, shape: type[ShapeT]) -> list[ShapeT]:
    """The entries that have this shape: one that has not costs only itself, and what is no list has none.

    Only the first thousand are looked at: no source is asked for more, and what comes unasked is not worth the time.
    """
    found: list[ShapeT] = []
    for entry in entries[:MAX_ENTRIES] if isinstance(entries, list) else ():
        try:
            found.append(shape.model_validate(entry))
        except (ValidationError, RecursionError):
            continue
    return found


def unreadable(info: SourceInfo) -> TransientError:
    """The error for an answer that has not the shape it should."""
    return TransientError(
        f"{info.title} gave an answer that cannot be read.",
        hint="It is tried again by itself; if it stays so, leave this source out.",
        code="source.unreadable",
    )


def key_missing(info: SourceInfo, missing: Iterable[str]) -> Refused:
    """The error for a source whose settings are not there."""
    return Refused(
        f"{info.title} needs a key, and there is none.",
        hint=f"Set {' and '.join(missing)} (docs/sources.md says where to get it), or leave this source out.",
        code="source.no_key",
    )


def bad_address(info: SourceInfo) -> InvalidInput:
    """The error for an address the source cannot read."""
    return InvalidInput(
        f"That is no address {info.title} can read.",
        hint=f"Give {info.address_hint}." if info.address_hint else "Leave the address out.",
        code="source.address",
    )


@asynccontextmanager
async def translated(info: SourceInfo) -> AsyncIterator[None]:
    """Failures of fetching, told of the source: who must act, and what with.

    Raises:
        EttamettaError: see `ask`.
    """
    try:
        yield
    except TransientError as error:
        raise _later(info, error) from None
    except EttamettaError as error:
        raise _lasting(info, error) from None  # the cause may show an address with the key in it


def _later(info: SourceInfo, error: TransientError) -> TransientError:
    hint, wait_s = "It is asked again at the next scan.", error.retry_after_s
    if error.code.startswith("source."):
        return error
    if error.code == "http.busy":
        what = f"{info.title} has had too many requests."
        return TransientError(what, hint=hint, code="source.rate", retry_after_s=wait_s)
    if error.code in _LEFT_ALONE:
        what = f"{info.title} is left alone for a while, as its rate or its failures ask."
        return TransientError(what, hint=hint, code="source.resting", retry_after_s=wait_s)
    if error.code in ("http.timeout", "fetch.deadline"):
        return TransientError(f"{info.title} did not answer in time.", hint=hint, code="source.timeout")
    if error.code in ("http.truncated", "http.damaged"):
        what = f"{info.title} broke off in the middle of its answer."
        return TransientError(what, hint=hint, code="source.truncated")
    what = f"{info.title} is out of order at the moment."
    return TransientError(what, hint=hint, code="source.unavailable", retry_after_s=wait_s)


def _lasting(info: SourceInfo, error: EttamettaError) -> EttamettaError:
    if error.code == "http.no_such_host" and info.takes is not Takes.ADDRESS:
        what = f"{info.title} cannot be found from here."
        return TransientError(what, hint="Check the network and its name server.", code="source.unreachable")
    if error.code in _UNSUITABLE:
        return unreadable(info)
    if error.code in ("http.forbidden", "http.payment") or (info.keys and error.code == "http.status"):
        return _refused(info)
    if isinstance(error, NotFound) or error.code == "http.status":
        return InvalidInput(
            f"{info.title} does not know what it was asked for.",
            hint=f"Give {info.address_hint}." if info.address_hint else "Check the words, or leave this source out.",
            code="source.not_found",
        )
    return error


def _refused(info: SourceInfo) -> Refused:
    if info.keys:
        return Refused(
            f"{info.title} does not accept our key.",
            hint=f"Check {' and '.join(info.keys)}, what the key may do there, and whether its quota is used up.",
            code="source.key",
        )
    return Refused(
        f"{info.title} refuses our requests.",
        hint="Name a contact in ETTAMETTA_USER_AGENT, as most terms ask, or leave this source out.",
        code="source.refused",
    )
