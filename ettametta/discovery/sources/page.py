"""Any web page as one item: title, text, author, date, language, picture and licence, as far as the page says them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

from ettametta.discovery.fetch.base import Answer, Fetch
from ettametta.discovery.items import FoundItem
from ettametta.discovery.pages.reader import MAX_PAGE_BYTES, read_page
from ettametta.discovery.sources.base import SourceInfo, Takes, Wanted
from ettametta.discovery.sources.building import Sieve, build_item, moment, web_address
from ettametta.discovery.sources.wire import bad_address, unreadable
from ettametta.errors import InvalidInput

_TYPES = ("text/html", "application/xhtml+xml")
_MAX_ADDRESS_CHARS = 500

INFO = SourceInfo(
    name="page",
    title="Web page",
    gives="One page of the web with its title, text, author, date and picture, as far as the page says them.",
    takes=Takes.ADDRESS,
    documentation_url="https://html.spec.whatwg.org/",
    licence="The page belongs to its publisher; a licence it states is kept.",
    terms="robots.txt and the delays it asks for are honoured.",
    requests_per_minute=60,
    address_hint="the address of a page, beginning with https://",
)


class Page:
    """A page that a person named."""

    info = INFO

    async def find(self, wanted: Wanted, fetch: Fetch) -> AsyncIterator[FoundItem]:
        """See Source."""
        address = self.owns(wanted.address)
        if address is None:
            raise bad_address(INFO)
        answer = await fetch.get(address, accept=_TYPES, max_bytes=MAX_PAGE_BYTES)  # its errors name the page's host
        item = await _read(answer)
        if item is None:
            raise unreadable(INFO)
        for one in Sieve(wanted).pick([item]):
            yield one

    def owns(self, address: str) -> str | None:
        """See Source. Any web address will do: this source is asked last."""
        whole = web_address(address)
        return whole if whole is not None and len(whole) <= _MAX_ADDRESS_CHARS else None


async def _read(answer: Answer) -> FoundItem | None:
    try:
        page = await read_page(answer.body, url=answer.url, charset=answer.charset)
    except InvalidInput:
        return None
    return build_item(
        INFO,
        answer.url,
        url=answer.url,
        title=page.title,
        text=page.text.removeprefix(f"{page.title}\n\n") or page.description,
        author=page.author or page.site_name,
        language=page.language,
        published_at=moment(page.published_at),
        image_url=page.image.url if page.image else None,
        licence=page.licence,
        aliases=_other_name(page.canonical_url, answer.url),
        tags=page.metadata.get("keywords", "").split(","),
    )


def _other_name(canonical: str | None, url: str) -> tuple[str, ...]:
    """What the page calls itself, when it names none of another's pages."""
    if canonical is None or canonical == url or urlsplit(canonical).netloc != urlsplit(url).netloc:
        return ()
    return (canonical,)
