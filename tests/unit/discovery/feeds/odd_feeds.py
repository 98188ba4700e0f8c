"""Feeds of every format, bent in every way we know: each way says what must still be read."""

# feeds are written as they come

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

TITLES = ("Bees & flowers", "Zoë à Nîmes", "The third lamp")
LINKS = tuple(f"https://news.example/story/{number}?a=1&b=2" for number in range(3))
_ESCAPED = ("Bees &amp; flowers", "Zoë à Nîmes", "The third lamp")
_HREFS = tuple(link.replace("&", "&amp;") for link in LINKS)
_SUMMARY = "&lt;p&gt;A study counted the &lt;b&gt;visits&lt;/b&gt;.&lt;/p&gt;"
_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SPACES = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:media="http://search.yahoo.com/mrss/"'
)


def _rss_items(date: str) -> str:
    return "\n".join(
        f"<item><title>{title}</title><link>{href}</link><description>{_SUMMARY}</description>{date}</item>"
        for title, href in zip(_ESCAPED, _HREFS, strict=True)
    )


def _rss(version: str, date: str = "") -> str:
    head = "<title>News</title><link>https://news.example/</link><language>en-gb</language>"
    return f'{_DECLARATION}<rss version="{version}" {_SPACES}><channel>{head}{_rss_items(date)}</channel></rss>'


def _rdf() -> str:
    items = "\n".join(
        f'<item rdf:about="{href}"><title>{title}</title><link>{href}</link><description>{_SUMMARY}</description>'
        "<dc:date>2026-10-03T08:15:00Z</dc:date></item>"
        for title, href in zip(_ESCAPED, _HREFS, strict=True)
    )
    return (
        f'{_DECLARATION}<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        f'xmlns="http://purl.org/rss/1.0/" {_SPACES}><channel rdf:about="https://news.example/"><title>News</title>'
        f"<link>https://news.example/</link></channel>{items}</rdf:RDF>"
    )


def _atom(space: str, date: str) -> str:
    entries = "\n".join(
        f'<entry><title>{title}</title><link rel="alternate" href="{href}"/><id>tag:news.example,{number}</id>'
        f'<{date}>2026-10-03T08:15:00Z</{date}><summary type="html">{_SUMMARY}</summary></entry>'
        for number, (title, href) in enumerate(zip(_ESCAPED, _HREFS, strict=True))
    )
    return f'{_DECLARATION}<feed xmlns="{space}" xml:lang="en" {_SPACES}><title>News</title>{entries}</feed>'


def _json(version: str) -> str:
    items = [
        {
            "id": str(number),
            "url": link,
            "title": title,
            "content_html": "<p>A study counted the <b>visits</b>.</p>",
            "date_published": "2026-10-03T08:15:00Z",
        }
        for number, (title, link) in enumerate(zip(TITLES, LINKS, strict=True))
    ]
    feed = {"version": f"https://jsonfeed.org/version/{version}", "title": "News", "items": items}
    return json.dumps(feed, ensure_ascii=False)


FORMATS = {
    "rss-0.91": _rss("0.91"),
    "rss-0.92": _rss("0.92", "<pubDate>3 Oct 2026 08:15:00 GMT</pubDate>"),
    "rss-2.0": _rss("2.0", "<pubDate>Sat, 03 Oct 2026 10:15:00 +0200</pubDate>"),
    "rdf-1.0": _rdf(),
    "atom-0.3": _atom("http://purl.org/atom/ns#", "issued"),
    "atom-1.0": _atom("http://www.w3.org/2005/Atom", "published"),
    "json-1.0": _json("1"),
    "json-1.1": _json("1.1"),
}


@dataclass(frozen=True)
class Way:
    """A way to bend a feed."""

    bend: Callable[[str], bytes | str]
    #: how many of the three entries must be read: all, the first, or any number
    reads: str = "all"
    xml_only: bool = False
    charset: str | None = None
    #: links are no longer those of the good feed
    moves_links: bool = False


def _after_declaration(text: str, more: str) -> str:
    return text.replace(_DECLARATION, _DECLARATION + more, 1)


def _in_titles(more: str) -> Callable[[str], str]:
    return lambda text: re.sub(r"</title>", more + "</title>", text)


def _declared(name: str) -> Callable[[str], bytes]:
    return lambda text: text.replace("UTF-8", name, 1).encode(name, "xmlcharrefreplace")


def _upper(text: str) -> str:
    return re.sub(r"(</?)(item|title|link|description)\b", lambda found: found[1] + found[2].capitalize(), text)


def _twice(text: str) -> str:
    if text.startswith("{"):
        data = json.loads(text)
        return json.dumps({**data, "items": data["items"] * 2})
    entry = re.compile(r"<(item|entry)\b.*</\1>", re.DOTALL)
    return entry.sub(lambda found: found[0] * 2, text)


_BOMB = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
_DEEP = "&lt;div&gt;" * 2_000

WAYS: dict[str, Way] = {
    "as it is": Way(lambda text: text),
    "byte order mark": Way(lambda text: b"\xef\xbb\xbf" + text.encode()),
    "two byte order marks": Way(lambda text: b"\xef\xbb\xbf\xef\xbb\xbf" + text.encode(), xml_only=True),
    "UTF-16": Way(lambda text: text.encode("utf-16")),
    "UTF-16 without its mark": Way(lambda text: text.encode("utf-16-le"), xml_only=True),
    "big-endian UTF-16": Way(lambda text: b"\xfe\xff" + text.encode("utf-16-be")),
    "UTF-32": Way(lambda text: b"\xff\xfe\0\0" + text.encode("utf-32-le")),
    "Latin-1, declared": Way(_declared("ISO-8859-1"), xml_only=True),
    "Windows-1252, declared": Way(_declared("windows-1252"), xml_only=True),
    "says UTF-8, is Latin-1": Way(lambda text: text.encode("latin-1")),
    "says Latin-1, is UTF-8": Way(lambda text: text.replace("UTF-8", "ISO-8859-1"), charset="iso-8859-1"),
    "says a charset that is none": Way(lambda text: text.replace("UTF-8", "x-none-such"), charset="x-none-such"),
    "one byte is damaged": Way(
        lambda text: (
            text.replace("News", "Nêéèwsñ").encode().replace(b"News", b"N", 1).replace(b"ws\xc3\xb1", b"ws\xc3")
        )
    ),
    "empty lines first": Way(lambda text: "\r\n\n  \t" + text),
    "a warning first": Way(
        lambda text: "<br />\n<b>Warning</b>: session_start() in <b>/x.php</b><br />\n" + text, xml_only=True
    ),
    "rubbish after it": Way(lambda text: text + "\n<!-- 0.12 s --><script>alert(1)</script> &", xml_only=True),
    "a null byte": Way(lambda text: text.replace("News", "N\0ews").encode(), xml_only=True),
    "control characters": Way(lambda text: text.replace("News", "N\x01\x08\x0b\x1fews"), xml_only=True),
    "a bell reference": Way(_in_titles("&#7;"), reads="any", xml_only=True),
    "a reference to half a character": Way(_in_titles("&#xD800;"), reads="any", xml_only=True),
    "Netscape's document type": Way(
        lambda text: _after_declaration(
            text, '<!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "http://my.netscape.com/rss-0.91.dtd">\n'
        ),
        xml_only=True,
    ),
    "entities that grow": Way(
        lambda text: _after_declaration(text, f'<!DOCTYPE x [<!ENTITY e0 "lol">{_BOMB}]>').replace("News", "&e9;"),
        xml_only=True,
    ),
    "entities that grow, in an attribute": Way(
        lambda text: _after_declaration(text, f'<!DOCTYPE x [<!ENTITY e0 "lol">{_BOMB}]>').replace(
            "http://search", "&e9;"
        ),
        xml_only=True,
    ),
    "an entity that is a file": Way(
        lambda text: _after_declaration(text, '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>').replace(
            "News", "&f;"
        ),
        xml_only=True,
    ),
    "a parameter entity from elsewhere": Way(
        lambda text: _after_declaration(text, '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x"> %p;]>'),
        xml_only=True,
    ),
    "a document type without end": Way(
        lambda text: _after_declaration(text, "<!DOCTYPE x ["), reads="any", xml_only=True
    ),
    "HTML's entities": Way(lambda text: text.replace("News", "N&nbsp;ews &eacute;&hellip;"), xml_only=True),
    "entities nobody knows": Way(lambda text: text.replace("News", "N&foo;ews &bar"), xml_only=True),
    "bare ampersands": Way(lambda text: text.replace("&amp;", "&"), xml_only=True),
    "escaped twice": Way(lambda text: text.replace("&amp; ", "&amp;amp; ").replace("&lt;", "&amp;lt;"), xml_only=True),
    "in CDATA": Way(lambda text: text.replace("Bees &amp; flowers", "<![CDATA[Bees & flowers]]>"), xml_only=True),
    "escaped in CDATA": Way(
        lambda text: text.replace("Bees &amp; flowers", "<![CDATA[Bees &amp; flowers]]>"), xml_only=True
    ),
    "CDATA without end": Way(
        lambda text: text.replace("The third", "<![CDATA[The third"), reads="first", xml_only=True
    ),
    "comments everywhere": Way(lambda text: text.replace("><", "><!-- x --><"), xml_only=True),
    "processing instructions": Way(lambda text: text.replace("><", "><?php echo 1 ?><"), xml_only=True),
    "other line ends": Way(lambda text: text.replace("\n", "\r\n").replace("><", ">\r<"), xml_only=True),
    "space around everything": Way(
        lambda text: re.sub(r"(</?(?:title|link|id|description)>)", r"\n  \1  \n", text), xml_only=True
    ),
    "capitals": Way(_upper, reads="any", xml_only=True),
    "namespaces with https": Way(
        lambda text: re.sub(r'(xmlns:\w+="http)(?=://search|://purl)', r"\1s", text), xml_only=True
    ),
    "a prefix not declared": Way(
        lambda text: re.sub(
            r"(</title>)", r'\1<media:thumbnail url="https://x.example/i.jpg"/><foo:bar>1</foo:bar>', text
        ),
        xml_only=True,
    ),
    "elements nobody knows": Way(
        lambda text: re.sub(r"(</title>)", r'\1<x:y xmlns:x="urn:x"><title>No</title></x:y>', text), xml_only=True
    ),
    "attributes without quotes": Way(
        lambda text: text.replace('rel="alternate"', "rel=alternate"), reads="any", xml_only=True
    ),
    "an attribute twice": Way(lambda text: text.replace("<title>", '<title a="1" a="2">'), xml_only=True),
    "each entry twice": Way(_twice),
    "cut in the middle": Way(lambda text: text[: text.index("The third")], reads="first"),
    "cut in a tag": Way(lambda text: text[: text.index("Zo") - 4], reads="first"),
    "cut in a character": Way(lambda text: text.encode()[: text.encode().index("ë".encode()) + 1], reads="first"),
    "the end is missing": Way(lambda text: text[: text.rindex("</")], xml_only=True),
    "tags crossed": Way(lambda text: text.replace("</title><", "</titel><", 1), reads="any", xml_only=True),
    "entries not closed": Way(lambda text: re.sub(r"</(item|entry)>", "", text), reads="first", xml_only=True),
    "HTML not escaped": Way(
        lambda text: text.replace("&lt;", "<").replace("&gt;", ">").replace("<b>", "<b><br>"),
        reads="first",
        xml_only=True,
    ),
    "nested deep": Way(lambda text: text.replace("&lt;p&gt;", _DEEP), xml_only=True),
    "elements nested deep": Way(lambda text: text.replace("News", "<a>" * 5_000), reads="any", xml_only=True),
    "a long title": Way(lambda text: text.replace("News", "News " * 50_000)),
    "many attributes": Way(
        lambda text: text.replace("<title>", "<title " + " ".join(f'a{n}="{n}"' for n in range(500)) + ">", 2),
        xml_only=True,
    ),
    "no dates": Way(lambda text: re.sub(r"2026-10-03T08:15:00Z|\w*,? ?0?3 Oct[^<]*", "", text)),
    "dates that are none": Way(lambda text: re.sub(r"2026-10-03T08:15:00Z|\w*,? ?0?3 Oct[^<]*", "soon", text)),
    "far future": Way(lambda text: text.replace("2026", "9999")),
    "no titles": Way(lambda text: text.replace("title", "headline"), reads="any"),
    "empty titles": Way(lambda text: re.sub(r"<title>[^<]*", "<title>", text), reads="any"),
    "emoji and right to left": Way(lambda text: text.replace("News", "🚀 \u202eأخبار\u202c")),
    "relative links": Way(lambda text: text.replace("https://news.example/story", "/story")),
    "links without a scheme": Way(lambda text: text.replace("https://news.example/story", "//news.example/story")),
    "links with spaces": Way(lambda text: text.replace("/story/", "/my story/"), moves_links=True),
    "links to scripts": Way(
        lambda text: text.replace("https://news.example/story", "javascript:alert"), moves_links=True
    ),
    "links of no kind": Way(lambda text: text.replace("https://news.example/story", "http://["), moves_links=True),
    "a base of its own": Way(
        lambda text: re.sub(r"<(item|entry)\b", r'<\1 xml:base="https://news.example/story/"', text).replace(
            '="https://news.example/story/0', '="0'
        ),
        xml_only=True,
    ),
    "a base that is none": Way(lambda text: re.sub(r"<(rss|feed)\b", r'<\1 xml:base="http://["', text), xml_only=True),
}


@dataclass(frozen=True)
class OddFeed:
    """One feed of the set."""

    name: str
    body: bytes
    way: Way

    @property
    def is_cut_json(self) -> bool:
        """JSON that is cut is none."""
        return self.name.startswith("json") and self.way.reads == "first"


def odd_feeds() -> Iterator[OddFeed]:
    """Every format in every way that suits it."""
    for kind, text in FORMATS.items():
        for name, way in WAYS.items():
            if not (way.xml_only and kind.startswith("json")):
                bent = way.bend(text)
                yield OddFeed(f"{kind}: {name}", bent.encode() if isinstance(bent, str) else bent, way)
