"""NewsAPI: /v2/everything and /v2/top-headlines (https://newsapi.org/docs)."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import SecretStr

from ettametta.discovery.sources.base import Wanted
from tests.servers.source_payloads.base import KEY, Call, Replay, Served, Story


def _answer(call: Call, stories: Sequence[Story]) -> Served | None:
    if call.headers.get("x-api-key") != KEY:
        return Served({"status": "error", "code": "apiKeyInvalid", "message": "..."}, status=401)
    if call.path not in ("/v2/everything", "/v2/top-headlines"):
        return None
    articles = [
        {
            "source": {"id": None, "name": "Stories"},
            "author": one.author,
            "title": one.title,
            "description": one.text,
            "url": one.url,
            "urlToImage": f"https://pictures.example/{one.number}.jpg",
            "publishedAt": one.iso,
            "content": f"{one.text} [+1200 chars]",
        }
        for one in stories
        if call.query.get("language") in (None, one.language)
    ]
    found = articles[: int(call.query["pageSize"])]
    return Served({"status": "ok", "totalResults": len(articles), "articles": found})


REPLAY = Replay(_answer, ("newsapi.org",), also=(Wanted(),), keys={"NEWSAPI_KEY": SecretStr(KEY)})
