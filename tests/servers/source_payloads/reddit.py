"""Reddit's feeds (https://www.reddit.com/wiki/rss/): Atom whose markup names the page and the talk about it."""

# ruff: noqa: E501  # markup is written as it comes

from __future__ import annotations

from collections.abc import Sequence

from ettametta.discovery.sources.base import Wanted
from tests.servers.source_payloads.base import Call, Replay, Served, Story
from tests.servers.source_payloads.feed_texts import atom, xml_text


def _entry(one: Story) -> str:
    page = f"https://www.reddit.com/r/space/comments/x{one.number}/rockets_at_dawn/"
    markup = (
        f'<!-- SC_OFF --><div class="md"><p>{xml_text(one.text)}</p></div><!-- SC_ON --> &#32; submitted by &#32; '
        f'<a href="https://www.reddit.com/user/ada"> /u/ada </a> <br/> <span><a href="{one.url}">[link]</a></span> &#32; '
        f'<span><a href="{page}">[comments]</a></span>'
    )
    return (
        f"<author><name>/u/{xml_text(one.author)}</name><uri>https://www.reddit.com/user/ada</uri></author>"
        f'<category term="space" label="r/space"/><content type="html">{xml_text(markup)}</content><id>t3_x{one.number}</id>'
        f'<link href="{page}"/><updated>{one.iso}</updated><published>{one.iso}</published><title>{xml_text(one.title)}</title>'
    )


def _answer(call: Call, stories: Sequence[Story]) -> Served | None:
    if call.path not in ("/search.rss", "/r/popular/.rss", "/r/space/hot/.rss"):
        return None
    return atom(_entry, list(stories)[: int(call.query["limit"])])


REPLAY = Replay(
    _answer,
    ("www.reddit.com",),
    also=(Wanted(), Wanted(address="r/space")),
    addresses={
        "r/space": "r/space",
        "https://old.reddit.com/r/space/top/": "r/space",
        "https://www.reddit.com/r/space/comments/abc/x/": None,
        "https://reddit.example/r/space": None,
    },
)
