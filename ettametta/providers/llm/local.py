"""Finds a model server on this machine: Ollama or LM Studio at their usual addresses."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass

import structlog

from ettametta.errors import EttamettaError
from ettametta.kit.http import HttpClient

_log = structlog.get_logger(__name__)

#: Ollama (docs.ollama.com) and LM Studio (lmstudio.ai/docs), each with its default port.
PLACES = ("http://127.0.0.1:11434/v1", "http://127.0.0.1:1234/v1")
_TIMEOUT_S = 1.0


@dataclass(frozen=True, slots=True)
class LocalModel:
    """A model that a server here offers."""

    base_url: str
    model: str


async def find_local(wanted: str, *, places: tuple[str, ...] = PLACES) -> LocalModel | None:
    """The model of this name where a server here has it, else the first that can talk; None: no server answers."""
    http = HttpClient(user_agent="Ettametta", allow_private=True, connect_timeout_s=0.3, read_timeout_s=_TIMEOUT_S)
    try:
        listed = await asyncio.gather(*(_names(http, place) for place in places))
    finally:
        await http.close()
    offered = [LocalModel(place, name) for place, names in zip(places, listed, strict=True) for name in names]
    found = next((one for one in offered if one.model == wanted), offered[0] if offered else None)
    if found is not None:
        _log.info("model.found_here", base_url=found.base_url, model=found.model)
    return found


async def _names(http: HttpClient, place: str) -> list[str]:
    """The models of a server, without those that only embed; none when nobody answers there as the API says."""
    try:
        answer = await http.get(f"{place}/models", max_bytes=1_000_000, timeout_s=_TIMEOUT_S)
        names = [str(one["id"])[:100] for one in json.loads(answer.body)["data"]]
    except (EttamettaError, ValueError, TypeError, KeyError):
        return []
    return [name for name in names if "embed" not in name.lower()]
