"""Which language a text is in: by its script where that decides, else by a trained classifier with its confidence."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

#: Scripts that (nearly) one language is written in, and the ISO 639-1 code it stands for.
_BY_SCRIPT = (
    (re.compile(r"[\u3040-\u30ff]"), "ja"),
    (re.compile(r"[\uac00-\ud7af]"), "ko"),
    (re.compile(r"[\u0e00-\u0e7f]"), "th"),
    (re.compile(r"[\u0590-\u05ff]"), "he"),
    (re.compile(r"[\u0370-\u03ff]"), "el"),
    (re.compile(r"[\u10a0-\u10ff]"), "ka"),
    (re.compile(r"[\u0530-\u058f]"), "hy"),
    (re.compile(r"[\u0b80-\u0bff]"), "ta"),
    (re.compile(r"[\u0c00-\u0c7f]"), "te"),
    (re.compile(r"[\u0980-\u09ff]"), "bn"),
)
_RTL = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
_RTL_LANGUAGES = frozenset({"ar", "fa", "he", "ur", "yi", "ps", "ug", "ckb", "sd", "dv"})
_LETTER = re.compile(r"[^\W\d_]")
_MIN_LETTERS = 20
_MIN_CONFIDENCE = 0.3
_SAMPLE_CHARS = 4_000


@dataclass(frozen=True, slots=True)
class Language:
    """A guess: ISO 639-1 code and confidence from 0 to 1."""

    code: str
    confidence: float


def detect_language(text: str) -> Language | None:
    """The language of a text; None when it is too short or the guess too weak to stand on."""
    sample = text[:_SAMPLE_CHARS]
    letters = len(_LETTER.findall(sample))
    for script, code in _BY_SCRIPT:
        found = len(script.findall(sample))
        if found >= 2 and found * 5 >= letters:
            return Language(code, min(1.0, found / letters + 0.4) if letters else 1.0)
    if letters < _MIN_LETTERS:
        return None
    code, confidence = _identifier().classify(sample)
    return Language(str(code), float(confidence)) if confidence >= _MIN_CONFIDENCE else None


def certainty(text: str) -> float:
    """How much a text reads like the language it reads most like, from 0 to 1."""
    return float(_identifier().classify(text)[1])


def reads_from_right(language: str) -> bool:
    """Whether a language (ISO 639) is usually written from right to left."""
    return language in _RTL_LANGUAGES


def is_right_to_left(text: str) -> bool:
    """Whether most of its letters are of a script written from right to left."""
    return len(_RTL.findall(text)) * 2 > len(_LETTER.findall(text))


@lru_cache(maxsize=1)
def _identifier() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
