"""Where text may stand: free of the apps' own buttons and texts, and captions never over designed text.

Figures of the apps on a frame of 1080x1920 (read in November 2026; apps move their buttons, so a little is added):

* Instagram and Facebook Reels (Meta Business Help Center, "About text and safe zones"): keep 14 % above, 35 % below and
  6 % on each side free in advertisements, whose button stands at 65 %; without one about 20 % below is taken.
* TikTok (TikTok Ads Manager, in-feed safe zone): about 130 pixels (7 %) above, 370 (19 %) below, 60 on the left and 120
  (11 %) on the right.
* YouTube Shorts (Google Ads Help, Shorts safe zones): about 10 % above, 25 % (480 pixels) below, 48 pixels on the left
  and up to 192 on the right, beside the buttons in the lower half.

Other frames are shown in a feed or a player with nothing over them but its bar: 8 % is kept free on each side.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ettametta.storyboard import CaptionStyle
from ettametta.video.plan import Box, Canvas, SafeAreas

#: Taller than this the frame is one of those that apps cover with their buttons.
_TALL = 1.5
#: Height of the caption area in the design pixels of the short side: two lines of the usual size.
_TWO_LINES = 244
#: Free space between captions and designed text, in design pixels.
_GAP = 38


@dataclass(frozen=True, slots=True)
class _Margins:
    """What is kept free, in parts of width (side) and height."""

    side: float
    top: float
    bottom: float


def safe_areas(canvas: Canvas, captions: CaptionStyle | None = None) -> SafeAreas:
    """The rectangles free of the apps' own buttons and texts, for designed text and for captions; they never overlap.

    Captions at the bottom leave the room above them to designed text, those at the top the room below, and those
    between (`centre`, `y_percent`) the larger one of the two. A `y_percent` that would leave the safe area is moved in.
    """
    style = captions or CaptionStyle()
    safe = _safe_box(canvas)
    height = min(round(_TWO_LINES * max(1.0, style.size) * canvas.unit), round(safe.height * 0.45))
    top, hold = _caption_top(style, canvas, safe, height)
    caption = Box(safe.left, top, safe.width, height)
    return SafeAreas(_largest_rest(safe, caption, round(_GAP * canvas.unit)), caption, hold)


def _safe_box(canvas: Canvas) -> Box:
    tall = canvas.height > _TALL * canvas.width
    margins = _Margins(0.093, 0.125, 0.225) if tall else _Margins(0.08, 0.08, 0.07)
    left, top = round(canvas.width * margins.side), round(canvas.height * margins.top)
    return Box(left, top, canvas.width - 2 * left, canvas.height - top - round(canvas.height * margins.bottom))


def _caption_top(
    style: CaptionStyle, canvas: Canvas, safe: Box, height: int
) -> tuple[int, Literal["top", "middle", "bottom"]]:
    lowest = safe.bottom - height
    if style.y_percent is not None:
        wanted = round(canvas.height * style.y_percent / 100 - height / 2)
        return min(max(wanted, safe.top), lowest), "middle"
    if style.position == "top":
        return safe.top, "top"
    if style.position == "centre":
        return safe.top + (safe.height - height) // 2, "middle"
    return lowest, "bottom"


def _largest_rest(safe: Box, caption: Box, gap: int) -> Box:
    above = caption.top - gap - safe.top
    below = safe.bottom - caption.bottom - gap
    if above >= below:
        return Box(safe.left, safe.top, safe.width, above)
    return Box(safe.left, caption.bottom + gap, safe.width, below)
