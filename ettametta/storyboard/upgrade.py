"""Storyboards written by earlier versions, read as the newest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def upgraded(data: Mapping[str, Any]) -> dict[str, Any]:
    """The same storyboard in the newest version; what is unknown to us is left for validation to refuse."""
    board = dict(data)
    if board.get("version") == 1:
        board = _from_1(board)
    return board


def _from_1(board: dict[str, Any]) -> dict[str, Any]:
    """Version 1 named captions by their mode alone."""
    style = board.get("style")
    if isinstance(style, Mapping) and isinstance(style.get("captions"), str):
        board["style"] = {**style, "captions": {"mode": style["captions"]}}
    return {**board, "version": 2}
