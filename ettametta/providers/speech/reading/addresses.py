"""Links, e-mail addresses, handles and hashtags in words."""

from __future__ import annotations

import re

from ettametta.providers.speech.reading.numbers import cardinal, parse
from ettametta.providers.speech.reading.rules import Place, Said
from ettametta.providers.speech.reading.tongues import Tongue

_ENDINGS = "com org net edu gov io ai dev app co info uk de fr es it pt br eu us ca au jp tv me ly news blog"
_HOST = rf"(?:[a-z0-9-]+\.)+(?:{_ENDINGS.replace(' ', '|')})"
_LINK = re.compile(rf"(?:https?://|www\.)\S+|{_HOST}(?:/\S*)?", re.IGNORECASE)
_MAIL = re.compile(r"([\w.+-]+)@([\w-]+(?:\.[\w-]+)+)")
_HANDLE = re.compile(r"([@#])(\w{2,}|\d+)")
_HUMPS = re.compile(r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Þ])|(?<=\d)(?=[^\W\d])|(?<=[^\W\d])(?=\d)|_+")


def link(place: Place) -> Said | None:
    """A link is said as its host: "example dot org"; what comes after it nobody listens to."""
    if not _LINK.fullmatch(place.core):
        return None
    bare = re.sub(r"^(?:https?://)?(?:www\.)?", "", place.core, flags=re.IGNORECASE)
    host = re.split(r"[/?#:]", bare, maxsplit=1)[0]
    return (_dotted(host, place.tongue),) if host else None


def mail(place: Place) -> Said | None:
    """An e-mail address: "info at example dot org"."""
    found = _MAIL.fullmatch(place.core)
    if not found:
        return None
    name = tuple(_dotted(found[1], place.tongue))
    return ((*name, place.tongue.symbols["@"], *_dotted(found[2], place.tongue)),)


def handle(place: Place) -> Said | None:
    """@name and #topic, the humps of a joined name told apart; "#1" is a number's business."""
    found = _HANDLE.fullmatch(place.core)
    if not found:
        return None
    mark, name = found[1], found[2]
    if name.isdigit():
        before = "number" if place.tongue.tag == "en" else place.tongue.symbols["#"]
        return ((before, cardinal(name, place.tongue)),) if mark == "#" else None
    return ((place.tongue.symbols[mark], *(part for part in _HUMPS.split(name) if part)),)


def _dotted(host: str, tongue: Tongue) -> tuple[str, ...]:
    said: list[str] = []
    for part in re.split(r"([.\-_+])", host):
        if not part:
            continue
        if part in tongue.symbols:
            said.append(tongue.symbols[part])
        else:
            said.append(
                part if parse(part, tongue) or len(part) > 2 or part in ("me", "io") else " ".join(part.upper())
            )
    return tuple(said)
