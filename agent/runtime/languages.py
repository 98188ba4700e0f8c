"""Names of languages in English and in the languages themselves, and their ISO 639-1 codes."""

from __future__ import annotations

LANGUAGES: dict[str, str] = {
    "arabic": "ar", "bengali": "bn", "bulgarian": "bg", "catalan": "ca", "chinese": "zh", "mandarin": "zh",
    "croatian": "hr", "czech": "cs", "danish": "da", "dutch": "nl", "english": "en", "estonian": "et",
    "finnish": "fi", "french": "fr", "german": "de", "greek": "el", "hebrew": "he", "hindi": "hi",
    "hungarian": "hu", "icelandic": "is", "indonesian": "id", "irish": "ga", "italian": "it", "japanese": "ja",
    "korean": "ko", "latvian": "lv", "lithuanian": "lt", "malay": "ms", "norwegian": "no", "persian": "fa",
    "farsi": "fa", "polish": "pl", "portuguese": "pt", "punjabi": "pa", "romanian": "ro", "russian": "ru",
    "serbian": "sr", "slovak": "sk", "slovene": "sl", "slovenian": "sl", "spanish": "es", "swahili": "sw",
    "swedish": "sv", "tagalog": "tl", "filipino": "tl", "tamil": "ta", "telugu": "te", "thai": "th",
    "turkish": "tr", "ukrainian": "uk", "urdu": "ur", "vietnamese": "vi", "welsh": "cy",
    "deutsch": "de", "español": "es", "français": "fr", "italiano": "it", "português": "pt", "nederlands": "nl",
    "polski": "pl", "türkçe": "tr", "русский": "ru", "українська": "uk", "日本語": "ja", "한국어": "ko",
    "中文": "zh", "العربية": "ar", "עברית": "he", "हिन्दी": "hi",
}  # fmt: skip


def language_code(name: str) -> str | None:
    """The code of a language's name, in any case; None for a name that is not known."""
    return LANGUAGES.get(name.casefold())
