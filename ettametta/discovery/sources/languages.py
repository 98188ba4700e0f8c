"""Names of languages as some sources write them (English names, ISO 639-2 codes), and their ISO 639-1 codes."""

from __future__ import annotations

#: ISO 639-1, English name, ISO 639-2 codes (https://www.loc.gov/standards/iso639-2/php/code_list.php).
_LANGUAGES = (
    ("ar", "arabic", "ara"),
    ("bg", "bulgarian", "bul"),
    ("bn", "bengali", "ben"),
    ("ca", "catalan", "cat"),
    ("cs", "czech", "ces cze"),
    ("da", "danish", "dan"),
    ("de", "german", "deu ger"),
    ("el", "greek", "ell gre"),
    ("en", "english", "eng"),
    ("es", "spanish", "spa"),
    ("et", "estonian", "est"),
    ("fa", "persian", "fas per"),
    ("fi", "finnish", "fin"),
    ("fr", "french", "fra fre"),
    ("he", "hebrew", "heb"),
    ("hi", "hindi", "hin"),
    ("hr", "croatian", "hrv"),
    ("hu", "hungarian", "hun"),
    ("id", "indonesian", "ind"),
    ("it", "italian", "ita"),
    ("ja", "japanese", "jpn"),
    ("ko", "korean", "kor"),
    ("lt", "lithuanian", "lit"),
    ("lv", "latvian", "lav"),
    ("ms", "malay", "msa may"),
    ("nl", "dutch", "nld dut"),
    ("no", "norwegian", "nor"),
    ("pl", "polish", "pol"),
    ("pt", "portuguese", "por"),
    ("ro", "romanian", "ron rum"),
    ("ru", "russian", "rus"),
    ("sk", "slovak", "slk slo"),
    ("sl", "slovenian", "slv"),
    ("sq", "albanian", "sqi alb"),
    ("sr", "serbian", "srp"),
    ("sv", "swedish", "swe"),
    ("sw", "swahili", "swa"),
    ("ta", "tamil", "tam"),
    ("th", "thai", "tha"),
    ("tr", "turkish", "tur"),
    ("uk", "ukrainian", "ukr"),
    ("ur", "urdu", "urd"),
    ("vi", "vietnamese", "vie"),
    ("zh", "chinese", "zho chi"),
)
_BY_NAME = {name: code for code, name, _ in _LANGUAGES}
_BY_CODE = {long: code for code, _, others in _LANGUAGES for long in others.split()}
_NAMES = {code: name for code, name, _ in _LANGUAGES}


def from_name(name: str | None) -> str | None:
    """ISO 639-1 of an English name, an ISO 639-1 or an ISO 639-2 code; None when it is not known."""
    word = (name or "").strip().lower()
    return word if word in _NAMES else _BY_NAME.get(word) or _BY_CODE.get(word)


def name_of(code: str) -> str | None:
    """The English name in lower case of an ISO 639-1 code; None when it is not known."""
    return _NAMES.get(code)
