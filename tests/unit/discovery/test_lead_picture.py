"""A page's own picture is taken only where the page states the licence of the picture itself."""

from __future__ import annotations

import json
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser

from ettametta.discovery.pages.lead_picture import lead_picture

URL = "https://example.org/a/page"
BY = "https://creativecommons.org/licenses/by/4.0/"


def page(*nodes: Any, body: str = "") -> LexborHTMLParser:
    scripts = "".join(f'<script type="application/ld+json">{json.dumps(node)}</script>' for node in nodes)
    return LexborHTMLParser(f"<html><head>{scripts}</head><body>{body}</body></html>")


def image(**changes: Any) -> dict[str, Any]:
    return {"@type": "ImageObject", "contentUrl": "/i/lamp.jpg", "license": BY, "caption": "A  lamp", **changes}


def test_an_image_object_with_a_licence() -> None:
    article = {"@type": "Article", "image": [image(creator={"@type": "Person", "name": "Ada"})]}
    found = lead_picture(page(article), URL)
    assert found is not None
    assert found.model_dump() == {
        "url": "https://example.org/i/lamp.jpg", "title": "A lamp", "author": "Ada", "licence": BY,
    }  # fmt: skip


def test_a_figure_with_rel_license() -> None:
    body = f'<figure><img src="x.png" alt="Harbour"><a rel="author">Bo</a><a rel="license" href="{BY}">CC</a></figure>'
    found = lead_picture(page(body=body), URL)
    assert found is not None
    assert (found.url, found.title, found.author) == ("https://example.org/a/x.png", "Harbour", "Bo")


@pytest.mark.parametrize(
    "tree",
    [
        page({"@type": "Article", "license": BY, "image": "https://example.org/i.jpg"}),
        page(body=f'<a rel="license" href="{BY}">The text is CC BY</a><figure><img src="x.png"></figure>'),
        page(image(license="https://creativecommons.org/licenses/by-nc-nd/4.0/")),
        page(image(license="https://example.org/our-terms")),
        page(image(license="")),
        page(image(license={"url": BY})),
        page(image(contentUrl="", url="")),
        page(image(contentUrl="javascript:alert(1)")),
        page(image(contentUrl="file:///etc/passwd")),
        page(image(contentUrl="http://[bad/")),
        page(),
    ],
)
def test_what_is_not_stated_of_the_picture_does_not_count(tree: LexborHTMLParser) -> None:
    assert lead_picture(tree, URL) is None


def test_the_first_that_may_be_used() -> None:
    found = lead_picture(page(image(license="ask us"), image(contentUrl="https://cdn.example/2.jpg")), URL)
    assert found is not None
    assert found.url == "https://cdn.example/2.jpg"


def test_broken_or_bottomless_data_is_passed_over() -> None:
    deep: Any = image()
    for _ in range(50):
        deep = {"image": deep}
    assert lead_picture(page(deep), URL) is None
    broken = LexborHTMLParser('<script type="application/ld+json">{"@type": </script>')
    assert lead_picture(broken, URL) is None


def test_a_file_has_no_pictures() -> None:
    assert lead_picture(page(image()), None) is None
