"""The main text of a parsed page by density: fast enough for crawls, less exact than `article.py` for odd pages.

Paragraphs vote for the element that holds them, as Arc90's Readability had it (2009): by length and commas, less what
is link text. What the vote's winner holds is read in order, without menus, forms and lists of links.
"""

from __future__ import annotations

import re

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


def _tag_ids() -> tuple[int, frozenset[int]]:
    """Lexbor's numbers for text and for blocks: comparing them costs a tenth of asking for names."""
    made = LexborHTMLParser("<p>x")
    paragraph = made.css_first("p")
    text = paragraph.child if paragraph is not None else None
    blocks = frozenset(made.create_node(name).tag_id for name in _BLOCK_NAMES.split())
    return text.tag_id if text is not None else -1, blocks


_TEXT, _BLOCKS = _tag_ids()


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
    above: dict[int, LexborNode] = {}
    for paragraph in body.css(_PARAGRAPHS)[:_MAX_PARAGRAPHS]:
        vote = _vote(paragraph)
        parent = paragraph.parent if vote else None
        if parent is not None:
            held.setdefault(parent.mem_id, parent)
            votes[parent.mem_id] = votes.get(parent.mem_id, 0.0) + vote
    # Siblings vote together for what is above them: that is one climb for each parent and not for each paragraph.
    totals: dict[int, float] = {}
    for key, share in votes.items():
        node: LexborNode | None = held[key]
        passed = share
        for _ in range(_MAX_ANCESTORS):
            if node is None or node.tag in ("body", "html"):
                break
            totals[node.mem_id] = totals.get(node.mem_id, 0.0) + passed
            above.setdefault(node.mem_id, node)
            passed *= _PASSED_UP
            node = node.parent
    best = max(totals, key=totals.__getitem__, default=None)
    return above[best] if best is not None else None


def _vote(paragraph: LexborNode) -> float:
    # What else holds text may hold paragraphs as well, which vote for themselves.
    text = paragraph.text(deep=paragraph.tag == "p", strip=True)
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
    """Text in order, every block a paragraph; where its source breaks lines says nothing."""
    blocks: list[str] = []
    parts: list[str] = []
    room = MAX_TEXT_CHARS
    for item in node.traverse(include_text=True):
        kind = item.tag_id
        if kind == _TEXT:
            parts.append(item.text_content or "")
        elif kind in _BLOCKS and parts:
            block = " ".join("".join(parts).split())
            parts.clear()
            if block:
                blocks.append(block)
                room -= len(block)
                if room < 0:
                    break
    blocks.append(" ".join("".join(parts).split()))
    return clean_paragraphs("\n\n".join(blocks))[:MAX_TEXT_CHARS]
