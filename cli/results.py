"""Shows a finished video: where it is, its length, size and dimensions, and what the checks measured."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from pydantic import BaseModel

from cli import output

if TYPE_CHECKING:
    from ettametta.bootstrap import Resources
    from ettametta.productions.values import ProductionView, VideoView


class CheckShown(BaseModel):
    """One check of the stored report."""

    name: str
    ok: bool
    measured: str
    wanted: str = ""


class _Report(BaseModel):
    lines: tuple[CheckShown, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """A finished video on this machine."""

    production: ProductionView
    video: VideoView
    path: Path
    checks: tuple[CheckShown, ...]
    #: what belongs to it, by name: paths here, else keys in the bucket
    files: dict[str, str]

    @property
    def checks_passed(self) -> bool:
        """Whether every check agrees, and there were some."""
        return bool(self.checks) and all(check.ok for check in self.checks)


async def bring(resources: Resources, production: ProductionView, video: VideoView, *, to: Path | None) -> Result:
    """The video as a file here: where storage keeps it, else (or when `to` is given) copied out.

    Raises:
        NotFound: the file is gone.
    """
    here = resources.storage.local_path(video.storage_key) if to is None else None
    path = here or _target(to, video)
    if here is None:
        await resources.storage.fetch_to(video.storage_key, path)
    return Result(production, video, path, _Report.model_validate(video.checks).lines, _files(resources, video))


def _files(resources: Resources, video: VideoView) -> dict[str, str]:
    """Captions, credits, contact sheet and covers, as far as they were made."""
    keys = {
        "captions_srt": video.captions_key,
        "captions_vtt": video.vtt_key,
        "captions_ass": video.ass_key,
        "credits": video.credits_key,
        "contact_sheet": video.contact_sheet_key,
        "cover": video.cover_key,
        **{f"cover_{number}": key for number, key in enumerate(video.cover_keys, 1)},
    }
    return {name: str(resources.storage.local_path(key) or key) for name, key in keys.items() if key}


def _target(to: Path | None, video: VideoView) -> Path:
    return to.expanduser().absolute() if to else Path.cwd() / f"ettametta-{video.id[-12:]}.mp4"


def as_json(result: Result) -> dict[str, Any]:
    """The result for scripts."""
    video = result.video
    return {
        "production_id": result.production.id,
        "state": str(result.production.state),
        "title": result.production.title,
        "path": str(result.path),
        "duration_s": video.duration_s,
        "size_bytes": video.size_bytes,
        "width": video.width,
        "height": video.height,
        "sha256": video.sha256,
        "is_draft": video.is_draft,
        "files": result.files,
        "checks_passed": result.checks_passed,
        "checks": [check.model_dump() for check in result.checks],
    }


def show(result: Result) -> None:
    """The result for people: facts as plain lines, then the checks."""
    video = result.video
    typer.echo(f"Title   {output.plain(result.production.title)}")
    typer.echo(f"File    {result.path}")
    typer.echo(f"Length  {video.duration_s:.2f} s")
    typer.echo(f"Size    {output.size(video.size_bytes)}, {video.width}x{video.height}")
    if video.is_draft:
        typer.echo(f"Draft   `ettametta finish {output.short(result.production.id)}` makes it in full")
    for name in ("captions_srt", "contact_sheet", "cover"):
        if name in result.files:
            typer.echo(f"{name.partition('_')[0].capitalize():<7} {result.files[name]}")
    passed = sum(check.ok for check in result.checks)
    typer.echo(f"Checks  {passed} of {len(result.checks)} passed")
    for check in result.checks:
        verdict = typer.style("ok " if check.ok else "BAD", fg="green" if check.ok else "red")
        typer.echo(f"  {verdict}  {check.name:<24} {check.measured:<26} (wanted: {check.wanted})")
