"""What a story is known by: platform ids where an address holds one, else its canonical address."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from urllib.parse import unquote

from ettametta.db import storable
from ettametta.discovery.candidates.addresses import canonical_url, split_web_address
from ettametta.discovery.candidates.words import folded
from ettametta.discovery.items import FoundItem

MAX_NAME_CHARS = 500
MAX_ALIASES = 12

_ARXIV = r"(?:[a-z][a-z-]+(?:\.[a-z]{2})?/\d{7}|\d{4}\.\d{4,5})"
_DOI = r"10\.\d{4,9}/\S+"
#: First parts of GitHub's own pages, which no account is called by.
_NO_OWNERS = (
    "topics|sponsors|orgs|features|trending|marketplace|apps|about|login|search|settings|collections|customer-stories|"
    "security|enterprise|readme|solutions|resources"
)
_HASH = re.compile(r"^[0-9a-f]{32,128}$|^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
#: Host, the rest of the address (path and query), and the id with its name. First match wins.
_PLATFORMS: tuple[tuple[re.Pattern[str], re.Pattern[str], str], ...] = tuple(
    (re.compile(host), re.compile(path), name)
    for host, path, name in (
        (r"(?:music\.)?youtube\.com|youtube-nocookie\.com", r"^/watch\?(?:.*&)?v=([\w-]{11})(?:&|$)", "youtube:{0}"),
        (r"(?:music\.)?youtube\.com|youtube-nocookie\.com", r"^/(?:shorts|embed|live|v|e)/([\w-]{11})$", "youtube:{0}"),
        (r"youtu\.be", r"^/([\w-]{11})$", "youtube:{0}"),
        (r"(?:export\.)?arxiv\.org", rf"^/(?:abs|pdf|html|format|ps)/({_ARXIV})(?:v\d+)?(?:\.pdf)?$", "arxiv:{0}"),
        (r"alphaxiv\.org", rf"^/(?:abs|overview|pdf)/({_ARXIV})(?:v\d+)?$", "arxiv:{0}"),
        (r"huggingface\.co", rf"^/papers/({_ARXIV})$", "arxiv:{0}"),
        (r"(?:dx\.)?doi\.org", rf"^/({_DOI})$", "doi:{0}"),
        (r"github\.com", rf"^/(?!(?:{_NO_OWNERS})/)([\w-]+)/([\w.-]+?)(?:\.git)?$", "github:{0}/{1}"),
        (r"(?:old\.|new\.|np\.|i\.|[a-z]{2}\.)?reddit\.com",
         r"^(?:/r/\w+|/u/[\w-]+|/user/[\w-]+)?/comments/(\w+)(?:/[^/]*)?$", "reddit:{0}"),
        (r"redd\.it", r"^/(\w{4,10})$", "reddit:{0}"),
        (r"news\.ycombinator\.com", r"^/item\?(?:.*&)?id=(\d+)(?:&|$)", "hackernews:{0}"),
        (r"lobste\.rs", r"^/s/(\w+)(?:/[^/]*)?$", "lobsters:{0}"),
        (r"(?:twitter|x|fxtwitter|vxtwitter|nitter)\.(?:com|net)", r"^/\w+/status/(\d+)(?:/.*)?$", "x:{0}"),
        (r"tiktok\.com", r"^/@[\w.]+/video/(\d+)$", "tiktok:{0}"),
        (r"vimeo\.com|player\.vimeo\.com", r"^(?:/video)?/(\d+)$", "vimeo:{0}"),
        (r"archive\.org", r"^/(?:details|embed)/([^/?]+)$", "internet_archive:{0}"),
        (r"([a-z-]{2,12})\.wikipedia\.org", r"^/wiki/([^?]+)$", "wikipedia:{host}/{0}"),
        (r"([a-z-]{2,12})\.wikipedia\.org", r"^/w/\?(?:.*&)?title=([^&]+)$", "wikipedia:{host}/{0}"),
        (r"bsky\.app", r"^/profile/([^/]+)/post/(\w+)$", "bluesky:{0}/{1}"),
    )
)  # fmt: skip
#: Ids of these are the same in upper and lower case.
_CASELESS = ("github:", "doi:", "arxiv:", "reddit:", "lobsters:")


def identity_of(url: str) -> str:
    """The identity of what an address shows: `youtube:...`, `arxiv:...`, `doi:...`, ... or its canonical address.

    At most 500 characters; never raises. A longer address ends in its hash.
    """
    address = canonical_url(url)
    return bounded(_platform_id(address) or storable(address))


def _platform_id(address: str) -> str | None:
    parts = split_web_address(address)
    if parts is None:
        return None
    rest = f"{parts.path}{'?' if parts.query else ''}{parts.query}"
    for host, path, name in _PLATFORMS:
        at = host.fullmatch(parts.netloc)
        found = (path.match(rest) or path.match(parts.path)) if at else None
        if at and found:
            where = at.group(1) if at.re.groups and at.lastindex else ""
            whole = storable(name.format(*(unquote(group) for group in found.groups()), host=where))
            return whole.lower() if whole.startswith(_CASELESS) else whole
    return None


def bounded(name: str) -> str:
    """A name as long as its column at most; a longer one ends in its hash."""
    if len(name) <= MAX_NAME_CHARS:
        return name
    return f"{name[: MAX_NAME_CHARS - 65]}#{hashlib.sha256(name.encode()).hexdigest()}"


def names_of(item: FoundItem) -> tuple[str, ...]:
    """All names of an item's story, the identity first; names that many stories may share are left out."""
    names = [_first_name(item)]
    if item.discussion_url:
        names += _telling(item.discussion_url)
    for alias in item.aliases[:MAX_ALIASES]:
        names += _telling(alias)
    return tuple(dict.fromkeys(names))


def title_digest(title: str) -> str:
    """A fingerprint of a title's folded words."""
    return hashlib.sha256(" ".join(folded(title)).encode("utf-8", "replace")).hexdigest()[:16]


def _first_name(item: FoundItem) -> str:
    identity = identity_of(item.url)
    if not identity:
        return bounded(storable(item.ref))
    if _is_front_page(identity):
        # A front page is linked to by one story after another: the title tells them apart.
        return bounded(f"{identity}#{title_digest(item.title)}")
    return identity


def _is_front_page(identity: str) -> bool:
    parts = split_web_address(identity)
    return parts is not None and not any(parts[2:])


def _telling(alias: str) -> Sequence[str]:
    """An alias as a name, when it says the same everywhere: an address, a DOI, an arXiv id, a hash, a tag URI."""
    text = storable(alias.strip(), max_chars=2_000)
    low = text.lower()
    if low.startswith(("http://", "https://")):
        name = identity_of(text)
        return () if _is_front_page(name) else (name,)
    for scheme in ("oai:arxiv.org:", "arxiv:"):
        if re.fullmatch(rf"{re.escape(scheme)}\s*{_ARXIV}(?:v\d+)?", low):
            return (f"arxiv:{re.sub(r'v[0-9]+$', '', low[len(scheme) :].strip())}",)
    if re.fullmatch(rf"(?:doi:\s*)?{_DOI}", low):
        return (bounded(f"doi:{low.removeprefix('doi:').strip()}"),)
    if re.match(r"tag:[^,\s]+\.[^,\s]+,\d{4}[\d-]*:\S{3,}", low) or _HASH.match(low.removeprefix("urn:uuid:")):
        return (bounded(low),)
    return _source_id(text)


def _source_id(text: str) -> Sequence[str]:
    """Ids that sources write with their platform's name before them, as we do."""
    found = re.fullmatch(
        r"(youtube|yt:video|github|reddit|hackernews|lobsters|x|tiktok|vimeo|wikipedia):(\S{3,200})", text
    )
    if found is None:
        return ()
    name = f"{found.group(1).replace('yt:video', 'youtube')}:{found.group(2)}"
    return (name.lower() if name.startswith(_CASELESS) else name,)
