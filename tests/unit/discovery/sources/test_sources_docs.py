"""docs/sources.md lists every source of the registry with its declared facts, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from ettametta.discovery.sources import INFOS
from ettametta.discovery.sources.base import SourceInfo, Takes

_PAGE = Path(__file__).parents[4] / "docs" / "sources.md"
_ASKED = {Takes.WORDS: "words", Takes.NOTHING: "nothing (what is popular)", Takes.ADDRESS: "an address"}


def section(info: SourceInfo) -> str:
    """What docs/sources.md says of one source."""
    asked = _ASKED[info.takes] + (f": {info.address_hint}" if info.address_hint else "")
    lines = [
        f"### {info.title} (`{info.name}`)",
        "",
        info.gives,
        "",
        f"* asked by: {asked}",
        f"* numbers: {', '.join(info.metrics) or 'none'}",
        f"* key: {' and '.join(f'`{key}`' for key in info.keys) or 'none'}",
        *([f"* languages: {', '.join(info.languages)}"] if info.languages else []),
        f"* licence: {info.licence}",
        f"* terms: {info.terms}",
        f"* at most {info.requests_per_minute} requests a minute",
        f"* documented at <{info.documentation_url}>",
        "",
    ]
    return "\n".join(lines)


def test_the_page_has_every_source_and_no_other() -> None:
    page = _PAGE.read_text(encoding="utf-8")
    missing = [section(info) for info in INFOS.values() if section(info) not in page + "\n"]
    assert not missing, "docs/sources.md lacks these sections:\n\n" + "\n".join(missing)
    assert re.findall(r"^### .* \(`(\w+)`\)$", page, re.MULTILINE) == list(INFOS), "in the registry's order"
