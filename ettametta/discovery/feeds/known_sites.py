"""Sites of a known kind, and where they keep the feed of a blog, a person or a repository."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

#: Host, path, and the feed's address made of the groups of both.
_SITES = (
    (r"medium\.com", r"/(@[\w.-]{1,60}|[\w-]{1,60})/?", "https://medium.com/feed/{path}"),
    (r"(?P<name>[\w-]{1,63})\.substack\.com", r"(?:/archive|)/?", "https://{name}.substack.com/feed"),
    (r"github\.com", r"/([\w-]{1,39}/[\w.-]{1,100})(?:/releases)?/?", "https://github.com/{path}/releases.atom"),
    (r"(?P<name>[\w-]{1,63})\.tumblr\.com", r"/?", "https://{name}.tumblr.com/rss"),
    (r"(?P<name>[\w-]{1,63})\.blogspot\.com", r"/?", "https://{name}.blogspot.com/feeds/posts/default"),
    (r"(?P<name>[\w-]{1,63})\.wordpress\.com", r"/?", "https://{name}.wordpress.com/feed/"),
    (r"stackoverflow\.com", r"/questions/tagged/([\w.+#-]{1,50})/?", "https://stackoverflow.com/feeds/tag/{path}"),
    (r"vimeo\.com", r"/(?:channels/)?([a-z][\w-]{1,60})/videos/?", "https://vimeo.com/{path}/videos/rss"),
)
_COMPILED = tuple((re.compile(host), re.compile(path), feed) for host, path, feed in _SITES)


def feed_of_known_site(url: str) -> str | None:
    """The feed that belongs to an address of a known site; None: none is known."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return None
    for host_shape, path_shape, feed in _COMPILED:
        host_found, path_found = host_shape.fullmatch(host), path_shape.fullmatch(parts.path)
        if host_found and path_found:
            path = path_found[1] if path_shape.groups else ""
            return feed.format(path=path, **host_found.groupdict())
    return None
