"""What of the captions asked for is changed so that they can be read: told with the draft, and with an edit. Pure."""

from __future__ import annotations

from ettametta.storyboard import Storyboard
from ettametta.video.captions.look import style_warnings
from ettametta.video.design.brand import branded
from ettametta.video.themes import theme_named


def caption_notes(storyboard: Storyboard) -> tuple[str, ...]:
    """Sentences for the person who asked."""
    style = storyboard.style
    if style.captions.mode == "off":
        return ()
    return style_warnings(style.captions, branded(theme_named(style.theme), storyboard.brand))


def new_caption_notes(old: Storyboard, new: Storyboard) -> tuple[str, ...]:
    """The same after an edit; nothing when the edit left the look as it was."""
    is_same = (old.style, old.brand) == (new.style, new.brand)
    return () if is_same else caption_notes(new)
