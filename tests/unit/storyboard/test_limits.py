"""Numbers of a storyboard that no film has are refused where it is read."""

from __future__ import annotations

import math

import pytest
from pydantic import ValidationError

from ettametta.storyboard import ClipVisual, Music, PhotoVisual


@pytest.mark.parametrize("focus", [(math.nan, 0.5), (0.5, math.inf), (7.0, 0.5), (0.5, -0.1)])
def test_a_focus_lies_in_the_picture(focus: tuple[float, float]) -> None:
    with pytest.raises(ValidationError):
        PhotoVisual(asset_key="k", width=9, height=9, focus=focus)
    with pytest.raises(ValidationError):
        ClipVisual(asset_key="k", width=9, height=9, duration_s=1, focus=focus)


def test_music_begins_somewhere() -> None:
    with pytest.raises(ValidationError):
        Music(start_s=math.inf)
