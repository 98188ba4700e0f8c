"""Follows a production to its end: a live bar on a terminal, plain lines elsewhere, Ctrl-C cancels."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from cli import output

if TYPE_CHECKING:
    from rich.progress import Progress

    from cli.signals import Interrupts
    from ettametta.bootstrap import Resources
    from ettametta.productions.values import ProductionView

_POLL_S = 0.3
#: Plain lines within one stage come at most this often, in seconds.
_LINE_EVERY_S = 5.0

#: Where nothing more happens by itself but being sent.
SETTLED = frozenset({"waiting", "proposed", "rendered", "delivered", "failed", "cancelled"})


class Display(Protocol):
    """Shows how a production gets on."""

    def show(self, view: ProductionView) -> None:
        """The production as it stands."""
        ...

    def note(self, text: str) -> None:
        """A sentence of our own."""
        ...


class SilentDisplay:
    """Shows nothing."""

    def show(self, view: ProductionView) -> None:
        """Nothing."""

    def note(self, text: str) -> None:
        """Nothing."""


class LineDisplay:
    """One plain line for each new stage, and every few seconds within one; on stderr."""

    def __init__(self) -> None:
        self._console = output.console(err=True)
        self._began = time.monotonic()
        self._stage = ""
        self._shown = ""
        self._shown_at = 0.0

    def show(self, view: ProductionView) -> None:
        """A line, unless there was one just now."""
        stage = view.state if view.state in SETTLED else view.stage
        line = f"{view.progress:4.0%}  {stage:<10} {output.plain(view.message)}".rstrip()
        recent = time.monotonic() - self._shown_at < _LINE_EVERY_S
        if not stage or line == self._shown or (stage == self._stage and recent):
            return
        self._stage, self._shown, self._shown_at = stage, line, time.monotonic()
        self._console.print(f"[{output.length(time.monotonic() - self._began)}] {line}")

    def note(self, text: str) -> None:
        """A line."""
        self._console.print(text)


class BarDisplay:
    """A bar that redraws itself: stage, share, time taken, time to come; on stderr."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task = progress.add_task("Waiting for a worker", total=1.0, message="")

    def show(self, view: ProductionView) -> None:
        """Redraw."""
        description = (view.stage or view.state).replace("_", " ").capitalize()
        message = output.plain(view.message)
        self._progress.update(self._task, completed=view.progress, description=description, message=message)

    def note(self, text: str) -> None:
        """A line above the bar."""
        self._progress.console.print(text)


@contextmanager
def choose_display(*, silent: bool) -> Iterator[Display]:
    """The display that fits where stderr goes."""
    console = output.console(err=True)
    if silent:
        yield SilentDisplay()
    elif not console.is_terminal:
        yield LineDisplay()
    else:
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f}%"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[message]}", markup=False),
        )
        with Progress(*columns, console=console) as progress:
            yield BarDisplay(progress)


async def follow(resources: Resources, production_id: str, display: Display, interrupts: Interrupts) -> ProductionView:
    """Show a production until it is settled: it ended, waits for an answer, or waits to be sent.

    The first Ctrl-C cancels it and waits for its end.
    """
    cancelled = False
    async with resources.events.subscribe() as events:
        while True:
            view = await resources.productions.get(production_id, user_id=None)
            display.show(view)
            if view.state in SETTLED:
                return view
            if interrupts.stop.is_set() and not cancelled:
                cancelled = True
                await _cancel(resources, production_id, display)
            await events.wait(_POLL_S)


async def _cancel(resources: Resources, production_id: str, display: Display) -> None:
    from ettametta.errors import Conflict

    display.note("Cancelling the video; press Ctrl-C again to leave without waiting.")
    try:
        await resources.productions.cancel(production_id, user_id=None, channel="cli")
    except Conflict:
        display.note("It had just ended.")
