"""One form for all addresses of the same page, to compare by and not to fetch."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import SplitResult, parse_qsl, quote, quote_plus, unquote, unquote_to_bytes, urlsplit

import idna

#: Query parameters that say where a reader came from and never what is shown.
_TRACKING = frozenset(
    """
    fbclid gclid gclsrc dclid gbraid wbraid msclkid yclid ymclid twclid ttclid igshid igsh li_fat_id mc_cid mc_eid
    mkt_tok oly_anon_id oly_enc_id vero_id vero_conv _hsenc _hsmi __hssc __hstc __hsfp hsctatracking wickedid rb_clickid
    s_cid s_kwcid ncid cmpid cmp ocid icid ito ito_source smid smtyp sref spm scm share_id rdt_cid epik srsltid
    _ga _gl ga_source ga_medium ga_campaign ga_content ga_term at_medium at_campaign at_custom1 at_custom2 at_custom3
    at_custom4 at_link_id at_link_type at_link_origin at_format at_ptr_name at_bbc_team ns_mchannel ns_source
    ns_campaign ns_linkname ns_fee __twitter_impression guccounter guce_referrer guce_referrer_sig ref_src ref_url trk
    trkcampaign xtor wt_mc wtmc wt_zmc soc_src soc_trk cmpcode ceid emci emdi referrer feature amp amp_js_v usqp
    outputtype
    """.split()  # noqa: SIM905 -- a table of words is read in lines
)
_TRACKING_PREFIXES = ("utm_", "pk_", "piwik_", "mtm_", "matomo_", "hsa_", "fb_action_", "fb_comment_", "stm_", "itm_")
#: Parameters that may mean something, and the values with which they only say where a reader came from.
_REFERRERS = frozenset({"ref", "source", "src", "from", "via"})
_REFERRER_VALUES = re.compile(
    r"^(?:rss|feed|atom|email|newsletter|share|social|home|homepage|hn|hackernews|(?:www\.)?[a-z]+\.(?:com|org|net|rs)|"
    r"producthunt|lobsters|reddit|twitter|x|facebook|linkedin|mastodon|bluesky|telegram|whatsapp)(?:[-_].{0,40})?$"
)
_MOBILE = ("www.", "m.", "mobile.", "amp.", "touch.")
#: A label of language before that of the form: en.m.wikipedia.org.
_MOBILE_INSIDE = re.compile(r"^([a-z0-9-]{2,12})\.(?:m|mobile|amp)\.(?=[^.]+\.[^.]+)")
_AMP_VIEWER = re.compile(r"^/amp/(?:s/)?([^/]+\.[^/]+/.*)$")
_AMP_CACHE = re.compile(r"^/[civ]/(?:s/)?([^/]+\.[^/]+/.*)$")
_AMP_END = re.compile(r"(?<=[^/])(?:/amp(?:\.html)?|\.amp)$|\.amp(?=\.html$)")
_INDEX_PAGES = re.compile(r"/(?:index|default)\.(?:html?|php|aspx?)$", re.IGNORECASE)
_HOST = re.compile(r"^(?:[a-z0-9_-]+\.)*[a-z0-9_-]+$|^[0-9a-f:.]+$")
_DOTS = str.maketrans("\u3002\uff0e\uff61", "...")
_SAFE = "!$&'()*+,;=:@-._~"
_MAX_CHARS = 8_000
_MAX_ROUNDS = 8


@lru_cache(maxsize=4_096)
def canonical_url(url: str) -> str:
    """The form that all addresses of a page share: for comparing, not for fetching.

    `https` for both web schemes, the host in lower case ASCII without `www.` or a mobile or AMP label, no default port,
    no user, no tracking, the query sorted, percent-encoding in one form, no slash at the end, no fragment but that of
    pages drawn by scripts. Never raises: what is no web address comes back trimmed.
    """
    text = "".join(char for char in url[:_MAX_CHARS].encode("utf-8", "replace").decode() if char >= " ").strip()
    for _ in range(_MAX_ROUNDS):  # what one round lays bare (a mobile host behind a cache) is for the next
        shorter = _round(text)
        if shorter == text:
            break
        text = shorter
    return text


def split_web_address(url: str) -> SplitResult | None:
    """The parts of a web address; None for anything else."""
    try:
        parts = urlsplit(url)
        is_web = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    return parts if is_web else None


def _round(text: str) -> str:
    parts = split_web_address(text)
    if parts is None:
        return text
    parts = _out_of_amp_cache(parts)
    host = _host(parts.hostname or "")
    if host is None:
        return text
    try:
        query = _query(parts.query)
    except ValueError:  # more parameters than any page has
        return text
    fragment = parts.fragment if parts.fragment.startswith(("!", "/")) else ""
    mark = f"#{_segment(fragment, safe=_SAFE + '/?')}" if fragment.strip("!/") else ""
    return f"https://{host}{_port(parts)}{_path(parts.path)}{'?' if query else ''}{query}{mark}"


def _out_of_amp_cache(parts: SplitResult) -> SplitResult:
    """The page behind Google's AMP viewer or cache (cdn.ampproject.org/c/s/host/path)."""
    host = parts.hostname or ""
    is_viewer = host in {"www.google.com", "google.com"}
    is_cache = host.endswith(".cdn.ampproject.org")
    found = (is_viewer and _AMP_VIEWER.match(parts.path)) or (is_cache and _AMP_CACHE.match(parts.path))
    if not found:
        return parts
    return split_web_address(f"https://{found.group(1)}{'?' if parts.query else ''}{parts.query}") or parts


def _host(host: str) -> str | None:
    name = unquote(host).lower().translate(_DOTS).rstrip(".")
    if not name.isascii():
        try:
            name = idna.encode(name, uts46=True).decode()
        except (idna.IDNAError, UnicodeError):
            return None
    if not _HOST.match(name):
        return None
    return f"[{name}]" if ":" in name else _without_mobile(name)


def _without_mobile(name: str) -> str:
    shorter = _MOBILE_INSIDE.sub(r"\1.", name)
    shorter = next((shorter[len(label) :] for label in _MOBILE if shorter.startswith(label)), shorter)
    return shorter if "." in shorter else name


def _port(parts: SplitResult) -> str:
    return "" if parts.port in {None, 80, 443} else f":{parts.port}"


def _path(path: str) -> str:
    kept: list[str] = []
    for segment in path.split("/"):
        plain = _segment(segment)
        if plain == "..":
            del kept[-1:]
        elif plain not in {"", "."}:
            kept.append(plain)
    whole = "/".join(["", *kept])
    return _INDEX_PAGES.sub("", _AMP_END.sub("", whole))


def _segment(text: str, *, safe: str = _SAFE) -> str:
    """One form of percent-encoding; bytes that are no UTF-8 and lone percent signs keep their meaning."""
    return quote(unquote_to_bytes(text), safe=safe)


def _query(query: str) -> str:
    pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=200, errors="surrogateescape")
    kept = sorted((name, value) for name, value in pairs if not _is_tracking(name.lower(), value.lower()))
    return "&".join(_encoded(name) + (f"={_encoded(value)}" if value else "") for name, value in kept)


def _encoded(text: str) -> str:
    return quote_plus(text, errors="surrogateescape")


def _is_tracking(name: str, value: str) -> bool:
    if name in _REFERRERS:
        return bool(_REFERRER_VALUES.match(value))
    return name in _TRACKING or name.startswith(_TRACKING_PREFIXES)
