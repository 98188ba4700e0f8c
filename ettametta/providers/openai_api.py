"""What all OpenAI-compatible providers share: the client, bodies read within limits, errors by who must act.

Imported only by the vendor files: the SDK is heavy.
"""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import httpx2
import openai
from pydantic import SecretStr

from ettametta.errors import ConfigError, EttamettaError, InvalidInput, OperatorError, TransientError

_OPENAI_HOST = "api.openai.com"
_CONNECT_TIMEOUT_S = 10.0
_LONGEST_RETRY_AFTER_S = 3_600.0
_KEY_LIKE = re.compile(r"\b(?:sk|rk|pk)-[\w*.\-]{4,}|(?i:bearer)\s+\S+")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to ask, for what, and how long to wait. The settings are named in hints."""

    base_url: str
    api_key: SecretStr | None
    model: str
    model_setting: str
    timeout_s: float
    key_setting: str = "OPENAI_API_KEY"
    url_setting: str = "OPENAI_BASE_URL"

    @property
    def is_openai(self) -> bool:
        """Whether it is OpenAI's own and not a compatible one."""
        return urlsplit(self.base_url).hostname == _OPENAI_HOST


@dataclass(frozen=True, slots=True)
class Body:
    """An answer that was read whole."""

    content: bytes
    content_type: str


def build_client(endpoint: Endpoint) -> openai.AsyncOpenAI:
    """A client that never retries (the ledger does) and follows no redirects (they would carry the text elsewhere).

    Raises:
        ConfigError: a bad address, or no key for OpenAI's own endpoint.
    """
    if urlsplit(endpoint.base_url).scheme not in ("http", "https") or not urlsplit(endpoint.base_url).hostname:
        raise ConfigError(
            f"The setting {endpoint.url_setting} is no web address.",
            hint="Give one such as https://api.openai.com/v1.",
            code="openai.base_url",
        )
    if endpoint.api_key is None and endpoint.is_openai:
        raise ConfigError(
            "There is no key for the OpenAI API.",
            hint=f"Set {endpoint.key_setting}, or {endpoint.url_setting} to an endpoint that needs none.",
            code="openai.key",
        )
    key = endpoint.api_key.get_secret_value() if endpoint.api_key else "none"
    timeout = httpx2.Timeout(endpoint.timeout_s, connect=min(_CONNECT_TIMEOUT_S, endpoint.timeout_s))
    http = openai.DefaultAsyncHttpxClient(follow_redirects=False, timeout=timeout)
    return openai.AsyncOpenAI(api_key=key, base_url=endpoint.base_url, timeout=timeout, max_retries=0, http_client=http)


async def read_body(chunks: AsyncIterator[bytes], content_type: str, max_bytes: int) -> Body:
    """Read an answer, at most so much.

    Raises:
        TransientError: `openai.too_large`.
    """
    parts: list[bytes] = []
    size = 0
    async for chunk in chunks:
        size += len(chunk)
        if size > max_bytes:
            raise TransientError(
                f"The endpoint sent more than {max_bytes // 1_000_000} MB.",
                hint="Check what answers at OPENAI_BASE_URL.",
                code="openai.too_large",
            )
        parts.append(chunk)
    return Body(b"".join(parts), content_type.split(";", maxsplit=1)[0].strip().lower())


@asynccontextmanager
async def asking(endpoint: Endpoint) -> AsyncIterator[None]:
    """Around one request: a deadline for all of it, and every failure as one of ours (without the key in it).

    Raises:
        ConfigError: 401, 403 (`openai.key`), 404 (`openai.model`), 3xx (`openai.base_url`).
        OperatorError: 402 or an exhausted quota (`openai.quota`).
        InvalidInput: 400, 413, 422 (`openai.rejected`).
        TransientError: 408, 409, 429, 5xx, a time-out (`openai.timeout`), a lost connection (`openai.connection`).
    """
    try:
        async with asyncio.timeout(endpoint.timeout_s):
            yield
    except (TimeoutError, openai.APITimeoutError, httpx2.TimeoutException):
        failure: EttamettaError = TransientError(
            f"The endpoint did not answer within {endpoint.timeout_s:g} s.",
            hint="Try again, or raise ETTAMETTA_MODEL_TIMEOUT_S.",
            code="openai.timeout",
        )
    except openai.APIStatusError as error:
        failure = status_failure(error, endpoint)
    except (openai.APIConnectionError, httpx2.HTTPError):
        failure = TransientError(
            "The connection to the endpoint could not be made or was lost.",
            hint=f"Check the network and {endpoint.url_setting}.",
            code="openai.connection",
        )
    else:
        return
    raise failure from None  # the cause may hold the key (headers, or a body that repeats it)


def status_failure(error: openai.APIStatusError, endpoint: Endpoint) -> EttamettaError:
    """Our error for a status the endpoint answered with."""
    status = error.status_code
    if status == 402 or error.code in ("insufficient_quota", "billing_hard_limit_reached"):
        return OperatorError(
            f"The account behind {endpoint.key_setting} has no credit left.",
            hint="Add credit or raise the limit at the vendor, then retry.",
            code="openai.quota",
        )
    if status in (401, 403):
        return ConfigError(
            f"The endpoint refused the key ({status}).",
            hint=f"Check {endpoint.key_setting} and what it may be used for.",
            code="openai.key",
        )
    if status in (408, 409, 425, 429) or status >= 500:
        return _busy(error)
    return _not_possible(error, endpoint)


def _busy(error: openai.APIStatusError) -> TransientError:
    what = "has too many requests" if error.status_code == 429 else "is out of order"
    return TransientError(
        f"The endpoint {what} at the moment ({error.status_code}).",
        hint="It is tried again by itself.",
        code="openai.rate" if error.status_code == 429 else "openai.unavailable",
        retry_after_s=retry_after_s(error.response.headers, datetime.now(UTC)),
    )


def _not_possible(error: openai.APIStatusError, endpoint: Endpoint) -> EttamettaError:
    if error.status_code < 400:
        return ConfigError(
            f"The endpoint sends us elsewhere ({error.status_code}).",
            hint=f"Set {endpoint.url_setting} to the final address (https, with /v1).",
            code="openai.base_url",
        )
    if error.status_code in (404, 405):
        return ConfigError(
            f"The endpoint does not know the model '{endpoint.model}', or this service.",
            hint=f"Set {endpoint.model_setting} to a model it has, and check {endpoint.url_setting}.",
            code="openai.model",
        )
    return InvalidInput(
        f"The endpoint rejected the request ({error.status_code}): {complaint(error, endpoint)}.",
        hint=f"Change the text, or check {endpoint.model_setting}.",
        code="openai.rejected",
    )


def complaint(error: openai.APIStatusError, endpoint: Endpoint) -> str:
    """What the endpoint said, short, on one line, without anything that looks like a key."""
    body = error.body if isinstance(error.body, dict) else {}
    said = body.get("message")
    if not isinstance(said, str) or not said.strip():
        return "it gave no reason"
    if endpoint.api_key and endpoint.api_key.get_secret_value():
        said = said.replace(endpoint.api_key.get_secret_value(), "***")
    return " ".join(_KEY_LIKE.sub("***", said).split())[:200].rstrip(" .")


def retry_after_s(headers: httpx2.Headers, now: datetime) -> float | None:
    """Seconds to wait by `Retry-After` (seconds or a date) or `retry-after-ms`; None when unsaid or unreadable."""
    raw, scale = headers.get("retry-after-ms"), 0.001
    if raw is None:
        raw, scale = headers.get("retry-after"), 1.0
    if raw is None:
        return None
    try:
        wait = float(raw) * scale
    except ValueError:
        try:
            wait = (parsedate_to_datetime(raw) - now).total_seconds()
        except (ValueError, TypeError):
            return None
    return None if math.isnan(wait) else min(max(wait, 0.0), _LONGEST_RETRY_AFTER_S)
