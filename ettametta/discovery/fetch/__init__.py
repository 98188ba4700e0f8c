"""The crawler: polite, bounded, cached fetching of many pages."""

from ettametta.discovery.fetch.base import Answer, Fetch
from ettametta.discovery.fetch.crawler import Crawler
from ettametta.discovery.fetch.requests import Crawled, FetchRequest

__all__ = ["Answer", "Crawled", "Crawler", "Fetch", "FetchRequest"]
