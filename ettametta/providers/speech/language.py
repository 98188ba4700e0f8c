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
_NEAR = {
    "es": ("gl", "ast", "an", "ca", "pt"),
    "pt": ("gl", "es"),
    "it": ("co", "scn", "vec", "lmo"),
    "fr": ("oc", "wa"),
}
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
    if letters and sum(map(_foreign, letters)) > _FOREIGN_SHARE * len(letters):
        return "another script"
    if len(text.split()) < _LEAST_WORDS or len(letters) < 2 * _LEAST_LETTERS:
        return None
    ranked = _identifier().rank(text)
    own = sum(share for code, share in ranked if code in (language, *_NEAR.get(language, ())))
    return ranked[0][0] if own < _MOST_ENGLISH and ranked[0][1] >= _LEAST_SURE else None


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
