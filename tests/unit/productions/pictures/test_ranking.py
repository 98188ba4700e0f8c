"""The order in which found pictures suit a scene, and which do not suit it at all."""

from __future__ import annotations

from typing import Any

import pytest

from ettametta.productions.pictures.ranking import Taste, Wanted, rank, stems
from ettametta.providers.footage.base import FoundAsset
from ettametta.providers.footage.licences import CC0

WANTED = Wanted("lighthouse storm", "Waves break over the old lighthouse.", 1080, 1920, 4.0)


def found(number: int, title: str = "A lighthouse in a storm", **changes: Any) -> FoundAsset:
    values: dict[str, Any] = {
        "provider": "commons",
        "provider_id": str(number),
        "kind": "photo",
        "title": title,
        "width": 1200,
        "height": 2000,
        "file_url": f"https://example.org/{number}.jpg",
        "page_url": f"https://example.org/page/{number}",
        "author": f"Author {number}",
        "licence": CC0,
    }
    return FoundAsset(**{**values, **changes})


def order(*candidates: FoundAsset, taste: Taste | None = None, wanted: Wanted = WANTED) -> list[str]:
    return [one.provider_id for one in rank(candidates, wanted, taste or Taste())]


def test_more_of_the_words_is_better_and_none_of_them_is_no_match() -> None:
    some = found(2, "Lighthouse at noon")
    assert order(found(1, "A bowl of soup"), some, found(3)) == ["3", "2"]


def test_the_rare_word_counts_more() -> None:
    """Five candidates with "storm", one with "lighthouse": the one is what was meant."""
    storms = [found(number, "A storm at sea") for number in range(5)]
    assert order(*storms, found(9, "The lighthouse"))[0] == "9"


def test_tags_and_word_forms_count() -> None:
    assert order(found(1, "Untitled", tags=("lighthouses", "storms"))) == ["1"]
    assert stems("Lighthouses, storming") == stems("lighthouse storm")


def test_words_of_the_narration_decide_between_equals() -> None:
    assert order(found(1, "Lighthouse storm"), found(2, "Lighthouse storm waves"))[0] == "2"


def test_the_shape_of_the_frame_is_better() -> None:
    assert order(found(1, width=2000, height=1200), found(2, width=1200, height=2000))[0] == "2"


def test_what_must_be_enlarged_is_worse_and_too_small_is_out() -> None:
    small, tiny = found(1, width=600, height=1000), found(2, width=200, height=300)
    assert order(small, tiny, found(3)) == ["3", "1"]


def test_a_clip_that_is_long_enough_is_better() -> None:
    short, whole = found(1, kind="clip", duration_s=1.0), found(2, kind="clip", duration_s=8.0)
    assert order(short, whole, found(3, kind="clip", duration_s=3600.0)) == ["2", "1"]


def test_the_order_of_the_sources_counts() -> None:
    own, other = found(1, provider="pexels"), found(2, provider="nasa")
    assert order(other, own, taste=Taste(order=("pexels", "nasa")))[0] == "1"
    assert order(own, other, taste=Taste(order=("nasa", "pexels")))[0] == "2"


@pytest.mark.parametrize("seen", ["https://example.org/page/1", "commons:1"])
def test_what_was_in_the_last_videos_comes_last(seen: str) -> None:
    assert order(found(1), found(2), taste=Taste(seen={seen})) == ["2", "1"]


def test_another_author_is_better() -> None:
    assert order(found(1), found(2), taste=Taste(authors={"Author 1": 3}))[0] == "2"


def test_without_any_words_the_source_is_trusted_a_little() -> None:
    assert order(found(1, ""), found(2)) == ["2", "1"]


def test_unknown_sizes_are_given_the_benefit_of_the_doubt() -> None:
    assert order(found(1, width=None, height=None)) == ["1"]


def test_other_scripts_are_compared_too() -> None:
    wanted = Wanted("маяк шторм", "", 1080, 1920, 4.0)
    assert order(found(1, "Маяк и шторм"), found(2, "Суп"), wanted=wanted) == ["1"]
