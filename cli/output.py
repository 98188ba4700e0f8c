"""How things are shown: sizes, times, ids and tables for people, JSON for scripts."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

_SHORT_ID = 12


def console(*, err: bool = False) -> Console:
    """A console on the present stdout or stderr; markup in what is shown is not interpreted."""
    from rich.console import Console

    return Console(stderr=err, markup=False, highlight=False, emoji=False, soft_wrap=not sys.stdout.isatty())


def marked_console() -> Console:
    """A console on stdout that draws markup; elsewhere than on a terminal, lines are not broken."""
    from rich.console import Console

    return Console(highlight=False, soft_wrap=not sys.stdout.isatty())


def print_json(data: Any) -> None:
    """One JSON value on stdout; moments become ISO 8601."""
    typer.echo(json.dumps(data, ensure_ascii=False, default=_plain, indent=2))


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def table(*headings: str) -> Table:
    """An empty table."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    made = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        made.add_column(heading, overflow="fold")
    return made


def short(identifier: str) -> str:
    """The beginning of an id: enough to name it."""
    return identifier[:_SHORT_ID]


def size(size_bytes: int) -> str:
    """A length in bytes for people (1 kB is 1000 bytes)."""
    amount = float(size_bytes)
    for unit in ("bytes", "kB", "MB", "GB"):
        if amount < 1000 or unit == "GB":
            return f"{amount:.0f} bytes" if unit == "bytes" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{size_bytes} bytes"


def length(seconds: float) -> str:
    """A duration: 0:31.4."""
    minutes, rest = divmod(round(seconds, 1), 60)
    return f"{minutes:.0f}:{rest:04.1f}"


def moment(at: datetime | None) -> str:
    """A moment in this machine's zone."""
    return "-" if at is None else at.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def plain(text: str) -> str:
    """Text from outside on one line, without control characters that a terminal would obey."""
    from ettametta.kit.text import clean

    return clean(text)


def plain_lines(text: str) -> str:
    """Text from outside on its own lines, without control characters that a terminal would obey."""
    return "\n".join(f"{' ' * (len(line) - len(line.lstrip(' ')))}{plain(line)}" for line in text.split("\n"))
