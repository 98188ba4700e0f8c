"""Credits as licences ask for them, and honest about what is whose."""

from __future__ import annotations

import pytest

from ettametta.scripts.credits import MAX_DESCRIPTION_CHARS, CreditedAsset, credits_text, description_text
from ettametta.storyboard import (
    Brand,
    CardVisual,
    Citation,
    PhotoVisual,
    RecordingCut,
    Scene,
    Storyboard,
)

FOUND = CreditedAsset(
    "Lighthouse", "photo", "Ada", "CC BY-SA 4.0", "https://c.example/1", origin="commons", key="assets/1.jpg"
)
OWN = CreditedAsset("holiday.jpg", "photo", "Bo", origin="upload", key="uploads/2.jpg")
MADE = CreditedAsset("A lamp", "photo", None, "Made by the image model x-1", origin="generated", key="assets/3.png")


def board(*keys: str, **changes: object) -> Storyboard:
    visuals = [
        PhotoVisual(asset_key=key, width=10, height=10) if key else CardVisual(kind="title", text="T") for key in keys
    ]
    scenes = [Scene(id=f"s{number}", narration="Said.", visual=visual) for number, visual in enumerate(visuals)]
    return Storyboard.model_validate({"title": "One lamp", "language": "en", "scenes": tuple(scenes), **changes})


def test_title_author_source_licence_and_changes() -> None:
    text = credits_text(board("assets/1.jpg", ""), [FOUND])
    assert (
        "Photo: Lighthouse by Ada, via Wikimedia Commons, "
        "CC BY-SA 4.0 (https://creativecommons.org/licenses/by-sa/4.0/), https://c.example/1\n"
    ) in text
    assert "cut to the frame" in text
    assert "1 of 2 scenes show pictures from elsewhere; the rest is typography." in text


def test_own_files_are_the_persons_own() -> None:
    text = credits_text(board("uploads/2.jpg"), [OWN])
    assert "Photo: holiday.jpg by Bo, own file, as sent" in text
    assert "cut to the frame" not in text


def test_pictures_by_a_model_are_named_as_such() -> None:
    text = credits_text(board("assets/3.png", "assets/1.jpg"), [MADE, FOUND])
    assert "Photo: A lamp, Made by the image model x-1" in text
    assert "1 of 2 scenes show pictures made by an image model." in text


def test_fonts_and_voices_the_person_chose() -> None:
    recorded = board("", "")
    cut = RecordingCut(asset_key="uploads/r.wav", start_s=0, end_s=1)
    scenes = [scene.model_copy(update={"recording": cut}) for scene in recorded.scenes]
    whole = recorded.model_copy(update={"scenes": tuple(scenes), "brand": Brand(heading_font="Lobster")})
    text = credits_text(whole)
    assert "Voice: the person's own recording." in text
    assert "Chosen by the person: Lobster." in text
    half = recorded.model_copy(update={"scenes": (scenes[0], recorded.scenes[1])})
    assert "1 of 2 scenes by the person's own recording" in credits_text(half)


@pytest.mark.parametrize("count", [3, 60])
def test_what_must_be_named_comes_first_in_a_description(count: int) -> None:
    """A description has a length: what the licence asks for stays, what nobody asks for goes."""
    free = [CreditedAsset(f"Free {number}", "photo", "Bo", "CC0 1.0", "https://c.example/f") for number in range(count)]
    cited = [Citation(title="A page " * 12, url=f"https://example.org/{number}") for number in range(count)]
    text = description_text(board("", citations=cited), [*free, FOUND])
    assert len(text) <= MAX_DESCRIPTION_CHARS
    assert "• Photo: Lighthouse by Ada" in text
    assert text.endswith("not stated who wrote them.")
    assert ("The credits file lists the others." in text) == (count == 60)
    assert text.index("Lighthouse") < text.index("Free 0")
