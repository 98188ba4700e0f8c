"""The arXiv API (https://info.arxiv.org/help/api/user-manual.html): Atom with arXiv's extension."""

# ruff: noqa: E501  # markup is written as it comes

from __future__ import annotations

from collections.abc import Sequence

from tests.servers.source_payloads.base import Call, Replay, Served, Story
from tests.servers.source_payloads.feed_texts import atom, xml_text

_SPACES = 'xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/"'


def _entry(one: Story) -> str:
    page = f"http://arxiv.org/abs/2610.0{one.number}v2"
    return (
        f"<id>{page}</id><updated>{one.iso}</updated><published>{one.iso}</published><title>{xml_text(one.title)}\n  </title>"
        f"<summary>  {xml_text(one.text)}\n</summary><author><name>{xml_text(one.author)}</name></author>"
        f'<arxiv:doi>10.1000/{one.number}</arxiv:doi><link href="{page}" rel="alternate" type="text/html"/>'
        f'<link title="pdf" href="{page.replace("abs", "pdf")}" rel="related" type="application/pdf"/>'
        '<arxiv:primary_category term="physics.flu-dyn"/><category term="physics.flu-dyn"/>'
    )


def _answer(call: Call, stories: Sequence[Story]) -> Served | None:
    if call.path != "/api/query":
        return None
    return atom(_entry, list(stories)[: int(call.query["max_results"])], _SPACES)


REPLAY = Replay(_answer, ("export.arxiv.org",))
