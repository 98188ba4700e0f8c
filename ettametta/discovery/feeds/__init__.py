"""Feeds as data: RSS, RDF, Atom and JSON Feed to entries, and where a page keeps its feed."""

from ettametta.discovery.feeds.autodiscovery import COMMON_PATHS, FeedLink, find_feed_links
from ettametta.discovery.feeds.entries import Enclosure, Entry, Feed, RelatedStory
from ettametta.discovery.feeds.reading import MAX_ENTRIES, parse_feed

__all__ = [
    "COMMON_PATHS",
    "MAX_ENTRIES",
    "Enclosure",
    "Entry",
    "Feed",
    "FeedLink",
    "RelatedStory",
    "find_feed_links",
    "parse_feed",
]
