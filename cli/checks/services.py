"""Services elsewhere: the model's endpoint and Telegram, asked over plain HTTP. Keys never appear in findings."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx

from cli.checks.finding import Finding

if TYPE_CHECKING:
    from ettametta.settings import Settings

_TIMEOUT_S = 10.0
_MOST_BYTES = 5_000_000


async def model(settings: Settings) -> list[Finding]:
    """The endpoint answers, takes the key, and has the model; a server on this machine is looked for, too."""
    from ettametta.bootstrap import with_local_model

    settings = await with_local_model(settings)
    if not settings.has_model:
        detail = "none: scripts are picked from sources (set OPENAI_API_KEY, or OPENAI_BASE_URL for a local model)"
        return [Finding("model", "ok", detail)]
    host = urlsplit(settings.openai_base_url).hostname or "?"
    key = settings.openai_api_key
    headers = {} if key is None else {"Authorization": f"Bearer {key.get_secret_value()}"}
    began = time.monotonic()
    try:
        response = await _get(f"{settings.openai_base_url.rstrip('/')}/models", headers)
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        fix = "Check the network and OPENAI_BASE_URL."
        return [Finding("model", "bad", f"{host} cannot be reached ({type(error).__name__}).", fix)]
    return [_judge_model(settings.model, host, response, time.monotonic() - began)]


def _judge_model(wanted: str, host: str, response: httpx.Response, took_s: float) -> Finding:
    status = response.status_code
    if status in (401, 403):
        return Finding("model", "bad", f"{host} refused the key ({status}).", "Check OPENAI_API_KEY.")
    if status != 200:
        fix = "Check OPENAI_BASE_URL: it ends in /v1 with most endpoints."
        return Finding("model", "warn", f"{host} answers, but does not list its models ({status}).", fix)
    names = _model_names(response)
    if names and wanted not in names:
        offered = ", ".join(sorted(names)[:5])
        fix = f"Set ETTAMETTA_MODEL to one it has, such as: {offered}."
        return Finding("model", "bad", f"{host} has no model {wanted}.", fix)
    return Finding("model", "ok", f"{wanted} at {host}, answers in {took_s * 1000:.0f} ms{_reads(wanted, response)}")


#: Where endpoints say how many tokens a model reads: OpenRouter, vLLM, LM Studio.
_CONTEXT_FIELDS = ("context_length", "max_model_len", "loaded_context_length", "max_context_length")


def _reads(wanted: str, response: httpx.Response) -> str:
    """How many tokens the model reads, where the endpoint says it."""
    try:
        entry = next(one for one in response.json()["data"] if one.get("id") == wanted)
    except (ValueError, KeyError, TypeError, AttributeError, StopIteration):
        return ""
    said = [entry[name] for name in _CONTEXT_FIELDS if isinstance(entry.get(name), int)]
    return f", reads {said[0]:,} tokens" if said else ""


def _model_names(response: httpx.Response) -> set[str]:
    try:
        entries = response.json()["data"]
        return {str(entry["id"])[:80] for entry in entries}
    except (ValueError, KeyError, TypeError):
        return set()


async def telegram(settings: Settings) -> list[Finding]:
    """The token is one Telegram knows."""
    token = settings.telegram_bot_token
    if token is None:
        return [Finding("telegram", "ok", "no bot (set TELEGRAM_BOT_TOKEN to the token @BotFather gives)")]
    host = urlsplit(settings.telegram_api_url).hostname or "?"
    url = f"{settings.telegram_api_url.rstrip('/')}/bot{token.get_secret_value()}/getMe"
    try:
        response = await _get(url, {})
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        fix = "Check the network and ETTAMETTA_TELEGRAM_API_URL."
        return [Finding("telegram", "bad", f"{host} cannot be reached ({type(error).__name__}).", fix)]
    return [_judge_bot(host, response)]


def _judge_bot(host: str, response: httpx.Response) -> Finding:
    if response.status_code in (401, 404):
        fix = "Check TELEGRAM_BOT_TOKEN: @BotFather shows it under /mybots."
        return Finding("telegram", "bad", f"{host} does not know this token ({response.status_code}).", fix)
    try:
        name = str(response.json()["result"]["username"])[:40]
    except (ValueError, KeyError, TypeError):
        fix = "Check ETTAMETTA_TELEGRAM_API_URL."
        return Finding(
            "telegram", "bad", f"{host} gives an answer that is not Telegram's ({response.status_code}).", fix
        )
    return Finding("telegram", "ok", f"@{name} by {host}")


async def pictures(settings: Settings) -> list[Finding]:
    """Which picture sources are on, and which wait for a key. None is asked: they count requests."""
    from ettametta.kit.http import HttpClient
    from ettametta.providers.footage import FACTS, set_up

    if settings.pictures == "designed":
        return [Finding("pictures", "ok", "every scene is designed (ETTAMETTA_PICTURES)")]
    keys = {"pexels": settings.pexels_api_key, "pixabay": settings.pixabay_api_key}
    http = HttpClient(user_agent=settings.user_agent)
    try:
        on = set_up(http, wanted=settings.wanted_sources, keys=keys)
    finally:
        await http.close()
    listed = ", ".join(f"{FACTS[name].title} ({' and '.join(f'{kind}s' for kind in FACTS[name].kinds)})" for name in on)
    wanting = [str(facts.key_setting) for name, facts in FACTS.items() if facts.needs_key and not keys.get(name)]
    more = f"; more with {' and '.join(wanting)}" if wanting else ""
    return [Finding("pictures", "ok", f"{listed}{more}")]


async def sources(settings: Settings) -> list[Finding]:
    """How many sources of candidates are ready, and which wait for a key. None is asked."""
    from ettametta.discovery.sources import set_up

    known = set_up(keys=settings.source_keys)
    waiting = [f"{known.get(name).info.title} ({' and '.join(keys)})" for name, keys in known.missing.items()]
    more = f"; more with keys: {', '.join(waiting)}" if waiting else ""
    return [Finding("sources", "ok", f"{len(known.ready)} of {len(known.by_name)} ready{more}")]


async def _get(url: str, headers: dict[str, str]) -> httpx.Response:
    """One GET, no redirects (they would carry the key elsewhere), a bounded body."""
    async with (
        httpx.AsyncClient(timeout=_TIMEOUT_S, follow_redirects=False) as client,
        client.stream("GET", url, headers=headers) as response,
    ):
        body = b""
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > _MOST_BYTES:
                break
        return httpx.Response(response.status_code, content=body)
