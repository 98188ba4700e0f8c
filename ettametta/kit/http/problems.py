"""What can go wrong with a fetch, as errors for people. The host is named; user, password and query never are."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from datetime import datetime
from email.utils import parsedate_to_datetime

import aiohttp
import httpx

from ettametta.errors import EttamettaError, InvalidInput, NotFound, Refused, TransientError
from ettametta.kit.http.guard import AddressBlocked

_PASTE = "Check the address, or paste the text instead."
_MAX_RETRY_AFTER_S = 24 * 3600.0
_NO_SUCH_NAME = (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))


def private_address(host: str) -> Refused:
    """The host is, or resolves to, an address that is not public."""
    return Refused(
        f"{host} is not on the public internet, so it is not fetched.",
        hint="Use a public address; in a closed network the operator can set ETTAMETTA_HTTP_ALLOW_PRIVATE.",
        code="http.private_address",
    )


def from_exception(error: Exception, host: str) -> EttamettaError:
    """The error for what the client raised while connecting, sending or reading.

    Looks along the chain of causes: httpx-aiohttp reports every lost connection, also one the guard refused, as
    ConnectTimeout.
    """
    chain = _chain(error)
    if any(isinstance(link, socket.gaierror) and link.errno in _NO_SUCH_NAME for link in chain):
        return NotFound(f"There is no host named {host}.", hint=_PASTE, code="http.no_such_host")
    for kinds, build in _BY_CAUSE:
        if any(isinstance(link, kinds) for link in chain):
            return build(host)
    return TransientError(f"{host} could not be reached.", hint=_PASTE, code="http.unreachable")


def from_status(status: int, host: str, retry_after: str, now: datetime) -> EttamettaError | None:
    """The error for a status, None for 2xx."""
    if 200 <= status < 300:
        return None
    if status in (401, 403, 407, 451):
        return Refused(f"{host} does not let us read this page ({status}).", hint=_PASTE, code="http.forbidden")
    if status == 402:
        return Refused(f"{host} wants to be paid first (402).", hint=_PASTE, code="http.payment")
    if status in (404, 410):
        return NotFound(f"{host} has no such page ({status}).", hint=_PASTE, code="http.not_found")
    if status in (408, 425, 429) or status >= 500:
        return TransientError(
            f"{host} cannot answer right now ({status}).",
            hint="Try again later, or paste the text instead.",
            code="http.busy" if status == 429 else "http.server",
            retry_after_s=parse_retry_after(retry_after, now),
        )
    return moved(host, status)


def timed_out(host: str) -> TransientError:
    """No whole answer in time."""
    return TransientError(f"{host} did not answer in time.", hint=_PASTE, code="http.timeout")


def not_a_url(_host: str = "") -> InvalidInput:
    """The address cannot be read."""
    return InvalidInput(
        "That is not a web address.", hint="Send one that begins with https://, or paste the text.", code="http.url"
    )


def downgrade(host: str) -> Refused:
    """A redirect would send credentials where they can be read."""
    return Refused(
        f"{host} sends us from https to http, where credentials would be readable.",
        hint="Use the https address of the page.",
        code="http.downgrade",
    )


def too_many_redirects(host: str) -> InvalidInput:
    """It leads from one address to the next without end."""
    return InvalidInput(
        f"{host} sends us from one address to the next without end.",
        hint="Open the page in a browser and send the address it ends at.",
        code="http.redirects",
    )


def moved(host: str, status: int) -> InvalidInput:
    """What is sent is not sent on to another address."""
    return InvalidInput(f"{host} did not send a page ({status}).", hint=_PASTE, code="http.status")


def parse_retry_after(value: str, now: datetime) -> float | None:
    """Seconds to wait by a Retry-After header (seconds or an HTTP date); None when absent or unreadable."""
    text = value.strip()
    if re.fullmatch(r"\d{1,9}(\.\d+)?", text):
        return min(float(text), _MAX_RETRY_AFTER_S)
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    if moment.tzinfo is None:
        return None
    return min(max((moment - now).total_seconds(), 0.0), _MAX_RETRY_AFTER_S)


def _chain(error: BaseException) -> list[BaseException]:
    links: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and link not in links:
        links.append(link)
        link = link.__cause__ or link.__context__
    return links


def _unknown_host(host: str) -> EttamettaError:
    return TransientError(f"The address of {host} could not be looked up.", hint=_PASTE, code="http.unknown_host")


def _certificate(host: str) -> EttamettaError:
    return Refused(f"The certificate of {host} is not valid.", hint=_PASTE, code="http.certificate")


def _truncated(host: str) -> EttamettaError:
    return TransientError(f"{host} broke off before the end of the page.", hint=_PASTE, code="http.truncated")


def _not_http(host: str) -> EttamettaError:
    return InvalidInput(f"{host} did not answer in HTTP.", hint=_PASTE, code="http.not_http")


#: Causes in the order they are looked for, with the error each becomes.
_BY_CAUSE: tuple[tuple[tuple[type[BaseException], ...], Callable[[str], EttamettaError]], ...] = (
    ((AddressBlocked,), private_address),
    ((aiohttp.InvalidURL, httpx.InvalidURL, httpx.UnsupportedProtocol), not_a_url),
    ((aiohttp.ClientConnectorDNSError,), _unknown_host),
    ((aiohttp.ClientConnectorCertificateError, aiohttp.ClientConnectorSSLError), _certificate),
    ((TimeoutError,), timed_out),
    ((aiohttp.ClientPayloadError,), _truncated),
    ((aiohttp.ClientResponseError,), _not_http),
)
