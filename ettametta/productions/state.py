"""The states of a production and the legal moves between them."""

from __future__ import annotations

from enum import StrEnum

from ettametta.errors import Conflict


class ProductionState(StrEnum):
    """Where a production stands."""

    #: evidence, script and storyboard are being made
    DRAFTING = "drafting"
    #: it stopped where it was asked to, and goes on at a person's word
    WAITING = "waiting"
    #: the rest costs money: a proposal waits for a person's yes
    PROPOSED = "proposed"
    #: narration, pictures, encoding, checks
    RENDERING = "rendering"
    #: the video is in storage and on its way to the chat, if there is one
    RENDERED = "rendered"
    #: it was shown to the person
    DELIVERED = "delivered"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Whether nothing more happens by itself."""
        return self in {ProductionState.DELIVERED, ProductionState.FAILED, ProductionState.CANCELLED}


_S = ProductionState

#: Where an edit or an undo leads: work, a question, or at once the video that is there already.
_EDITED = frozenset({_S.RENDERING, _S.PROPOSED, _S.RENDERED, _S.DELIVERED})

#: From each state, where it may go.
MOVES: dict[ProductionState, frozenset[ProductionState]] = {
    _S.DRAFTING: frozenset({_S.WAITING, _S.PROPOSED, _S.RENDERING, _S.FAILED, _S.CANCELLED}),
    _S.WAITING: frozenset({_S.DRAFTING, _S.PROPOSED, _S.RENDERING, _S.CANCELLED}),
    _S.PROPOSED: frozenset({*_EDITED, _S.CANCELLED}),
    _S.RENDERING: frozenset({*_EDITED, _S.WAITING, _S.FAILED, _S.CANCELLED}),
    _S.RENDERED: _EDITED,
    _S.DELIVERED: _EDITED,
    # a retry takes up where it ended; a question that was not answered with a yes is asked again
    _S.FAILED: frozenset({*_EDITED, _S.DRAFTING}),
    _S.CANCELLED: frozenset({*_EDITED, _S.DRAFTING}),
}


def check_move(now: ProductionState, wanted: ProductionState) -> None:
    """Refuse what is not legal.

    Raises:
        Conflict: there is no such move.
    """
    if wanted not in MOVES[now]:
        raise Conflict(
            f"The production is {now} and cannot become {wanted}.",
            hint="Look at its status to see what can be done.",
            code="production.illegal_move",
        )
