"""How the terminal looks: every event of a chat drawn with rich. Loaded only where something is shown."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape

from agent.runtime.values import Answer, Choice, TextDelta, ToolFinished, ToolStarted
from agent.terminal_events import Delivered, Failed, Progress, Said, TerminalEvent

#: A production's progress is printed again when it has grown by this much, or at another stage.
_STEP = 0.1


class RichScreen:
    """Prints events as lines, so that they never tear the line a person is typing apart."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False)
        self._printed: dict[str, tuple[str, str, int]] = {}
        self._is_streaming = False

    def show(self, event: TerminalEvent) -> None:
        """Draw one event."""
        if isinstance(event, TextDelta):
            self._console.print(event.text, end="", style="dim", markup=False)
            self._is_streaming = True
            return
        self._end_stream()
        match event:
            case Answer(text=text, choices=choices) | Said(text=text, choices=choices):
                self._say(text, choices)
            case ToolStarted(label=label):
                self._console.print(f"[dim]… {escape(label)}[/]")
            case ToolFinished(ok=False, summary=summary):
                self._console.print(f"[yellow]! {escape(summary)}[/]")
            case Progress():
                self._progress(event)
            case Failed():
                self._failed(event)
            case Delivered():
                self._delivered(event)
            case _:
                return

    def _end_stream(self) -> None:
        if self._is_streaming:
            self._console.print()
            self._is_streaming = False

    def _say(self, text: str, choices: tuple[Choice, ...]) -> None:
        self._console.print(f"[bold cyan]OpenClaw[/] {escape(text)}")
        for number, choice in enumerate(choices, 1):
            self._console.print(f"  [bold]{number}[/] {escape(choice.label)}")

    def _progress(self, event: Progress) -> None:
        now = (event.state, event.stage, int(event.fraction / _STEP))
        if self._printed.get(event.production_id) == now:
            return
        self._printed[event.production_id] = now
        what = event.message or event.stage or event.state
        self._console.print(f"[dim]{event.fraction:4.0%} {escape(event.title[:60])}: {escape(what)}[/]")

    def _failed(self, event: Failed) -> None:
        self._console.print(f"[bold red]{escape(event.title)}[/] {escape(f'{event.message} {event.hint}'.strip())}")
        for number, choice in enumerate(event.choices, 1):
            self._console.print(f"  [bold]{number}[/] {escape(choice.label)}")

    def _delivered(self, event: Delivered) -> None:
        video = event.production.video
        facts = (
            f"{video.duration_s:.1f} s, {video.width}x{video.height}, {video.size_bytes / 1e6:.1f} MB" if video else ""
        )
        self._console.print(f"[bold green]{escape(event.production.title)}[/] is ready: {facts}")
        self._console.print(f"  {escape(str(event.path))}", soft_wrap=True)
