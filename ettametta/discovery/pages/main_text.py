"""The main text of a parsed page by density: fast enough for crawls, less exact than `article.py` for odd pages.

Paragraphs vote for the element that holds them, as Arc90's Readability had it (2009): by length and commas, less what
is link text. What the vote's winner holds is read in order, without menus, forms and lists of links.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from ettametta.kit.text import clean_paragraphs

MAX_TEXT_CHARS = 60_000
_MAX_PARAGRAPHS = 3_000
_MIN_PARAGRAPH_CHARS = 25
_MAX_ANCESTORS = 40
#: Share of a vote that goes on to the next element above. 0.5 loses articles that are cut into sections (F1 0.928
#: against 0.954 on the articles of docs/discovery.md), 0.9 takes more of what stands around them.
_PASSED_UP = 0.85
#: Below this the vote found no article, and the whole body is read.
_MIN_MAIN_CHARS = 140
_NOISE = (
    "script,style,noscript,template,iframe,object,svg,math>annotation,nav,aside,footer,button,select,dialog,"
    "[hidden],[aria-hidden='true'],[role='navigation'],[role='complementary'],[role='dialog'],[role='contentinfo']"
)
_PARAGRAPHS = "p,pre,blockquote,dd,td,article>div,section>div"
_BOXES = "form,div,section,ul,ol,table,header,dl,figcaption,figure,p"
_NOISE_NAME = re.compile(
    r"(?:^|[\s_-])(?:ad|ads|advert\w*|banner|breadcrumbs?|byline|caption|comments?|cookies?|disqus|footer|header|links?|menu|meta|"
    r"modal|more|nav\w*|newsletter|pager|pagination|popup|promo\w*|recirc\w*|recommend\w*|related|share\w*|sharing|sidebar|"
    r"signup|social\w*|sponsor\w*|subscri\w*|tags?|teaser|toc|toolbar|trending|widget)(?:$|[\s_-])",
    re.IGNORECASE,
)
_BLOCK_NAMES = (
    "address article aside blockquote br caption center dd details div dl dt fieldset figcaption figure footer h1 h2 "
    "h3 h4 h5 h6 header hr li main ol p pre section summary table tbody td tfoot th thead tr ul"
)
_BLOCKS = frozenset(_BLOCK_NAMES.split())


def main_text(tree: LexborHTMLParser) -> str:
    """The article's paragraphs, parted by empty lines; where there is no article, all text of the page.

    Takes menus, forms and the like out of the tree: read links and metadata before.
    """
    body = tree.body
    if body is None:
        return ""
    for node in body.css(_NOISE):
        node.decompose()
    main = _winner(body)
    if main is not None:
        _strip_boxes(main)
        text = _read(main)
        if len(text) >= _MIN_MAIN_CHARS:
            return text
    return _read(body)


def _winner(body: LexborNode) -> LexborNode | None:
    """The element that most of the paragraphs vote for; each ancestor gets a little less than the one below it."""
    votes: dict[int, float] = {}
    held: dict[int, LexborNode] = {}
    for paragraph in body.css(_PARAGRAPHS)[:_MAX_PARAGRAPHS]:
        vote = _vote(paragraph)
        for node in _ancestors(paragraph) if vote else ():
            key = node.mem_id
            held.setdefault(key, node)
            votes[key] = votes.get(key, 0.0) + vote
            vote *= _PASSED_UP
    best = max(votes, key=votes.__getitem__, default=None)
    return held[best] if best is not None else None


def _ancestors(node: LexborNode) -> Iterator[LexborNode]:
    parent = node.parent
    for _ in range(_MAX_ANCESTORS):
        if parent is None or parent.tag in ("body", "html"):
            return
        yield parent
        parent = parent.parent


def _vote(paragraph: LexborNode) -> float:
    text = paragraph.text(strip=True) if paragraph.tag == "p" else paragraph.text(deep=False, strip=True)
    if len(text) < _MIN_PARAGRAPH_CHARS:
        return 0.0
    linked = sum(len(link.text()) for link in paragraph.css("a"))
    return (1.0 + text.count(",") + min(len(text) / 100, 3.0)) * max(1.0 - linked / len(text), 0.0)


def _strip_boxes(main: LexborNode) -> None:
    """Takes boxes out that are named as no part of an article, or that are little but links."""
    whole = len(main.text()) or 1
    for box in main.css(_BOXES):
        attributes = box.attributes
        name = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
        is_noise = box.tag == "form" or (name != " " and _NOISE_NAME.search(name))
        if is_noise and len(box.text()) * 2 < whole:
            box.decompose()


def _read(node: LexborNode) -> str:
    """Text in order, every block on lines of its own."""
    parts: list[str] = []
    room = MAX_TEXT_CHARS * 2
    for item in node.traverse(include_text=True):
        if item.is_text_node:
            text = item.text_content or ""
            parts.append(text)
            room -= len(text)
            if room < 0:
                break
        elif item.tag in _BLOCKS:
            parts.append("\n\n")
    return clean_paragraphs("".join(parts))[:MAX_TEXT_CHARS]
