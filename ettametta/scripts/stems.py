"""Words made comparable: without accents and endings, irregular forms as one, words of no weight left out."""

from __future__ import annotations

import unicodedata

from ettametta.kit.sentences import words
from ettametta.scripts.lexicon import lexicon, word_set

#: Letters of a word that are compared.
STEM = 5
#: Words of amounts: they weigh nothing, the figure itself is compared.
_COUNTING = word_set(
    """hundred thousand million billion trillion millions billions thousands fewer less more than about nearly
    roughly around almost per percent"""
)
#: Irregular forms of English verbs, by the form they are compared as.
_FORMS = {
    form: forms.split()[0]
    for forms in (
        "see saw seen", "find found", "make made", "build built", "lose lost", "win won", "take took taken",
        "give gave given", "go went gone", "come came", "fall fell fallen", "rise rose risen", "grow grew grown",
        "write wrote written", "know knew known", "think thought", "bring brought", "buy bought", "sell sold",
        "tell told", "say said", "stand stood", "hold held", "keep kept", "leave left", "lead led",
        "die died dead death", "throw threw thrown", "begin began begun", "speak spoke spoken",
        "break broke broken", "steal stole stolen", "send sent", "burn burnt", "man men", "woman women",
        "child children", "foot feet", "mouse mice", "speak spoke", "catch caught", "fight fought", "teach taught",
        "sleep slept", "feel felt", "mean meant", "meet met", "run ran", "sink sank sunk",
    )
    for form in forms.split()
}  # fmt: skip


def stems(text: str, language: str) -> frozenset[str]:
    """The words of weight in a text, by their first letters, without figures."""
    stop = lexicon(language).stop
    return frozenset(
        stem(word)
        for word in words(text)
        if len(word) > 1 and not word[:1].isdigit() and word.lower() not in stop and word.lower() not in _COUNTING
    )


def stem(word: str) -> str:
    """The first letters of a word, an irregular form as its main one."""
    plain = fold(word)
    return _FORMS.get(plain, plain)[:STEM]


def fold(word: str) -> str:
    """Lower case without accents: Léonor and Leonor are one."""
    return "".join(char for char in unicodedata.normalize("NFKD", word.casefold()) if not unicodedata.combining(char))
