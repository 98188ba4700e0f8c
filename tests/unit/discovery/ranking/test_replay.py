"""The replay: nDCG by hand, the past seen as it was, and the kept sets ordered better than by simple rules."""

from __future__ import annotations

import pytest

from benchmarks.ranking import judged_sets, table
from benchmarks.ranking_sets.generate import SCENES, labelled_set
from ettametta.discovery.ranking.replay import LabelledSet, LabelledSighting, LabelledSource, LabelledStory, judge, ndcg


def test_ndcg_by_hand() -> None:
    assert ndcg([3, 2, 0], [0, 3, 2]) == 1.0
    assert ndcg([0, 3], [0, 3]) == pytest.approx(0.6309, abs=1e-4)
    assert ndcg([], [1]) == 0.0
    assert ndcg([0], [0]) == 0.0


def test_what_came_later_is_not_known_yet() -> None:
    def story(key: str, *looks: tuple[float, int | None], grade: int) -> LabelledStory:
        seen = LabelledSighting(source="board", looks=looks)
        title = f"Mars rover {key}"
        return LabelledStory(id=key, title=title, published=0.0, sightings=(seen,), grades=((0.0, grade),))

    labelled = LabelledSet(
        name="two",
        note="by hand",
        niche="Space",
        keywords=("mars rover",),
        sources={"board": LabelledSource(title="Board", metric="points")},
        moments=(5.0,),
        stories=(story("a", (1.0, 5), grade=1), story("b", (9.0, 500), grade=3)),
    )
    assert judge(labelled).by_order == dict.fromkeys(("ours", "newest", "highest number", "relevance only"), 1.0)


def test_the_kept_sets_are_as_generated_and_ours_orders_them_best() -> None:
    found = judged_sets()
    assert len(found) == len(SCENES)
    for one in found:
        assert one.by_order["ours"] == max(one.by_order.values()), one
    assert table(found) == table(judged_sets())
    again = LabelledSet.model_validate(labelled_set(SCENES[0], 0))
    assert judge(again).by_order == next(one for one in found if one.name == again.name).by_order
