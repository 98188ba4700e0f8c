"""Drafts: the same video, frame by frame, small and quickly encoded; to look at, not to post."""

from __future__ import annotations

from dataclasses import replace

from ettametta.storyboard import Storyboard
from ettametta.video.commands import EncoderSettings
from ettametta.video.plan import DRAFT_SIDE
from ettametta.video.planner import even


def draft_encoder(encoder: EncoderSettings) -> EncoderSettings:
    """The encoder's quick settings."""
    return replace(encoder, preset="ultrafast", crf=max(encoder.crf, 27))


def draft_board(board: Storyboard) -> Storyboard:
    """The same storyboard, its short side at most 480 pixels."""
    share = min(1.0, DRAFT_SIDE / min(board.width, board.height))
    size = {"width": even(round(board.width * share)), "height": even(round(board.height * share))}
    return board.model_copy(update=size)
