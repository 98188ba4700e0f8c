"""Names of elements made one: `{http://search.yahoo.com/mrss/}Thumbnail` is "media:thumbnail", however written."""

from __future__ import annotations

from functools import lru_cache

#: Namespaces without scheme and slashes at the end, in lower case: feeds write them in many ways.
_PREFIXES = {
    "www.w3.org/2005/atom": "",
    "purl.org/atom/ns": "",
    "purl.org/atom/ns/draft-ietf-atompub-format-05": "",
    "purl.org/rss/1.0": "",
    "purl.org/rss/2.0": "",
    "purl.org/net/rss1.1": "",
    "my.netscape.com/rdf/simple/0.9": "",
    "channel.netscape.com/rdf/simple/0.9": "",
    "my.netscape.com/publish/formats/rss-0.91.dtd": "",
    "backend.userland.com/rss": "",
    "backend.userland.com/rss2": "",
    "blogs.law.harvard.edu/tech/rss": "",
    "www.sitemaps.org/schemas/sitemap/0.9": "",
    "www.google.com/schemas/sitemap/0.84": "",
    "www.google.com/schemas/sitemap/0.9": "",
    "www.w3.org/1999/02/22-rdf-syntax-ns": "rdf",
    "www.w3.org/1999/xhtml": "html",
    "purl.org/rss/1.0/modules/content": "content",
    "purl.org/rss/1.0/modules/slash": "slash",
    "purl.org/rss/1.0/modules/syndication": "sy",
    "purl.org/dc/elements/1.1": "dc",
    "purl.org/dc/elements/1.0": "dc",
    "purl.org/dc/terms": "dcterms",
    "purl.org/syndication/thread/1.0": "thr",
    "search.yahoo.com/mrss": "media",
    "video.search.yahoo.com/mrss": "media",
    "www.rssboard.org/media-rss": "media",
    "www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "www.itunes.com/dtd/podcast-1.0.dtd": "itunes",
    "podcastindex.org/namespace/1.0": "podcast",
    "www.youtube.com/xml/schemas/2015": "yt",
    "trends.google.com/trending/rss": "ht",
    "trends.google.com/trends/trendingsearches/daily": "ht",
    "www.google.com/trends/hottrends": "ht",
    "arxiv.org/schemas/atom": "arxiv",
    "rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "wellformedweb.org/commentapi": "wfw",
    "www.google.com/schemas/sitemap-news/0.9": "news",
    "www.google.com/schemas/sitemap-image/1.1": "image",
    "www.google.com/schemas/sitemap-video/1.1": "video",
}


@lru_cache(maxsize=4_096)
def name_of(tag: str) -> str:
    """The one name of a tag as lxml gives it, in lower case; elements of unknown namespaces begin with "?:"."""
    if tag[:1] != "{":
        return tag.lower()  # with its prefix, when the feed forgot to declare it
    space, _, local = tag[1:].rpartition("}")
    known = space.lower().removeprefix("http://").removeprefix("https://").rstrip("/#")
    prefix = _PREFIXES.get(known, "?")
    return f"{prefix}:{local.lower()}" if prefix else local.lower()
