"""A video that an edit has overtaken: its announcement says so, and nobody is told of an error."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from agent.telegram.parcels import Shown
from agent.telegram.video import OvertakenError, VideoCourier
from ettametta.delivery.outbox import Parcel


class _Client:
    def __init__(self) -> None:
        self.edited: list[tuple[int, int, str]] = []

    async def edit(self, chat_id: int, message_id: int, shown: Shown) -> bool:
        self.edited.append((chat_id, message_id, shown.text))
        return True


class _Productions:
    async def get(self, _production_id: str, *, user_id: str) -> Any:
        assert user_id == "u"
        return SimpleNamespace(video=None, revision=2)


@pytest.mark.parametrize("announced", [None, "7"])
async def test_an_older_video_is_not_apologised_for(announced: str | None) -> None:
    client = _Client()
    courier = VideoCourier(
        cast("Any", client), cast("Any", None), cast("Any", _Productions()), cast("Any", None), cast("Any", None),
        max_bytes=1,
    )  # fmt: skip
    payload = {"production_id": "p", "video_id": "old", "title": "The lamp"}
    parcel = cast("Parcel", SimpleNamespace(payload=payload, user_id="u", external_id=announced))
    with pytest.raises(OvertakenError):
        await courier.deliver(parcel, 5)
    told = "✏️ The lamp was edited meanwhile: the newer version is sent instead."
    assert client.edited == ([] if announced is None else [(5, 7, told)])
