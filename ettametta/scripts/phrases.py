"""Noun phrases without a model: what to search pictures for, and which words of a line captions stress.

A noun phrase is taken to be the words of weight behind a determiner or preposition, or a run of capitalised words.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from ettametta.kit.sentences import words
from ettametta.scripts.key_phrases import AMOUNT, is_year
from ettametta.scripts.lexicon import Lexicon, lexicon, word_set

MAX_QUERY_WORDS = 4
MAX_QUERY_CHARS = 60
MAX_EMPHASIS = 3
_MAX_PHRASE_CHARS = 60
_MAX_CHUNK_WORDS = 3


#: Behind these words stands a noun (with what describes it), by language.
_BEFORE_NOUNS = MappingProxyType(
    {
        "en": word_set(
            """a an the of in on at by for from with without into onto over under through across along against near
            inside outside beyond between among behind beside toward towards its his her their our your my this that
            these those every each some any no single own same other another both two three four five six seven eight
            nine ten many few most"""
        ),
        "es": word_set(
            "el la los las un una unos unas de del en al a por para con sin sobre entre desde su sus cada dos"
        ),
        "fr": word_set(
            """le la les un une des de du en au aux à par pour avec sans sur sous entre dans son sa ses leur leurs
            chaque l d"""
        ),
        "it": word_set(
            """il lo la i gli le un uno una di del della dei delle in nel nella a al alla da dal dalla per con senza su
            sul sulla tra fra suo sua suoi sue ogni l un"""
        ),
        "pt": word_set(
            "o a os as um uma uns umas de do da dos das em no na nos nas ao à por para com sem sobre entre seu sua cada"
        ),
        "de": word_set(
            """der die das den dem des ein eine einer eines einem einen von vom in im an am auf aus bei mit nach zu zum
            zur über unter vor zwischen durch für ohne um ihr ihre sein seine jede jeder"""
        ),
    }
)
#: Nouns that show nothing a camera could find.
_UNSEEN = word_set(
    """way ways thing things idea ideas trouble problem reason reasons result results time times year years day days
    month months century centuries fact facts part parts kind kinds number numbers case point end beginning answer
    question middle million millions billion thousand hundred percent rest lot direction moment start age name names
    word words first last second third next largest smallest biggest best worst least size sizes order orders place
    places top manera cosa cosas vez año años día días siglo parte forma façon chose choses fois ans année années
    jour jours siècle modo volta anno anni giorno secolo maneira coisa coisas vezes ano anos dia dias século jahr
    jahre tag tage mal art weise teil ding dinge jahrhundert"""
)
#: Verbs that would otherwise be taken for the head of a noun phrase; English alone lets the two look alike.
_VERBS = word_set(
    """stood stand stands saw see sees goes go went catches bends bend shines shine put puts becomes become stop stops
    fits fit sit sits turn turns made make makes came come comes took take takes gave give gives found find finds
    held hold holds kept keep keeps let lets led lead leads lay lays lies lie ran run runs set sets said say says
    shows show grew grow grows fell fall falls flew fly flies sent send sends built build builds wrote write writes
    began begin begins lost lose loses won win wins sold sell sells met meet meets felt feel feels knew know knows
    thought think thinks brought bring brings carries carry needs need lives live works work uses use means mean
    contains contain reaches reach enters enter swallows swallow leaves rose rise rises spread spreads left died die
    dies dance dances visit visits big ill"""
)
#: Striking, yet weak under stress.
_WEAK = word_set("too every almost only single first never exactly")
_TOKEN = re.compile(r"[^\W_]+(?:['’\-.][^\W_]+)*|[,;:.!?…()\"“”«»—–]")


@dataclass(frozen=True, slots=True)
class _Chunk:
    words: tuple[str, ...]
    place: int
    name: bool

    @property
    def text(self) -> str:
        return " ".join(self.words)


def picture_queries(lines: Sequence[str], language: str, topic: str = "") -> list[str]:
    """What to search pictures for, for each line: two to four words in the language of the text, or nothing.

    Args:
        lines: what is spoken, in order.
        language: ISO 639-1 code.
        topic: the title or topic: its words mark what the whole is about.
    """
    lists = lexicon(language)
    chunks = [_chunks(line, language, lists) for line in lines]
    subject = _subject(chunks, topic, lists)
    return [_query(found, subject) or _fallback(line, lists) for line, found in zip(lines, chunks, strict=True)]


def emphasised(line: str, language: str) -> tuple[str, ...]:
    """Words or runs of words of a line that deserve stress: amounts first, then names, then striking words."""
    lists = lexicon(language)
    amounts = [found.group().strip() for found in AMOUNT.finditer(line)]
    amounts = [text for text in amounts if not is_year(text) and not re.fullmatch(r"\d{1,2}", text)]
    names = [chunk.text for chunk in _chunks(line, language, lists) if chunk.name]
    striking = [word for word in words(line) if word.lower() in lists.striking - _WEAK]
    picked: list[str] = []
    for text in (*amounts, *names, *striking):
        fits = 0 < len(text) <= _MAX_PHRASE_CHARS and text in line
        if fits and not any(text in other or other in text for other in picked):
            picked.append(text)
    return tuple(picked[:MAX_EMPHASIS])


def _chunks(line: str, language: str, lists: Lexicon) -> list[_Chunk]:
    """The noun phrases of a line in order."""
    tokens = _TOKEN.findall(line)
    found: list[_Chunk] = []
    place = 0
    while place < len(tokens):
        length, name = _run(tokens, place, language, lists)
        if length:
            found.append(_Chunk(tuple(tokens[place : place + length]), place, name))
        place += max(length, 1)
    return [chunk for chunk in found if not all(word.lower() in _UNSEEN or word.isdigit() for word in chunk.words)]


def _run(tokens: list[str], place: int, language: str, lists: Lexicon) -> tuple[int, bool]:
    """How many words of a noun phrase begin here, and whether they are a name."""
    names = _while(tokens, place, lambda word: _is_name(word, lists))
    opens = place == 0 or not tokens[place - 1][0].isalnum()
    if names and not (opens and names == 1):
        return names, True
    previous = tokens[place - 1].lower() if place else ""
    if previous not in _BEFORE_NOUNS.get(language, frozenset()):
        return 0, False
    length = _while(tokens, place, lambda word: _is_content(word, lists))
    ends = (at for at in range(1, length) if _ends_before(tokens, place + at, language, lists))
    return min(next(ends, length), _MAX_CHUNK_WORDS), False


def _ends_before(tokens: list[str], at: int, language: str, lists: Lexicon) -> bool:
    """Whether a noun phrase is over here: at a verb, or where a name of two words or more begins."""
    if language == "en" and (tokens[at].lower() in _VERBS or tokens[at].endswith("ed")):
        return True
    return language != "de" and _while(tokens, at, lambda word: _is_name(word, lists)) >= 2


def _while(tokens: list[str], place: int, is_one: Callable[[str], bool]) -> int:
    end = place
    while end < len(tokens) and is_one(tokens[end]):
        end += 1
    return end - place


def _is_name(word: str, lists: Lexicon) -> bool:
    return word[:1].isupper() and word.lower() not in lists.stop and len(word) > 1


def _is_content(word: str, lists: Lexicon) -> bool:
    return word[:1].isalpha() and word.lower() not in lists.stop and not (len(word) > 4 and word.endswith("ly"))


def _subject(chunks: Sequence[Sequence[_Chunk]], topic: str, lists: Lexicon) -> str:
    """The noun that runs through the whole: the one most lines have; one of the topic's words counts double."""
    about = {word.lower() for word in words(topic)} - lists.stop
    counts: Counter[str] = Counter()
    for found in chunks:
        counts.update({chunk.words[-1].lower() for chunk in found} - _UNSEEN)
    often = {word: count * (1 + (word in about)) for word, count in counts.items() if count >= 2}
    return max(often, key=lambda word: (often[word], len(word)), default="")


def _query(found: Sequence[_Chunk], subject: str) -> str:
    """The heaviest phrase, with a name or the subject beside it when there is room."""
    ranked = sorted(found, key=lambda chunk: (-_weight(chunk, subject), chunk.place))
    picked: list[_Chunk] = []
    for chunk in ranked:
        taken = {word.lower() for one in picked for word in one.words}
        room = MAX_QUERY_WORDS - len(taken)
        if len(chunk.words) <= room and not taken & {word.lower() for word in chunk.words}:
            picked.append(chunk)
    text = " ".join(chunk.text for chunk in sorted(picked[:2], key=lambda chunk: chunk.place))
    if text and subject and subject not in text.lower() and len(text.split()) < MAX_QUERY_WORDS - 1:
        text = f"{text} {subject}"
    return text[:MAX_QUERY_CHARS].rsplit(" ", 1)[0] if len(text) > MAX_QUERY_CHARS else text


def _weight(chunk: _Chunk, subject: str) -> float:
    seen = [word for word in chunk.words if word.lower() not in _UNSEEN]
    value = sum(min(len(word), 10) for word in seen) / 4 + 1.5 * (len(seen) > 1) + 1.5 * chunk.name
    return value + 2.0 * (bool(subject) and subject in chunk.text.lower())


def _fallback(line: str, lists: Lexicon) -> str:
    """The longest words of a line in a language without lists here; nothing where words are not parted by spaces."""
    spoken = [word for word in words(line) if word.lower() not in lists.stop and not word[:1].isdigit()]
    if len(spoken) < 2 and len(line) > 12:
        return ""
    longest = sorted(sorted(set(spoken), key=lambda word: -len(word))[:3], key=line.index)
    return " ".join(longest)[:MAX_QUERY_CHARS]
