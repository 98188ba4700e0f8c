"""The article's own picture, taken only where the page states the licence of the picture itself.

What a page says of its text says nothing of its pictures (Wikipedia's articles are CC BY-SA, their pictures are not
all), so a licence counts in two places: on the picture's own ImageObject in JSON-LD (https://schema.org/license, as
asked for by https://developers.google.com/search/docs/appearance/structured-data/image-license-metadata), and as
rel=license inside the figure that shows it (https://wiki.creativecommons.org/wiki/RelLicense).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from ettametta.discovery.pages.things import read_json
from ettametta.kit.text import clean, truncate
from ettametta.providers.footage.licences import read_licence
from ettametta.storyboard import CitedPicture

_MAX_DEPTH = 6


def lead_picture(tree: LexborHTMLParser, url: str | None) -> CitedPicture | None:
    """The first picture of a page whose stated licence can be read; None when there is none.

    Args:
        tree: the page.
        url: where it came from; a file has no pictures that could be fetched.
    """
    if url is None:
        return None
    found = (*_declared(tree, url), *_in_figures(tree, url))
    return next((picture for picture in found if read_licence(picture.licence).is_usable), None)


def _declared(tree: LexborHTMLParser, url: str) -> Iterator[CitedPicture]:
    for script in tree.css("script[type='application/ld+json']"):
        for node in _image_objects(read_json(script.text())):
            address = _text(node.get("contentUrl")) or _text(node.get("url"))
            yield from _picture(
                url, address, _text(node.get("license")), _text(node.get("caption") or node.get("name")), _author(node)
            )


def _in_figures(tree: LexborHTMLParser, url: str) -> Iterator[CitedPicture]:
    for figure in tree.css("figure"):
        image, link = figure.css_first("img[src]"), figure.css_first("a[rel~='license'][href]")
        if image is None or link is None:
            continue
        caption = figure.css_first("figcaption")
        title = image.attributes.get("alt") or (caption.text() if caption is not None else "")
        yield from _picture(
            url, image.attributes.get("src") or "", link.attributes.get("href") or "", title, _named(figure)
        )


def _picture(url: str, address: str, licence: str, title: str, author: str) -> Iterator[CitedPicture]:
    try:
        whole = urljoin(url, address.strip())
        scheme = urlsplit(whole).scheme
    except ValueError:
        return
    if not address.strip() or not licence.strip() or scheme not in ("http", "https") or len(whole) > 2_000:
        return
    yield CitedPicture(
        url=whole,
        title=truncate(clean(title), 200),
        author=truncate(clean(author), 150) or None,
        licence=clean(licence)[:300],
    )


def _named(figure: LexborNode) -> str:
    """Who is named by rel=author in the figure."""
    author = figure.css_first("[rel~='author']")
    return author.text() if author is not None else ""


def _author(node: dict[str, Any]) -> str:
    for name in ("creditText", "creator", "author", "copyrightHolder"):
        held = node.get(name)
        held = held[0] if isinstance(held, list) and held else held
        if isinstance(held, dict):
            held = held.get("name")
        if text := _text(held):
            return text
    return ""


def _image_objects(node: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    if depth > _MAX_DEPTH:
        return
    if isinstance(node, dict):
        kinds = node.get("@type")
        if "ImageObject" in (kinds if isinstance(kinds, list) else [kinds]):
            yield node
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for child in children:
        yield from _image_objects(child, depth + 1)


def _text(value: Any) -> str:
    return value.strip()[:2_000] if isinstance(value, str) else ""
