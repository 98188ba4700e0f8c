"""Lobsters: the hottest stories, or those with a tag, with votes and comments.

Wire format: JSON at https://lobste.rs/hottest.json and /t/<tag>.json: a list of stories (`short_id`, `score`,
`comment_count`, `created_at`, `tags`, `submitter_user`).
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

from pydantic import RootModel

from ettametta.discovery.fetch.base import Fetch
from ettametta.discovery.items import FoundItem
from ettametta.discovery.sources.base import SourceInfo, Takes, Wanted
from ettametta.discovery.sources.building import Sieve, build_item, moment
from ettametta.discovery.sources.wire import Shape, ask, bad_address, readable

_SITE = "https://lobste.rs"
_TAG = re.compile(r"t/[a-z0-9._+-]{1,40}")
_SHORT_ID = re.compile(r"[a-z0-9]{4,10}")

INFO = SourceInfo(
    name="lobsters",
    title="Lobsters",
    gives="The hottest stories about computing, or those with a tag, with votes and comments.",
    takes=Takes.NOTHING,
    documentation_url="https://lobste.rs/about",
    licence="Comments and titles belong to their authors; linked pages have their own terms.",
    terms="No key and no stated limit; few requests are asked of us by good manners.",
    requests_per_minute=6,
    metrics=("points", "comments"),
    languages=("en",),
    address_hint="a tag, as t/name or by its address",
)


class _Stories(RootModel[list[Any]]):
    """Stories, hottest first."""


class _Story(Shape):
    short_id: str
    title: str
    url: str | None = None
    description_plain: str | None = None
    description: str | None = None
    created_at: str | None = None
    score: Any = None
    comment_count: Any = None
    submitter_user: Any = None
    tags: Any = None


class Lobsters:
    """Stories of Lobsters."""

    info = INFO

    async def find(self, wanted: Wanted, fetch: Fetch) -> AsyncIterator[FoundItem]:
        """See Source."""
        tag = self.owns(wanted.address) if wanted.address else "hottest"
        if tag is None:
            raise bad_address(INFO)
        found = await ask(fetch, INFO, f"{_SITE}/{tag}.json", _Stories)
        for item in Sieve(wanted).pick(_item(story) for story in readable(found.root, _Story)):
            yield item

    def owns(self, address: str) -> str | None:
        """See Source. Tags are kept as `t/name`."""
        if _TAG.fullmatch(address):
            return address
        try:
            parts = urlsplit(address)
            host = parts.hostname
        except ValueError:
            return None
        path = parts.path.strip("/").removesuffix(".rss").removesuffix(".json")
        return path if parts.scheme in ("http", "https") and host == "lobste.rs" and _TAG.fullmatch(path) else None


def _item(story: _Story) -> FoundItem | None:
    if not _SHORT_ID.fullmatch(story.short_id):
        return None
    page = f"{_SITE}/s/{story.short_id}"
    return build_item(
        INFO,
        story.short_id,
        url=story.url or page,
        title=story.title,
        text=story.description_plain or story.description,
        author=_name(story.submitter_user),
        language="en",
        published_at=moment(story.created_at),
        metrics={"points": story.score, "comments": story.comment_count},
        discussion_url=page,
        tags=[tag for tag in story.tags if isinstance(tag, str)] if isinstance(story.tags, list) else (),
    )


def _name(user: object) -> str | None:
    """The name itself, as of 2024; before, an object that holds it."""
    name = user.get("username") if isinstance(user, dict) else user
    return name if isinstance(name, str) else None
