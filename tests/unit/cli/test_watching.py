"""How progress is shown: plain lines that do not repeat themselves, a bar on a terminal, nothing when silent."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from rich.console import Console

from cli import output
from cli.watching import BarDisplay, LineDisplay, SilentDisplay, choose_display
from ettametta.productions.state import ProductionState
from ettametta.productions.values import ProductionView

_NOW = datetime(2026, 1, 1, tzinfo=UTC)


def _view(progress: float, stage: str, message: str = "", state: str = "rendering") -> ProductionView:
    return ProductionView(
        id="1" * 32, user_id="u", chat_id=None, title="T", state=ProductionState(state), progress=progress, stage=stage,
        message=message, job_id=None, error=None, proposal=None, video=None, created_at=_NOW, updated_at=_NOW,
    )  # fmt: skip


def test_lines_tell_stages_apart_and_do_not_repeat(capsys: pytest.CaptureFixture[str]) -> None:
    display = LineDisplay()
    for view in (
        _view(0.0, ""),
        _view(0.1, "script", "Writing"),
        _view(0.11, "script", "Writing"),
        _view(0.12, "script", "Still writing"),
        _view(0.4, "render", "[bold]scene\x1b[2J 1"),
        _view(0.4, "render", "[bold]scene\x1b[2J 1"),
        _view(1.0, "render", "Done.", state="rendered"),
    ):
        display.show(view)
    display.note("By the way.")
    said = capsys.readouterr()
    lines = [line.partition("] ")[2] or line for line in said.err.splitlines()]
    assert lines == [
        " 10%  script     Writing",
        " 40%  render     [bold]scene[2J 1",
        "100%  rendered   Done.",
        "By the way.",
    ]
    assert said.out == ""


def test_a_terminal_gets_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = io.StringIO()

    def terminal(*, err: bool = False) -> Console:
        assert err
        return Console(file=drawn, force_terminal=True, width=120, markup=False)

    monkeypatch.setattr(output, "console", terminal)
    with choose_display(silent=False) as display:
        assert isinstance(display, BarDisplay)
        display.show(_view(0.42, "render_scene", "[red]scene 1\x1b[2J"))
        display.note("Cancelling.")
    shown = drawn.getvalue()
    for expected in ("Render scene", "42%", "[red]scene 1[2J", "Cancelling."):
        assert expected in shown
    assert "\x1b[2J" not in shown


def test_elsewhere_lines_or_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with choose_display(silent=False) as display:
        assert isinstance(display, LineDisplay)
    with choose_display(silent=True) as display:
        assert isinstance(display, SilentDisplay)
        display.show(_view(0.5, "render"))
        display.note("x")
    assert capsys.readouterr() == ("", "")
