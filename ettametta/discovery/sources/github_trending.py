"""GitHub Trending: repositories that gain stars today, read from its page: it has no feed and no interface.

Wire format: https://github.com/trending; one `article.Box-row` a repository with a link in `h2`, a description, the
language, and links that end in `/stargazers` and `/forks`.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from ettametta.discovery.fetch.base import Fetch
from ettametta.discovery.items import FoundItem
from ettametta.discovery.sources.base import SourceInfo, Takes, Wanted
from ettametta.discovery.sources.building import Sieve, build_item
from ettametta.discovery.sources.wire import translated, unreadable
from ettametta.errors import InvalidInput
from ettametta.kit.text import clean, decode

_SITE = "https://github.com"
_MAX_PAGE_BYTES = 3_000_000
_REPOSITORY = re.compile(r"/[A-Za-z0-9][A-Za-z0-9-]{0,38}/[\w.-]{1,100}")
_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})*|\d+")
_TODAY = re.compile(r"[\d,]+ stars? (?:today|this week|this month)")

INFO = SourceInfo(
    name="github_trending",
    title="GitHub Trending",
    gives="Repositories that gain the most stars today, with their stars.",
    takes=Takes.NOTHING,
    documentation_url="https://github.com/trending",
    licence="Descriptions belong to their authors; each repository has its own licence, which the page does not name.",
    terms="A page, not an interface: robots.txt is honoured; what GitHub's terms say of such use beyond research and "
    "archiving is not certain.",
    requests_per_minute=2,
    metrics=("stars",),
)


class GitHubTrending:
    """Repositories of the day."""

    info = INFO

    async def find(self, wanted: Wanted, fetch: Fetch) -> AsyncIterator[FoundItem]:
        """See Source."""
        async with translated(INFO):
            answer = await fetch.get(f"{_SITE}/trending", accept=("text/html",), max_bytes=_MAX_PAGE_BYTES)
        try:
            tree = LexborHTMLParser(decode(answer.body, charset=answer.charset))
        except InvalidInput:
            raise unreadable(INFO) from None
        rows = tree.css("article.Box-row")
        if not rows and tree.css_first("[data-hpc], .blankslate") is None:
            raise unreadable(INFO)  # the page has changed its form, or is another one
        for item in Sieve(wanted).pick(_items(rows)):
            yield item

    def owns(self, address: str) -> str | None:  # noqa: ARG002  # it has no addresses of its own
        """See Source."""
        return None


def _items(rows: list[LexborNode]) -> Iterator[FoundItem | None]:
    for row in rows:
        link = row.css_first("h2 a[href], h1 a[href]")
        path = (link.attributes.get("href") or "").split("?")[0] if link is not None else ""
        if _REPOSITORY.fullmatch(path):
            yield _item(row, path)


def _item(row: LexborNode, path: str) -> FoundItem | None:
    name, about = path.removeprefix("/"), _text(row, "p")
    today = _TODAY.search(clean(row.text()))
    return build_item(
        INFO,
        name.casefold(),
        url=_SITE + path,
        title=f"{name}: {about}" if about else name,
        text="\n\n".join(filter(None, (about, f"{today[0]}." if today else ""))),
        author=name.split("/")[0],
        metrics={"stars": _stars(row)},
        tags=filter(None, (_text(row, "[itemprop=programmingLanguage]"),)),
    )


def _text(row: LexborNode, selector: str) -> str:
    node = row.css_first(selector)
    return clean(node.text()) if node is not None else ""


def _stars(row: LexborNode) -> int | None:
    text = _text(row, "a[href$='/stargazers']")
    return int(text.replace(",", "")) if _NUMBER.fullmatch(text) and text.isascii() else None
