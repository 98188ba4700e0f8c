"""GitHub's page of trending repositories (https://github.com/trending), in the form it has in 2026."""

# ruff: noqa: E501  # markup is written as it comes

from __future__ import annotations

from collections.abc import Sequence

from ettametta.discovery.sources.base import Wanted
from tests.servers.source_payloads.base import Call, Replay, Served, Story
from tests.servers.source_payloads.feed_texts import xml_text


def _row(one: Story) -> str:
    path = f"/ada/rockets-{one.number}"
    stars = (
        f'<a href="{path}/stargazers" class="Link Link--muted"><svg aria-label="star"></svg>\n {one.count("stars"):,}</a>'
        f'<a href="{path}/forks" class="Link Link--muted"><svg aria-label="fork"></svg>\n 12</a>'
        '<span class="float-sm-right"><svg></svg>\n 1,234 stars today</span>'
    )
    return (
        f'<article class="Box-row"><h2 class="h3 lh-condensed"><a href="{path}"><span>ada /</span>\n rockets</a></h2>'
        f'<p class="col-9">{xml_text(one.title)}. {xml_text(one.text)}</p><div><span itemprop="programmingLanguage">Rust</span>'
        f"{stars if one.has_numbers else ''}</div></article>"
    )


def _answer(call: Call, stories: Sequence[Story]) -> Served | None:
    if call.path != "/trending":
        return None
    rows = "".join(_row(one) for one in stories)
    page = f"<!doctype html><html><head><title>Trending</title></head><body><div data-hpc>{rows}</div></body></html>"
    return Served(page, content_type="text/html; charset=utf-8")


REPLAY = Replay(_answer, ("github.com",), Wanted(), has_dates=False)
