"""Words that make a claim stronger than its source: superlatives, causes, denials, opposites; months for dates."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ettametta.scripts.lexicon import word_set


def _any(words: str) -> re.Pattern[str]:
    """A pattern for any of the phrases, parted by |; a trailing * stands for any ending."""
    parts = [part.strip().replace("*", r"\w*") for part in words.split("|")]
    return re.compile(rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)", re.IGNORECASE)


_NEVER = re.compile(r"(?!)")


@dataclass(frozen=True, slots=True)
class Markers:
    """Of one language. Patterns find words in a text; `opposites` maps a word to those that turn its sense round."""

    superlative: re.Pattern[str] = _NEVER
    cause: re.Pattern[str] = _NEVER
    #: What in a source can carry a causal claim; wider than what makes one.
    cause_support: re.Pattern[str] = _NEVER
    denial: re.Pattern[str] = _NEVER
    opposites: Mapping[str, frozenset[str]] = field(default_factory=dict)


def _opposites(pairs: str) -> Mapping[str, frozenset[str]]:
    """From "a a2 / b b2 | ...": every word of one side is opposed to every word of the other."""
    found: dict[str, set[str]] = {}
    for pair in pairs.split("|"):
        left, right = (side.split() for side in pair.split("/"))
        for one, others in ((left, right), (right, left)):
            for word in one:
                found.setdefault(word, set()).update(others)
    return MappingProxyType({word: frozenset(others) for word, others in found.items()})


#: English words that only look like superlatives.
NO_SUPERLATIVES = word_set(
    """west east rest test forest interest harvest honest quest guest invest protest contest request nest chest
    priest modest arrest suggest digest pest vest crest midwest southwest northwest southeast northeast conquest
    tempest latest everest earnest manifest breast budapest bequest behest dishonest request zest jest wrest lest
    detest attest infest ingest molest"""
)
_ENGLISH = Markers(
    superlative=_any(
        r"[a-z]{2,}(?:i?est)|most (?!of\b|people\b)[a-z]+|least (?!of\b)[a-z]+|first|only|best|worst|never|always|"
        r"unique|"
        r"unprecedented|unrivalled|record-breaking"
    ),
    cause=_any(
        r"because|caus(?:e|es|ed|ing)|led to|leads to|leading to|due to|thanks to|as a result|result(?:s|ed|ing) in|"
        r"triggered|triggers|responsible for|that is why|that's why|which is why|therefore|sparked|blamed on"
    ),
    cause_support=_any(
        r"because|caus\w*|led|leads?|leading|due to|thanks|result\w*|trigger\w*|responsible|why|therefore|spark\w*|"
        r"blam\w*|"
        r"so|since|as|thus|hence|made|makes?|making|produc\w*|creat\w*|brought|forc\w*|drove|drives?|from|by|gives?|"
        r"gave|"
        r"allow\w*|enabl\w*|of"
    ),
    denial=_any(
        r"not|no|never|nobody|nothing|none|neither|nor|without|cannot|\w+n[’']t|hardly|failed to|refused to|unable to|"
        r"no longer|stopped|impossible|"
        r"too \w+ (?:and too \w+ )?to"
    ),
    opposites=_opposites(
        "more / less fewer|larger bigger greater / smaller|largest biggest greatest / smallest|higher / lower|"
        "highest / "
        "lowest|faster quicker / slower|fastest / slowest|older / younger newer|oldest / youngest newest|longer / "
        "shorter|"
        "longest / shortest|heavier / lighter|better / worse|best / worst|earlier / later|rose rise rises grew "
        "increased "
        "increase increases gained climbed / fell fall falls dropped shrank decreased decrease decreases lost "
        "declined|"
        "won win wins / lost lose loses|before / after|north northern / south southern|east eastern / west western|"
        "male / female|men man / women woman|safe / dangerous|hot hotter warm warmer / cold colder cool cooler|"
        "first / last|above / below|opened / closed|born / died|accepted / refused rejected|allowed legal / banned "
        "forbidden illegal|minimum / maximum|thick thicker / thin thinner|few / many|seldom rarely / often|"
        "winter / summer|left / right|inside / outside|success succeeded / failed failure|rich / poor"
    ),
)
_SPANISH = Markers(
    superlative=_any(
        r"(?:el|la|los|las|lo)(?: \w+)? (?:más|menos)|mejor|peor|mayor|menor|primer[oa]?s?|únic[oa]s?|nunca|siempre"
    ),
    cause=_any(r"porque|caus[óaeo]\w*|debido a|gracias a|por eso|provoc\w+|como resultado"),
    cause_support=_any(r"porque|caus\w*|debido|gracias|por|provoc\w+|resultado|pues|así"),
    denial=_any(r"no|nunca|nadie|nada|ningun[oa]?|ningún|sin|jamás|tampoco"),
    opposites=_opposites(
        "más / menos|mayor / menor|mejor / peor|antes / después|subió aumentó / bajó disminuyó|norte / sur"
    ),
)
_FRENCH = Markers(
    superlative=_any(
        r"(?:le|la|les)(?: \w+)? (?:plus|moins|meilleure?s?|pire|premi(?:er|ère)s?|seule?s?)|jamais|toujours|unique"
    ),
    cause=_any(r"parce qu\w*|caus[eaé]\w*|à cause|grâce à|c'est pourquoi|provoqu\w+|entraîn\w+"),
    cause_support=_any(r"parce|caus\w*|grâce|pourquoi|provoqu\w+|entraîn\w+|car|donc|par|ainsi"),
    denial=_any(r"ne|n|pas|jamais|personne|rien|aucune?|sans|ni"),
    opposites=_opposites("plus / moins|avant / après|nord / sud|augmenté augmente / diminué diminue baissé"),
)
_ITALIAN = Markers(
    superlative=_any(
        r"(?:il|la|i|gli|le)(?: \w+)? (?:più|meno)|miglior\w*|peggior\w*|maggior\w*|prim[oa]|unic[oa]|mai|sempre"
    ),
    cause=_any(r"perché|caus\w+|a causa|grazie a|per questo|provoc\w+"),
    cause_support=_any(r"perché|caus\w*|grazie|per|provoc\w+|quindi|così"),
    denial=_any(r"non|mai|nessun\w*|niente|nulla|senza|né"),
    opposites=_opposites("più / meno|prima / dopo|nord / sud|maggiore / minore|migliore / peggiore"),
)
_PORTUGUESE = Markers(
    superlative=_any(
        r"(?:o|a|os|as)(?: \w+)? (?:mais|menos)|melhor|pior|maior|menor|primeir[oa]s?|únic[oa]s?|nunca|sempre"
    ),
    cause=_any(r"porque|caus\w+|devido a|graças a|por isso|provoc\w+"),
    cause_support=_any(r"porque|caus\w*|devido|graças|por|provoc\w+|assim"),
    denial=_any(r"não|nunca|ninguém|nada|nenhum\w*|sem|jamais|nem"),
    opposites=_opposites("mais / menos|maior / menor|melhor / pior|antes / depois|norte / sul|subiu / caiu"),
)
_GERMAN = Markers(
    superlative=_any(r"(?:am |der |die |das )\w+ste[nrsm]?|größte\w*|beste\w*|erste\w*|einzige\w*|nie|niemals|immer"),
    cause=_any(r"weil|verursach\w+|wegen|dank|deshalb|führte zu|aufgrund|löste aus"),
    cause_support=_any(r"weil|verursach\w*|wegen|dank|deshalb|führt\w*|aufgrund|löst\w*|da|daher|durch"),
    denial=_any(r"nicht|kein\w*|nie|niemals|niemand|nichts|ohne|weder"),
    opposites=_opposites(
        "mehr / weniger|größer / kleiner|besser / schlechter|vor / nach|stieg / fiel sank|norden / süden"
    ),
)
_MARKERS = MappingProxyType(
    {"en": _ENGLISH, "es": _SPANISH, "fr": _FRENCH, "it": _ITALIAN, "pt": _PORTUGUESE, "de": _GERMAN}
)
_NO_MARKERS = Markers()

_MONTHS = MappingProxyType(
    {
        name: number
        for names in (
            "january february march april may june july august september october november december",
            "jan feb mar apr may jun jul aug sep oct nov dec",
            "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
            "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
            "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
            "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
            "januar februar märz april mai juni juli august september oktober november dezember",
        )
        for number, name in enumerate(names.split(), 1)
    }
)
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DAY_FIRST = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th|er|º|\.)?\s+(?:de\s+|of\s+)?({_MONTH})\b\.?", re.IGNORECASE)
_MONTH_FIRST = re.compile(rf"\b({_MONTH})\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?\b(?!\d)", re.IGNORECASE)
_ISO = re.compile(r"\b\d{4}-(\d{2})-(\d{2})\b")


def markers(language: str) -> Markers:
    """The markers of a language; those that never match for a language without."""
    return _MARKERS.get(language, _NO_MARKERS)


def days(text: str) -> dict[tuple[int, int], str]:
    """The days named in a text as (month, day), with how they are written."""
    found = {(_MONTHS[one[2].lower()], int(one[1])): one.group() for one in _DAY_FIRST.finditer(text)}
    found |= {(_MONTHS[one[1].lower()], int(one[2])): one.group() for one in _MONTH_FIRST.finditer(text)}
    return found | {(int(one[1]), int(one[2])): one.group() for one in _ISO.finditer(text)}
