"""Reddit's data API: posts by words, of a subreddit, or what is popular, with votes and comments.

Wire format: https://www.reddit.com/dev/api (search, /r/{subreddit}/hot) and
https://github.com/reddit-archive/reddit/wiki/OAuth2 (client_credentials). A token is asked for at each scan: sources
keep nothing. Posts marked as over 18 are left out.
"""

from __future__ import annotations

import base64
import re
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from ettametta.discovery.fetch.base import Fetch
from ettametta.discovery.items import FoundItem
from ettametta.discovery.sources.base import SourceInfo, Takes, Wanted
from ettametta.discovery.sources.building import Sieve, build_item, moment
from ettametta.discovery.sources.wire import Shape, access_token, ask, bad_address, phrases, readable, secrets

_TOKEN_URL = "https://www.reddit.com/api/v1/access_token"  # noqa: S105  # an address
_URL = "https://oauth.reddit.com"
_SITE = "https://www.reddit.com"
_MOST = 100
_SUBREDDIT = re.compile(r"r/[A-Za-z0-9][A-Za-z0-9_]{1,20}")
_NAME = re.compile(r"[a-z0-9]{1,12}")

INFO = SourceInfo(
    name="reddit_oauth",
    title="Reddit data API",
    gives="Posts with votes and comments: those that match the words, of a subreddit, or what is popular.",
    takes=Takes.WORDS,
    documentation_url="https://www.reddit.com/dev/api",
    licence="Posts belong to their authors; linked pages have their own terms.",
    terms="100 requests a minute for a registered app; commercial use needs an agreement with Reddit.",
    requests_per_minute=60,
    metrics=("points", "comments"),
    keys=("REDDIT_CLIENT_ID", "REDDIT_CLIENT_SECRET"),
    address_hint="a subreddit, as r/name or by its address",
)


class _Children(Shape):
    children: list[Any]


class _Listing(Shape):
    data: _Children


class _Child(Shape):
    data: Any


class _Post(Shape):
    id: str
    title: str
    permalink: str
    selftext: str = ""
    author: str | None = None
    subreddit: str | None = None
    created_utc: float | None = None
    url: str | None = None
    is_self: bool = False
    over_18: bool = False
    stickied: bool = False
    score: Any = None
    num_comments: Any = None


class RedditOAuth:
    """Posts by Reddit's own interface.

    Args:
        client_id: of a registered app; None: asked, it says what is missing.
        client_secret: of the same.
    """

    info = INFO

    def __init__(self, client_id: SecretStr | None, client_secret: SecretStr | None) -> None:
        self._keys = (client_id, client_secret)

    async def find(self, wanted: Wanted, fetch: Fetch) -> AsyncIterator[FoundItem]:
        """See Source. With an address the words are not searched for."""
        pair = ":".join(secrets(INFO, *self._keys))
        if wanted.address and not _SUBREDDIT.fullmatch(wanted.address):
            raise bad_address(INFO)
        if wanted.limit < 1:
            return
        basic = f"Basic {base64.b64encode(pair.encode()).decode()}"
        form = {"grant_type": "client_credentials"}
        token = await access_token(fetch, INFO, _TOKEN_URL, form, headers={"Authorization": basic})
        url, asked = _question(wanted)
        headers = {"Authorization": f"Bearer {token}"}
        found = await ask(fetch, INFO, url, _Listing, asked, headers=headers, is_private=True)
        posts = [child.data for child in readable(found.data.children, _Child)]
        for item in Sieve(wanted).pick(_item(post) for post in readable(posts, _Post)):
            yield item

    def owns(self, address: str) -> str | None:
        """See Source. Subreddits are kept as `r/name`."""
        if _SUBREDDIT.fullmatch(address):
            return address
        try:
            parts = urlsplit(address)
        except ValueError:
            return None
        host = parts.netloc.lower().removeprefix("www.").removeprefix("old.")
        name = "/".join(parts.path.strip("/").split("/")[:2])
        is_ours = parts.scheme in ("http", "https") and host == "reddit.com" and "/comments/" not in parts.path
        return name if is_ours and _SUBREDDIT.fullmatch(name) else None


def _question(wanted: Wanted) -> tuple[str, list[tuple[str, str | int]]]:
    common: list[tuple[str, str | int]] = [("limit", min(_MOST, wanted.limit)), ("raw_json", 1)]
    if wanted.address:
        return f"{_URL}/{wanted.address}/hot", common
    if not wanted.words:
        return f"{_URL}/r/popular/hot", common
    words = " OR ".join(f'"{phrase}"' for phrase in phrases(wanted))
    return f"{_URL}/search", [("q", words), ("sort", "top"), ("t", "week"), ("type", "link"), *common]


def _item(post: _Post) -> FoundItem | None:
    if post.over_18 or post.stickied or not _NAME.fullmatch(post.id) or not post.permalink.startswith("/"):
        return None
    page = f"{_SITE}{post.permalink}"
    return build_item(
        INFO,
        post.id,
        url=page if post.is_self or not post.url else post.url,
        title=post.title,
        text=post.selftext,
        author=post.author,
        published_at=moment(post.created_utc),
        metrics={"points": post.score, "comments": post.num_comments},
        discussion_url=page,
        tags=[f"r/{post.subreddit}"] if post.subreddit else [],
    )
