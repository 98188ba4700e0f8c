"""GDELT DOC 2.0, mode artlist (https://blog.gdeltproject.org/gdelt-doc-2-0-api-debuts/)."""

from __future__ import annotations

from collections.abc import Sequence

from tests.servers.source_payloads.base import Call, Replay, Served, Story

_LANGUAGES = {"en": "English", "de": "German"}


def _answer(call: Call, stories: Sequence[Story]) -> Served | None:
    if call.path != "/api/v2/doc/doc" or call.query.get("mode") != "artlist":
        return None
    if '"' not in call.query["query"]:
        return Served("Your query was too short or too long.\n", content_type="text/html; charset=utf-8")
    articles = [
        {
            "url": one.url,
            "url_mobile": "",
            "title": one.title,
            "seendate": one.at.strftime("%Y%m%dT%H%M%SZ"),
            "socialimage": f"https://pictures.example/{one.number}.jpg",
            "domain": "stories.example",
            "language": _LANGUAGES[one.language],
            "sourcecountry": "United States",
        }
        for one in stories
    ]
    return Served({"articles": articles[: int(call.query["maxrecords"])]} if articles else {})


REPLAY = Replay(_answer, ("api.gdeltproject.org",))
