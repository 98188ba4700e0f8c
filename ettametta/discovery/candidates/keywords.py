"""Names and key phrases of a text, cheaply and in any script: for showing and searching, not for judging."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from ettametta.discovery.candidates.words import fold, tokens

MAX_KEYWORDS = 12
_MAX_CHARS = 60
_LEAD_CHARS = 1_200
_HASHTAG = re.compile(r"(?<![\w&])#([^\W_][\w]{1,39})")
_QUOTED = re.compile(r"[“«「『《]([^“”«»「」『』《》\n]{2,40})[”»」』》]")
_WORD = re.compile(r"[^\W_][\w'’.&-]*|[.!?:;,()“”«»\"—–|\n]")
_POSSESSIVE = re.compile(r"['’]s$")
#: Small words inside names: "Bank of England", "Leonardo da Vinci".
_JOINERS = frozenset("of de da do dos del della di van von der den du la le al el y e und".split())  # noqa: SIM905 -- words
_MAX_NAME_WORDS = 5
#: Runs of one script that are words by themselves in Japanese and Chinese text.
_SCRIPT_RUN = re.compile(r"[\u30a1-\u30fa\u30fc]{3,20}|[\u4e00-\u9fff]{2,6}|[\uac00-\ud7af]{2,10}")
_SMALL = frozenset(
    """
    the this that these those there they their what when where which while with from have will your about into after
    before over under than then here how why who its his her our you for and but not are was were has had can could
    would should may might also more most some such very just only even been being new says said show ask tell der die
    das und ist nicht ein eine mit auf den von les des une est pas pour dans que qui sur los las una por con para como
    del mas gli che non per una sono como mais uma não het een van voor niet это как что для или при https http www com
    """.split()  # noqa: SIM905 -- a table of words is read in lines
)


def keywords(title: str, text: str = "", tags: Sequence[str] = ()) -> list[str]:
    """At most twelve, most telling first: the source's labels, names, quoted titles, then words that come back."""
    lead = text[:_LEAD_CHARS]
    found: dict[str, str] = {}
    labels = [tag.strip("# ") for tag in tags[:6]] + _HASHTAG.findall(f"{title} {lead}")
    for phrase in [*labels, *_QUOTED.findall(f"{title}\n{lead}"), *_names(title, lead), *_frequent(title, lead)]:
        plain = " ".join(phrase.split())[:_MAX_CHARS].strip(" .,'’&-")
        key = " ".join(fold(token) for token in tokens(plain))
        if len(key) >= 2 and not any(f" {key} " in f" {other} " for other in found):
            found.setdefault(key, plain)
        if len(found) >= MAX_KEYWORDS:
            break
    return list(found.values())


def _names(title: str, lead: str) -> list[str]:
    """Names by how often they come, and in Chinese, Japanese and Korean the words that a change of script shows."""
    # A title where every word has a capital names nothing by them.
    shouts = _share_of_capitals(title) > 0.7
    counts = Counter(_capitalised("" if shouts else title) + _capitalised(lead))
    runs = Counter(_SCRIPT_RUN.findall(f"{title} {lead}"))
    ordered = [name for name, _ in counts.most_common(MAX_KEYWORDS)]
    return ordered + [run for run, count in runs.most_common(6) if count > 1 or run in title]


def _capitalised(text: str) -> list[str]:
    """Runs of words with capitals; a single one that only opens a sentence is left out."""
    names: list[str] = []
    run: list[str] = []
    opens = was_opened = True
    for word in [*_WORD.findall(text), "."]:
        plain = _POSSESSIVE.sub("", word.rstrip(".'’&-"))
        if plain[:1].isupper() or (run and (plain.isdecimal() or plain in _JOINERS)):
            was_opened = opens if not run else was_opened
            run.append(plain)
        elif run:
            names += _name(run, is_opening=was_opened)
            run = []
        opens = word in '.!?:\n“«"|' or word.endswith(".")
        if opens and run:
            names += _name(run, is_opening=was_opened)
            run = []
    return names


def _name(run: list[str], *, is_opening: bool) -> list[str]:
    if is_opening and fold(run[0]) in _SMALL:
        run = run[1:]
    while run and (run[-1] in _JOINERS or (run[-1].isdecimal() and len(run) == 1)):
        run = run[:-1]
    if not run or len(run) > _MAX_NAME_WORDS or fold(" ".join(run)) in _SMALL:
        return []
    is_word = is_opening and len(run) == 1 and not (run[0].isupper() and len(run[0]) > 1)
    return [] if is_word or len(run[0]) < 2 else [" ".join(run)]


def _share_of_capitals(title: str) -> float:
    words = [word for word in title.split() if word[0].isalpha()]
    return sum(word[0].isupper() for word in words) / len(words) if len(words) > 3 else 0.0


def _frequent(title: str, lead: str) -> list[str]:
    """Words that come back, then those of the title."""
    counts = Counter(
        word for token in tokens(f"{title} {lead}") if len(word := fold(token)) >= 4 and word not in _SMALL
    )
    back = [word for word, count in counts.most_common(8) if count > 1 and not word.isdecimal()]
    return back + [word for word in map(fold, tokens(title)) if word in counts and not word.isdecimal()]
