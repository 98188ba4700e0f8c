"""Translation for dubbing: line by line, figures kept, and honest when there is nobody to translate."""

from __future__ import annotations

from typing import Any

import pytest

from ettametta.errors import InvalidInput, MissingPart, ModelError
from ettametta.scripts.translate import SpokenLine, translate_lines
from tests.unit.scripts.scripted import ScriptedModel

LINES = (
    SpokenLine("In 1822 a king saw one lamp from 32 kilometres away.", ("32 kilometres",)),
    SpokenLine(""),
    SpokenLine("Glass rings bent the light.", ()),
)
GOOD = {
    "lines": [
        {"text": "En 1822 un rey vio una lámpara a 32 kilómetros.", "shown": ["32 kilómetros"]},
        {"text": "", "shown": []},
        {"text": "Anillos de vidrio doblaban la luz.", "shown": []},
    ]
}


def changed(number: int, **parts: Any) -> dict[str, Any]:
    lines = [dict(line) for line in GOOD["lines"]]
    lines[number] |= parts
    return {"lines": lines}


async def test_lines_come_back_one_for_one() -> None:
    model = ScriptedModel(GOOD)
    done = await translate_lines(LINES, "es", model=model, from_language="en")
    assert [line.text for line in done] == [line["text"] for line in GOOD["lines"]]
    assert [line.shown for line in done] == [("32 kilómetros",), (), ()]
    assert "`en`" in model.requests[0].instructions
    assert LINES[0].text in model.requests[0].material
    assert LINES[0].text not in model.requests[0].instructions


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ({"lines": GOOD["lines"][:2]}, "2 lines instead of 3"),
        (changed(0, text="En 1822 un rey vio una lámpara a 52 kilómetros.", shown=["52 kilómetros"]), "lost 32"),
        (changed(0, shown=[]), "0 texts on screen instead of 1"),
        (changed(1, text="Hola."), "should be empty"),
        (changed(2, text=" "), "is empty"),
    ],
)
async def test_what_is_lost_is_mended_once_or_refused(bad: dict[str, Any], reason: str) -> None:
    model = ScriptedModel(bad, GOOD)
    assert len(await translate_lines(LINES, "es", model=model, from_language="en")) == 3
    assert reason in model.requests[1].material
    with pytest.raises(ModelError) as caught:
        await translate_lines(LINES, "es", model=ScriptedModel(bad, bad), from_language="en")
    assert caught.value.code == "translate.unfaithful"
    assert reason in caught.value.message


async def test_what_would_take_too_long_or_cannot_be_said_is_mended_but_not_refused() -> None:
    long = changed(
        2, text="Unos anillos de vidrio muy cuidadosamente tallados doblaban la luz de la lámpara hacia el mar. 🔥"
    )
    model = ScriptedModel(long, long)
    done = await translate_lines(LINES, "es", model=model, from_language="en")
    assert "shorten it" in model.requests[1].material
    assert "a symbol or emoji" in model.requests[1].material
    assert done[2].text.startswith("Unos anillos")


async def test_untranslated_is_refused() -> None:
    english = (SpokenLine("The king of France saw the light of a single lamp from far away across the sea."),)
    same = {"lines": [{"text": english[0].text, "shown": []}]}
    with pytest.raises(ModelError, match="still in en"):
        await translate_lines(english, "es", model=ScriptedModel(same, same), from_language="en")


async def test_without_a_model_the_hint_says_what_to_set() -> None:
    with pytest.raises(MissingPart) as caught:
        await translate_lines(LINES, "es", model=None, from_language="en")
    assert "OPENAI_API_KEY" in caught.value.hint


async def test_silence_needs_no_model_and_the_same_language_no_translation() -> None:
    silent = (SpokenLine(""),)
    assert await translate_lines(silent, "es", model=None, from_language="en") == silent
    with pytest.raises(InvalidInput):
        await translate_lines(LINES, "en", model=None, from_language="en")


@pytest.mark.parametrize(("text", "kept"), [("El rey Carlos X la vio.", False), ("Agustín Fresnel la vio.", True)])
async def test_a_name_may_change_its_form_but_not_the_person(text: str, kept: bool) -> None:
    line, answer = SpokenLine("It was seen by Augustin Fresnel."), {"lines": [{"text": text, "shown": []}]}
    model = ScriptedModel(answer, answer)
    if kept:
        assert (await translate_lines((line,), "es", model=model, from_language="en"))[0].text == text
        return
    with pytest.raises(ModelError, match="lost Augustin Fresnel"):
        await translate_lines((line,), "es", model=model, from_language="en")
