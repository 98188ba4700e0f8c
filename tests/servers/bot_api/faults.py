"""Planned failures: error answers, silence and cut connections, before or after the call took effect."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from tests.servers.bot_api.limits import Refusal

FaultKind = Literal["error", "hang", "cut"]
Moment = Literal["before", "after"]
_SENTENCES = {
    400: "Bad Request: failed by the test",
    401: "Unauthorized",
    403: "Forbidden: bot was blocked by the user",
    404: "Not Found",
    409: "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    413: "Request Entity Too Large",
    500: "Internal Server Error",
    502: "Bad Gateway",
}


@dataclass
class Fault:
    """What shall happen to the next calls of a method (of one chat, if given)."""

    method: str
    kind: FaultKind
    when: Moment = "before"
    times: int = 1
    error_code: int = 500
    description: str | None = None
    retry_after: int | None = None
    chat_id: int | None = None

    def refusal(self) -> Refusal:
        """The error answer."""
        if self.error_code == 429:
            wait = self.retry_after if self.retry_after is not None else 1
            return Refusal(self.description or f"Too Many Requests: retry after {wait}", 429, wait)
        default = _SENTENCES.get(self.error_code, f"Error {self.error_code}")
        return Refusal(self.description or default, self.error_code, self.retry_after)

    def matches(self, method: str, params: Mapping[str, object]) -> bool:
        """Whether this call is meant; method "*" means any but getUpdates."""
        named = self.method.lower() == method.lower() or (self.method == "*" and method.lower() != "getupdates")
        return named and (self.chat_id is None or str(params.get("chat_id")) == str(self.chat_id))


@dataclass
class FaultPlan:
    """The planned failures, used up in the order they were planned."""

    planned: list[Fault] = field(default_factory=list)

    def take(self, method: str, params: Mapping[str, object]) -> Fault | None:
        """The failure planned for this call, counted down; None when it shall succeed."""
        fault = next((one for one in self.planned if one.matches(method, params)), None)
        if fault is not None:
            fault.times -= 1
            if fault.times <= 0:
                self.planned.remove(fault)
        return fault
