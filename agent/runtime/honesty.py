"""Holds a model's last words to what its tools did: a deed it claims and nobody did is put right."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.runtime.calls import Outcome

_I = r"\bI(?:'ve|’ve| have|'m|’m| am|'ll|’ll| will)?(?: now| just| already)*"
_IT = (
    r"\b(?:video|production|clip|render(?:ing)?|job|it)(?: has| have| is|'s|’s| was)?"
    r"(?: now| just| already| being| been)*"
)

#: The tools that set something to work, or give back what is finished.
_MAKING = frozenset({
    "make_video", "make_videos", "retry_production", "edit_video", "undo_edit", "redo_edit", "continue_production",
    "send_video",
    "finish_video",
    "dub_video", "make_variants",
})  # fmt: skip
#: What a claim looks like, and the tools that can make it true.
_CLAIMS: tuple[tuple[re.Pattern[str], frozenset[str]], ...] = (
    (
        re.compile(
            rf"(?:{_I} (?:start|began|begun|creat|mak|made|queu|kick|generat|produc|render|put\b|work)"
            rf"|{_IT} (?:start|began|begun|queued|in progress|underway|under way|on its way|in the works))",
            re.IGNORECASE,
        ),
        frozenset({"show_status", "list_jobs", *_MAKING}),
    ),
    (
        re.compile(rf"(?:{_I} (?:cancel|stop|abort)|{_IT} (?:cancel|stopp|abort))", re.IGNORECASE),
        frozenset({"cancel_production", "show_status", "list_jobs"}),
    ),
    (
        re.compile(rf"{_IT} (?:ready|done|finished|complete|rendered|delivered|sent|approved)", re.IGNORECASE),
        frozenset({"show_status", "list_jobs", *_MAKING}),
    ),
    (
        re.compile(rf"{_I} (?:remember|noted?\b|(?:keep|kept) (?:it|that|this) in mind)", re.IGNORECASE),
        frozenset({"remember_fact", "list_facts"}),
    ),
    (re.compile(rf"{_I} (?:forgot|eras)", re.IGNORECASE), frozenset()),
    (re.compile(rf"{_I} (?:approv|accept|paid|confirm)", re.IGNORECASE), frozenset()),
)
_ACTING = frozenset({"cancel_production", *_MAKING})
NOTHING_DONE = "To be exact: nothing was started, changed or cancelled just now."


def hold_to_facts(text: str, outcomes: Sequence[Outcome]) -> str:
    """The text, with a line that puts right what no tool of this turn bears out."""
    failed = [outcome for outcome in outcomes if not outcome.ok and outcome.call.name in _ACTING]
    done = {outcome.call.name for outcome in outcomes if outcome.ok}
    if failed and not done & _ACTING:
        reason = failed[-1].error
        return text if reason is None or reason.message in text else f"{text}\n\nTo be exact: {reason}"
    claims_too_much = any(claim.search(text) and not backed & done for claim, backed in _CLAIMS)
    return f"{text}\n\n{NOTHING_DONE}" if claims_too_much else text
