"""What every voice checks before it speaks: the text is text, the language, voice and pace are had."""

from __future__ import annotations

import re
import unicodedata

from ettametta.errors import InvalidInput
from ettametta.providers.speech.base import SpeechFacts, SpeechRequest
from ettametta.providers.speech.script import without_pauses

_CODE = re.compile(r"[a-z]{2,3}")
MAX_CHARS = 20_000
MAX_WORD_CHARS = 1_000
SLOWEST, FASTEST = 0.5, 2.0


def checked_text(request: SpeechRequest, facts: SpeechFacts) -> str:
    """The text to speak, without control characters.

    Raises:
        InvalidInput: `speech.empty`, `speech.too_long`, `speech.pace` or `speech.language`.
    """
    text = "".join(_spoken(character) for character in request.text).strip()
    if not any(character.isalnum() for character in without_pauses(text)):
        raise InvalidInput(
            "There is nothing to say in this text.", hint="Give a text with words in it.", code="speech.empty"
        )
    if len(text) > MAX_CHARS or max(map(len, text.split())) > MAX_WORD_CHARS:
        raise InvalidInput(
            f"The text is too long to speak at once ({len(text)} characters).",
            hint=f"Give at most {MAX_CHARS} characters, in words of at most {MAX_WORD_CHARS}.",
            code="speech.too_long",
        )
    _check_pace(request.pace)
    check_language(request.language, facts)
    return text


def _spoken(character: str) -> str:
    if character.isspace():
        return "\n" if character in "\n\r\u2028\u2029" else " "
    return "" if unicodedata.category(character) in ("Cc", "Cs", "Co", "Cn") else character


def _check_pace(pace: float) -> None:
    if not SLOWEST <= pace <= FASTEST:
        raise InvalidInput(
            f"A pace of {pace:g} is not possible.",
            hint=f"Give a pace from {SLOWEST:g} (half speed) to {FASTEST:g} (double speed).",
            code="speech.pace",
        )


def check_language(language: str, facts: SpeechFacts) -> None:
    """Refuse a language the voice does not speak.

    Raises:
        InvalidInput: `speech.language`.
    """
    if "*" in facts.languages and _CODE.fullmatch(language):
        return
    if language not in facts.languages:
        listed = ", ".join(facts.languages)
        raise InvalidInput(
            f"The voice {facts.name} does not speak the language '{language[:20]}'.",
            hint=f"It speaks: {listed}. {_other_languages(facts)}".strip(),
            code="speech.language",
        )


def _other_languages(facts: SpeechFacts) -> str:
    if facts.needs_network:
        return "For others take another voice, or none: voice silent."
    return "For others set ETTAMETTA_SPEECH=openai and OPENAI_API_KEY, or take no voice: captions alone, voice silent."


def checked_voice(voice: str, voices: tuple[str, ...], default: str) -> str:
    """The voice to use; `default` names the provider's own.

    Raises:
        InvalidInput: `speech.voice`, listing the voices there are.
    """
    if voice == "default":
        return default
    if voice not in voices:
        raise InvalidInput(
            f"There is no voice '{voice[:60]}'.", hint=f"Choose one of: {', '.join(voices)}.", code="speech.voice"
        )
    return voice
