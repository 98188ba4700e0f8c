"""The sentence that asks for money after an edit: what is new, each part with its share."""

from __future__ import annotations

from typing import Any, cast

import pytest

from ettametta.productions.costing import Costing
from ettametta.storyboard import CardVisual, Scene, Storyboard

_BOARD = Storyboard(
    title="The lamp",
    language="en",
    speech_provider="paid",
    scenes=(Scene(id="s1", narration="A lamp.", visual=CardVisual(kind="statement", text="A lamp")),),
)


class _Narrator:
    def __init__(self, cost: float) -> None:
        self.cost = cost

    async def cost_usd(self, _user: str, _board: Storyboard) -> float:
        return self.cost


class _Imaging:
    model = "painter"

    def __init__(self, pictures: int) -> None:
        self.pictures = pictures

    async def new_wishes(self, _user: str, _board: Storyboard) -> int:
        return self.pictures

    async def cost_usd(self, _user: str, _board: Storyboard) -> float:
        return 0.04 * self.pictures


@pytest.mark.parametrize(
    ("spoken", "pictures", "summary"),
    [
        (0.02, 0, "What is new: narration by paid, about $0.0200."),
        (0.0, 1, "What is new: 1 picture by painter, about $0.0400."),
        (0.02, 2, "What is new: narration by paid, about $0.0200, and 2 pictures by painter, about $0.0800."),
    ],
)
async def test_each_part_is_named_with_its_share(spoken: float, pictures: int, summary: str) -> None:
    costing = Costing(cast("Any", _Narrator(spoken)), cast("Any", _Imaging(pictures)))
    news = await costing.news("u", _BOARD)
    assert news.summary == summary
    assert news.cost_usd == pytest.approx(spoken + 0.04 * pictures)
