"""Safe areas: captions and designed text never overlap and stay clear of the apps, in every style and frame."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ettametta.storyboard import ASPECTS, CaptionStyle
from ettametta.video.plan import Box, Canvas
from ettametta.video.safe_areas import safe_areas

FRAMES = (*ASPECTS.values(), (144, 256), (256, 144), (540, 960))


def inside(box: Box, canvas: Canvas) -> bool:
    return box.left >= 0 and box.top >= 0 and box.left + box.width <= canvas.width and box.bottom <= canvas.height


@given(
    st.sampled_from(FRAMES),
    st.sampled_from(["top", "centre", "bottom"]),
    st.none() | st.floats(5, 95),
    st.floats(0.5, 2.0),
    st.sampled_from(["highlight", "pop", "karaoke", "one_word", "sentence", "minimal"]),
)
def test_captions_never_cover_designed_text(
    frame: tuple[int, int], position: str, y_percent: float | None, size: float, mode: str
) -> None:
    canvas = Canvas(*frame, 30)
    style = CaptionStyle.model_validate({"mode": mode, "position": position, "y_percent": y_percent, "size": size})
    areas = safe_areas(canvas, style)
    assert inside(areas.card, canvas)
    assert inside(areas.caption, canvas)
    assert areas.card.bottom < areas.caption.top or areas.caption.bottom < areas.card.top
    assert areas.card.height >= 0.15 * canvas.height
    tall = canvas.height > 1.5 * canvas.width
    for box in (areas.card, areas.caption):
        assert box.left >= 0.08 * canvas.width - 1
        assert box.top >= (0.12 if tall else 0.08) * canvas.height - 1
        assert canvas.height - box.bottom >= (0.22 if tall else 0.07) * canvas.height - 1


def test_positions_are_where_their_names_say() -> None:
    canvas = Canvas(1080, 1920, 30)
    tops = [
        safe_areas(canvas, CaptionStyle.model_validate({"position": p})).caption.top
        for p in ("top", "centre", "bottom")
    ]
    assert tops == sorted(tops)
    low = safe_areas(canvas, CaptionStyle(y_percent=60)).caption
    assert abs(low.top + low.height / 2 - 0.6 * 1920) <= 1
