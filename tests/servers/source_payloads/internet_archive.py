"""Internet Archive's advanced search with output=json (https://archive.org/advancedsearch.php)."""

from __future__ import annotations

from collections.abc import Sequence

from ettametta.discovery.sources.base import Wanted
from tests.servers.source_payloads.base import Call, Replay, Served, Story


def _answer(call: Call, stories: Sequence[Story]) -> Served | None:
    if call.path != "/advancedsearch.php" or call.query["output"] != "json":
        return None
    docs = [
        {
            "identifier": f"story-{one.number}",
            "title": one.title,
            "creator": [one.author, "Others"],
            "description": f"<p>{one.text}</p>",
            "publicdate": one.iso,
            "licenseurl": "https://creativecommons.org/licenses/by/4.0/",
            "mediatype": "movies",
            "subject": ["space; rockets", "dawn"],
            "language": {"en": "eng", "de": ["ger"]}[one.language],
            **one.numbers(downloads="downloads"),
        }
        for one in stories
    ]
    found = docs[: int(call.query["rows"])]
    header = {"status": 0, "QTime": 3, "params": {"query": call.query["q"]}}
    return Served({"responseHeader": header, "response": {"numFound": len(docs), "start": 0, "docs": found}})


REPLAY = Replay(_answer, ("archive.org",), also=(Wanted(),))
