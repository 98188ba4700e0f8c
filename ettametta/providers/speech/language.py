"""Tells text that is evidently not English, so that an English voice refuses it. Doubt speaks for the text."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Protocol, cast

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from ettametta.errors import InvalidInput

#: Below these there is too little to judge by.
_LEAST_WORDS = 3
_LEAST_LETTERS = 14
_LEAST_TELLING = 2
#: Share of letters outside the Latin script from which an English voice has nothing to read.
_FOREIGN_SHARE = 0.4
#: What the identifier must be sure of: how likely at most English, how likely at least its three best guesses.
_MOST_ENGLISH = 0.01
_LEAST_SURE = 0.85
#: English-based languages and the catch-all class count for English.
#: Languages a short text is easily taken for.
_FAMILIES = (
    "es gl ast an ca pt oc", "it co scn vec lmo es", "fr oc wa ca", "no nb nn da sv", "hr bs sr sl mk", "cs sk pl",
    "ru uk be bg mk sr kk", "nl af de lb", "id ms jv su tl", "hi mr ne sa", "ar fa ur ps ku ug", "fi et", "zh ja",
    "az tr kk", "ro it fr", "lv lt", "is da no sv",
)  # fmt: skip
#: Languages not written in Latin letters, and of them those which are in some places.
_OTHERS = "ru uk be bg mk sr kk el ar fa ur he hi mr ne ta th kn ja zh ko hy"
_OTHER_SCRIPTS = frozenset(_OTHERS.split())
_LATIN_TOO = frozenset({"sr", "kk"})
_LATIN_SHARE = 0.05
_ENGLISH = frozenset({"en", "sco", "pcm", "jam", "tpi", "bi", "zxx"})
#: A text with so many of these is English whatever names are in it.
_FUNCTION = (
    "the and to that it are with this from by but what were when your can there which their if how about "
    "they she you who its of"
)
_FUNCTION_WORDS = frozenset(_FUNCTION.split())
_FUNCTION_SHARE = 0.2


class _Identifier(Protocol):
    def rank(self, text: str) -> list[tuple[str, float]]: ...


def not_english(text: str) -> str | None:
    """What the text is instead of English (a language code, or "another script"); None when it may be English."""
    letters = [character for character in text if character.isalpha()]
    if not letters:
        return None
    if sum(map(_foreign, letters)) > _FOREIGN_SHARE * len(letters):
        return "another script"
    words = [word.strip(".,;:!?\"'()“”‘’") for word in text.split()]
    telling = [word for word in words if word[:1].islower() or text.isupper()]  # names tell nothing
    if len(words) < _LEAST_WORDS or len(letters) < _LEAST_LETTERS or len(telling) < _LEAST_TELLING:
        return None
    if sum(word.lower() in _FUNCTION_WORDS for word in words) >= _FUNCTION_SHARE * len(words):
        return None
    return _identified(text)


def check_declared(text: str, language: str) -> None:
    """Refuse a text that is evidently in another language than it is said to be.

    Raises:
        InvalidInput: `speech.language`.
    """
    other = not_english(text) if language == "en" else _not_declared(text, language)
    if other is not None:
        raise InvalidInput(
            f"This text is said to be in the language '{language}', and is not ({other}).",
            hint="Name the language it is in, or translate it.",
            code="speech.language",
        )


def _not_declared(text: str, language: str) -> str | None:
    letters = [character for character in text if character.isalpha()]
    foreign = sum(map(_foreign, letters))
    if foreign > _FOREIGN_SHARE * len(letters) and language not in _OTHER_SCRIPTS:
        return "another script"
    if len(text.split()) < _LEAST_WORDS or len(letters) < 2 * _LEAST_LETTERS:
        return None
    if foreign < _LATIN_SHARE * len(letters) and language in _OTHER_SCRIPTS - _LATIN_TOO:
        return "in Latin letters"
    ranked = _identifier().rank(text)
    near = {code for family in _FAMILIES if language in family.split() for code in family.split()}
    if language not in {code for code, _ in ranked}:
        return None
    own = sum(share for code, share in ranked if code in {language, *near})
    sure = sum(share for _, share in ranked[:3])
    return ranked[0][0] if own < _MOST_ENGLISH and sure >= _LEAST_SURE else None


def _foreign(letter: str) -> bool:
    return not letter.isascii() and not unicodedata.name(letter, "").startswith(
        ("LATIN", "FULLWIDTH LATIN", "MODIFIER")
    )


def _identified(text: str) -> str | None:
    ranked = _identifier().rank(text)
    english = sum(share for language, share in ranked if language in _ENGLISH)
    sure = sum(share for _, share in ranked[:3])
    return ranked[0][0] if english < _MOST_ENGLISH and sure >= _LEAST_SURE else None


@cache
def _identifier() -> _Identifier:
    return cast("_Identifier", LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True))
