"""The one outgoing HTTP client, with its guard against private addresses and its limits."""

from ettametta.kit.http.client import Fetched, HttpClient

__all__ = ["Fetched", "HttpClient"]
