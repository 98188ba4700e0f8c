"""What sources answer, one module a source, in the shapes their documentation shows. The list is explicit."""

from __future__ import annotations

from collections.abc import Mapping

from tests.servers.source_payloads import hacker_news
from tests.servers.source_payloads.base import Replay

#: How each source of the registry is replayed.
REPLAYS: Mapping[str, Replay] = {
    "hacker_news": hacker_news.REPLAY,
}
