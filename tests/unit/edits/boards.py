"""Storyboards for the tests of edits, and hypothesis strategies over them."""

from __future__ import annotations

from hypothesis import strategies as st

from ettametta.edits import (
    DeleteScene,
    InsertScene,
    MergeScenes,
    MoveScene,
    Operation,
    Restyle,
    Retime,
    SetAspect,
    SetNarration,
    SetTitle,
    SetVoice,
    SplitScene,
    SwapScenes,
)
from ettametta.edits.operations import CaptionChanges, MusicChanges
from ettametta.storyboard import CardVisual, Citation, PhotoVisual, Scene, Storyboard

WORDS = ("A lamp in Paris. It was seen far away.", "Rings of glass bend light, and one beam goes out.",
         "Ships are safe.", "It still burns today.", "Fresnel drew it in 1819.")  # fmt: skip


def board(scenes: int = 4) -> Storyboard:
    """A storyboard of so many scenes with ids s01, s02, ..."""
    return Storyboard(
        title="The lamp",
        language="en",
        scenes=tuple(
            Scene(
                id=f"s{number:02d}",
                narration=WORDS[(number - 1) % len(WORDS)],
                visual=CardVisual(kind="statement", text=f"Number {number}"),
                role="hook" if number == 1 else "beat",
            )
            for number in range(1, scenes + 1)
        ),
        citations=(Citation(title="A book"),),
    )


def photo(key: str = "assets/a.jpg") -> PhotoVisual:
    """A photo from a file."""
    return PhotoVisual(asset_key=key, width=640, height=480)


_REF = st.integers(1, 6).map(str)
_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=60)
OPERATION: st.SearchStrategy[Operation] = st.one_of(
    st.builds(SetNarration, scene=_REF, text=_TEXT),
    st.builds(MoveScene, scene=_REF, to=st.integers(1, 6)),
    st.builds(SwapScenes, scene=_REF, other=_REF),
    st.builds(InsertScene, after=st.none() | _REF, narration=_TEXT),
    st.builds(DeleteScene, scene=_REF),
    st.builds(Retime, scene=_REF, pause_after_s=st.none() | st.floats(0, 5),
              min_duration_s=st.none() | st.floats(0, 60)),
    st.builds(SplitScene, scene=_REF),
    st.builds(MergeScenes, scene=_REF),
    st.builds(SetVoice, provider=st.sampled_from([None, "hibari", "openai"]), pace=st.none() | st.floats(0.5, 2)),
    st.builds(SetAspect, aspect=st.sampled_from([None, "9:16", "16:9", "1:1", "4:5"]),
              resolution=st.sampled_from([None, 480, 720, 1080])),
    st.builds(Restyle, theme=st.sampled_from([None, "paper"]),
              captions=st.builds(CaptionChanges, uppercase=st.booleans()),
              music=st.none() | st.builds(MusicChanges, mood=st.sampled_from(["calm", "upbeat"]))),
    st.builds(SetTitle, title=st.just("Another")),
)  # fmt: skip
