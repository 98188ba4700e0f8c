"""`ettametta doctor`: looks at every part of the installation, one line each, with the fix."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from cli import output
from cli.context import AsJson, DataDir, read_settings, run_async

if TYPE_CHECKING:
    from cli.checks.finding import Check, Finding
    from ettametta.settings import Settings

_COLOURS = {"ok": "green", "warn": "yellow", "bad": "red"}


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(doctor)


def doctor(*, as_json: AsJson = False, data_dir: DataDir = None) -> None:
    """Look at database, files, ffmpeg, fonts, voice, keys, disk and clock; exit code 1 when something is bad."""
    settings = read_settings(data_dir)
    findings = run_async(examine(settings, show=None if as_json else _show))
    is_well = all(finding.ok != "bad" for finding in findings)
    if as_json:
        output.print_json({"ok": is_well, "findings": [asdict(finding) for finding in findings]})
    else:
        bad, warnings = (sum(finding.ok == verdict for finding in findings) for verdict in ("bad", "warn"))
        typer.echo(f"{len(findings)} looked at, {bad} bad, {warnings} could be better.")
    raise typer.Exit(0 if is_well else 1)


async def examine(settings: Settings, *, show: Callable[[Finding], None] | None = None) -> list[Finding]:
    """All findings, in order; each is shown as it comes."""
    from cli.checks.finding import look

    findings: list[Finding] = []
    for name, check in _checks().items():
        for finding in await look(name, check, settings):
            findings.append(finding)
            if show is not None:
                show(finding)
    return findings


def _checks() -> dict[str, Check]:
    from cli.checks import machine, services, state

    return {
        "python": machine.python,
        "data folder": machine.data_folder,
        "disk": machine.disk,
        "database": state.database,
        "sqlite": state.sqlite,
        "redis": state.redis,
        "storage": state.storage,
        "ffmpeg": machine.ffmpeg,
        "fonts": machine.fonts,
        "voice": machine.voice,
        "pictures": services.pictures,
        "sources": services.sources,
        "model": services.model,
        "telegram": services.telegram,
        "clock": state.clock,
        "time zone": machine.time_zone,
    }


def _show(finding: Finding) -> None:
    verdict = typer.style(f"{finding.ok:<4}", fg=_COLOURS[finding.ok])
    fix = f"  Fix: {finding.fix}" if finding.fix else ""
    typer.echo(f"{verdict}  {finding.name:<16} {finding.detail}{fix}")
