"""Which country's edition speaks a language, for services that ask for both."""

from __future__ import annotations

#: ISO 639-1 to a country that has an edition in it.
_COUNTRIES = {
    "ar": "EG", "cs": "CZ", "da": "DK", "de": "DE", "el": "GR", "en": "US", "es": "ES", "fi": "FI", "fr": "FR",
    "he": "IL", "hi": "IN", "hu": "HU", "id": "ID", "it": "IT", "ja": "JP", "ko": "KR", "ms": "MY", "nl": "NL",
    "no": "NO", "pl": "PL", "pt": "BR", "ro": "RO", "ru": "RU", "sv": "SE", "th": "TH", "tr": "TR", "uk": "UA",
    "vi": "VN",
}  # fmt: skip


def country_of(language: str) -> str | None:
    """ISO 3166-1 code of the edition in a language; None: none is known."""
    return _COUNTRIES.get(language)
