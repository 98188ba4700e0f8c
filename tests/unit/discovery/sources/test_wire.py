"""Failures of fetching, told of the source: a network without names is no fault of the words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ettametta.discovery.sources import INFOS
from ettametta.discovery.sources.base import Takes
from ettametta.discovery.sources.wire import translated
from ettametta.errors import EttamettaError, InvalidInput, NotFound, TransientError

_GONE = NotFound("There is no host named hn.example.", code="http.no_such_host")


@pytest.mark.parametrize(
    ("takes", "kind", "code"),
    [
        (Takes.WORDS, TransientError, "source.unreachable"),
        (Takes.NOTHING, TransientError, "source.unreachable"),
        (Takes.ADDRESS, InvalidInput, "source.not_found"),
    ],
)
async def test_a_host_that_is_not_found(takes: Takes, kind: type[EttamettaError], code: str) -> None:
    info = replace(INFOS["hacker_news"], takes=takes)
    with pytest.raises(kind) as caught:
        async with translated(info):
            raise _GONE
    assert caught.value.code == code
