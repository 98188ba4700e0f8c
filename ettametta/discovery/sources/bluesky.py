"""Bluesky: posts by words, of a feed or of an account, and what is hot, by the public interface without an account.

Wire format: https://docs.bsky.app/docs/api/app-bsky-feed-search-posts, -get-feed, -get-author-feed and
com-atproto-identity-resolve-handle. Without an account there is one page of results, and the search is shut at times
(https://github.com/bluesky-social/bsky-docs/issues/296): then the feeds still answer.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

from pydantic import Field

from ettametta.discovery.fetch.base import Fetch
from ettametta.discovery.items import FoundItem
from ettametta.discovery.sources.base import SourceInfo, Takes, Wanted
from ettametta.discovery.sources.building import Sieve, build_item, language_code, moment, one_line
from ettametta.discovery.sources.wire import Shape, ask, bad_address, phrases, readable, share

BASE_URL = "https://public.api.bsky.app"
_WHATS_HOT = "at://did:plc:z72i7hdynmk6r22z27h6tvur/app.bsky.feed.generator/whats-hot"
_SITE = "https://bsky.app"
_MOST = 100
_MAX_TITLE_CHARS = 160
_ACTOR = r"(?P<actor>did:[a-z]+:[A-Za-z0-9._:%-]{1,200}|[A-Za-z0-9][A-Za-z0-9.-]{0,250}\.[A-Za-z]{2,20})"
_PROFILE = re.compile(rf"/profile/{_ACTOR}(?:/feed/(?P<feed>[A-Za-z0-9._~:-]{{1,200}}))?/?")
_FEED = re.compile(rf"at://{_ACTOR}/app\.bsky\.feed\.generator/(?P<feed>[A-Za-z0-9._~:-]{{1,200}})")
_POST = re.compile(r"at://(?P<did>did:[^/\s]{1,200})/app\.bsky\.feed\.post/(?P<key>[A-Za-z0-9._~:-]{1,200})")

INFO = SourceInfo(
    name="bluesky",
    title="Bluesky",
    gives="Posts and the pages they link to, with likes, reposts and replies: by words, of a feed or an account.",
    takes=Takes.WORDS,
    documentation_url="https://docs.bsky.app/docs/api/app-bsky-feed-search-posts",
    licence="Posts belong to their authors; linked pages have their own terms.",
    terms="No key; the search is meant for questions of people and is shut at times: do not scan often.",
    requests_per_minute=30,
    metrics=("likes", "shares", "comments"),
    address_hint="the address of an account or a feed on bsky.app",
)


class _Author(Shape):
    handle: str
    displayName: str | None = None  # noqa: N815  # the name on the wire


class _Record(Shape):
    text: str = ""
    createdAt: str | None = None  # noqa: N815  # the name on the wire
    langs: list[str] | None = None


class _Card(Shape):
    uri: str
    title: str = ""
    description: str = ""
    thumb: str | None = None


class _Post(Shape):
    uri: str
    author: _Author
    record: _Record
    embed: Any = None
    likeCount: Any = None  # noqa: N815  # the names on the wire
    repostCount: Any = None  # noqa: N815
    replyCount: Any = None  # noqa: N815


class _Posts(Shape):
    posts: list[Any]


class _Entry(Shape):
    post: Any


class _Feed(Shape):
    feed: list[Any]


class _Identity(Shape):
    did: str = Field(pattern=r"^did:[a-z]+:[A-Za-z0-9._:%-]{1,200}$")


class Bluesky:
    """Public posts.

    Args:
        base_url: of an AppView, without a slash at the end.
    """

    info = INFO

    def __init__(self, base_url: str = "") -> None:
        self._base = f"{(base_url or BASE_URL).rstrip('/')}/xrpc"

    async def find(self, wanted: Wanted, fetch: Fetch) -> AsyncIterator[FoundItem]:
        """See Source. With an address the words are not searched for."""
        sieve = Sieve(wanted)
        if wanted.address or not wanted.words:
            for item in sieve.pick(await self._feed(wanted, fetch)):
                yield item
            return
        for phrase in phrases(wanted):
            for item in sieve.pick(await self._search(phrase, wanted, fetch)):
                yield item

    def owns(self, address: str) -> str | None:
        """See Source. Accounts are kept as `handle`, feeds as `at://...`."""
        if len(address) > 500:
            return None
        if found := _FEED.fullmatch(address):
            return found.group()
        try:
            parts = urlsplit(address)
        except ValueError:
            return None
        found = _PROFILE.fullmatch(parts.path)
        if parts.scheme not in ("http", "https") or parts.netloc != "bsky.app" or found is None:
            return None
        actor, feed = found["actor"], found["feed"]
        return f"at://{actor}/app.bsky.feed.generator/{feed}" if feed else str(actor)

    async def _search(self, phrase: str, wanted: Wanted, fetch: Fetch) -> list[FoundItem | None]:
        asked: list[tuple[str, str | int]] = [("q", phrase), ("sort", "top"), ("limit", share(wanted, _MOST))]
        if wanted.since is not None:
            asked.append(("since", f"{wanted.since:%Y-%m-%dT%H:%M:%SZ}"))
        if len(wanted.languages) == 1:
            asked.append(("lang", wanted.languages[0]))
        found = await ask(fetch, INFO, f"{self._base}/app.bsky.feed.searchPosts", _Posts, asked)
        return [_item(post) for post in readable(found.posts, _Post)]

    async def _feed(self, wanted: Wanted, fetch: Fetch) -> list[FoundItem | None]:
        method, parameters = await self._question(wanted.address or _WHATS_HOT, fetch)
        asked = [*parameters, ("limit", max(1, min(_MOST, wanted.limit)))]
        found = await ask(fetch, INFO, f"{self._base}/{method}", _Feed, asked)
        posts = [entry.post for entry in readable(found.feed, _Entry)]
        return [_item(post) for post in readable(posts, _Post)]

    async def _question(self, address: str, fetch: Fetch) -> tuple[str, list[tuple[str, str | int]]]:
        """How to ask for what an address names. Feeds are known by their owner's did, not by the handle."""
        feed = _FEED.fullmatch(address)
        if feed is None:
            if not re.fullmatch(_ACTOR, address):
                raise bad_address(INFO)
            return "app.bsky.feed.getAuthorFeed", [("actor", address), ("filter", "posts_no_replies")]
        did = feed["actor"]
        if not did.startswith("did:"):
            resolving = f"{self._base}/com.atproto.identity.resolveHandle"
            did = (await ask(fetch, INFO, resolving, _Identity, [("handle", did)])).did
        return "app.bsky.feed.getFeed", [("feed", f"at://{did}/app.bsky.feed.generator/{feed['feed']}")]


def _item(post: _Post) -> FoundItem | None:
    """A post with a card is about the page it links to; another is about itself."""
    place = _POST.fullmatch(post.uri)
    if place is None:
        return None
    page = f"{_SITE}/profile/{place['did']}/post/{place['key']}"
    card = _card(post.embed)
    texts = [post.record.text, *([card.title, card.description] if card else [])]
    languages = {code for tag in post.record.langs or () if (code := language_code(tag))}
    return build_item(
        INFO,
        f"{place['did']}/{place['key']}",
        url=card.uri if card else page,
        title=(card.title if card else "") or one_line(post.record.text, _MAX_TITLE_CHARS),
        text="\n\n".join(filter(None, texts)),
        author=post.author.displayName or post.author.handle,
        language=languages.pop() if len(languages) == 1 else None,
        published_at=moment(post.record.createdAt),
        image_url=card.thumb if card else None,
        metrics={"likes": post.likeCount, "shares": post.repostCount, "comments": post.replyCount},
        discussion_url=page,
    )


def _card(embed: Any) -> _Card | None:
    external = embed.get("external") if isinstance(embed, dict) else None
    return next(iter(readable([external], _Card)), None)
