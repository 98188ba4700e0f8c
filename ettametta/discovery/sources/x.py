"""X: posts of the last seven days by words, with views, likes, reposts and replies.

Wire format: https://docs.x.com/x-api/posts/search-recent-posts (GET /2/tweets/search/recent, bearer token of an app).
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

from pydantic import SecretStr

from ettametta.discovery.fetch.base import Fetch
from ettametta.discovery.items import FoundItem
from ettametta.discovery.sources.base import SourceInfo, Takes, Wanted
from ettametta.discovery.sources.building import Sieve, build_item, moment, one_line
from ettametta.discovery.sources.wire import Shape, ask, phrases, readable, secrets
from ettametta.kit.clock import utc_now

_URL = "https://api.x.com/2/tweets/search/recent"
#: It gives 10 to 100 at once, takes queries of 512 characters, and looks back seven days.
_LEAST, _MOST = 10, 100
_MAX_QUERY_CHARS = 512
_BACK = timedelta(days=7) - timedelta(minutes=5)
_MAX_TITLE_CHARS = 160
_ID = re.compile(r"\d{1,20}")

INFO = SourceInfo(
    name="x",
    title="X",
    gives="Posts of the last seven days that hold the words, with views, likes, reposts and replies.",
    takes=Takes.WORDS,
    documentation_url="https://docs.x.com/x-api/posts/search-recent-posts",
    licence="Posts belong to their authors; X's developer agreement says how they may be shown.",
    terms="The interface costs money by the posts that are read; what is deleted there must be deleted here.",
    requests_per_minute=4,
    metrics=("views", "likes", "shares", "comments"),
    keys=("X_BEARER_TOKEN",),
)


class _Answer(Shape):
    """Without results there is no `data`."""

    meta: dict[str, Any]
    data: Any = None
    includes: Any = None


class _Numbers(Shape):
    impression_count: Any = None
    like_count: Any = None
    retweet_count: Any = None
    reply_count: Any = None


class _Post(Shape):
    id: str
    text: str
    author_id: str | None = None
    created_at: str | None = None
    lang: str | None = None
    public_metrics: _Numbers = _Numbers()


class _User(Shape):
    id: str
    name: str
    username: str


class _Includes(Shape):
    users: Any = None


class X:
    """Posts by X's own interface.

    Args:
        bearer_token: of an app; None: asked, it says what is missing.
    """

    info = INFO

    def __init__(self, bearer_token: SecretStr | None) -> None:
        self._token = bearer_token

    async def find(self, wanted: Wanted, fetch: Fetch) -> AsyncIterator[FoundItem]:
        """See Source. Without words there is nothing to ask."""
        (token,) = secrets(INFO, self._token)
        query = _query(wanted)
        if not query or wanted.limit < 1:
            return
        asked: list[tuple[str, str | int]] = [
            ("query", query),
            ("max_results", max(_LEAST, min(_MOST, wanted.limit))),
            ("sort_order", "relevancy"),
            ("tweet.fields", "created_at,lang,public_metrics,author_id"),
            ("expansions", "author_id"),
            ("user.fields", "name,username"),
        ]
        if wanted.since is not None:
            asked.append(("start_time", f"{_start(wanted.since):%Y-%m-%dT%H:%M:%SZ}"))
        headers = {"Authorization": f"Bearer {token}"}
        found = await ask(fetch, INFO, _URL, _Answer, asked, headers=headers, is_private=True)
        names = {
            user.id: user for part in readable([found.includes], _Includes) for user in readable(part.users, _User)
        }
        for item in Sieve(wanted).pick(_item(post, names) for post in readable(found.data, _Post)):
            yield item

    def owns(self, address: str) -> str | None:  # noqa: ARG002  # it is asked by words only
        """See Source."""
        return None


def _query(wanted: Wanted) -> str:
    """As many of the phrases as the longest query holds; own posts only, in the languages that are wanted."""
    languages = " OR ".join(f"lang:{code}" for code in wanted.languages[:5])
    ending = " -is:retweet" + (f" ({languages})" if languages else "")
    some = [f'"{phrase}"' for phrase in phrases(wanted)]
    while some and len(f"({' OR '.join(some)}){ending}") > _MAX_QUERY_CHARS:
        some.pop()
    return f"({' OR '.join(some)}){ending}" if some else ""


def _start(since: datetime) -> datetime:
    return max(since, utc_now() - _BACK)


def _item(post: _Post, names: dict[str, _User]) -> FoundItem | None:
    if not _ID.fullmatch(post.id):
        return None
    user, numbers = names.get(post.author_id or ""), post.public_metrics
    return build_item(
        INFO,
        post.id,
        url=f"https://x.com/i/status/{post.id}",
        title=one_line(post.text, _MAX_TITLE_CHARS),
        text=post.text,
        author=f"{user.name} (@{user.username})" if user else None,
        language=post.lang if post.lang != "und" else None,
        published_at=moment(post.created_at),
        metrics={
            "views": numbers.impression_count,
            "likes": numbers.like_count,
            "shares": numbers.retweet_count,
            "comments": numbers.reply_count,
        },
    )
