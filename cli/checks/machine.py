"""This machine: Python, ffmpeg, fonts, voice, disk, time zone."""

from __future__ import annotations

import asyncio
import platform
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

from cli.checks.finding import Finding, Verdict
from cli.output import size

if TYPE_CHECKING:
    from ettametta.settings import Settings
    from ettametta.video.ffmpeg import Ffmpeg
    from ettametta.video.lettering.fonts import Fonts, Role

LOW_DISK_BYTES = 2_000_000_000
_FULL_DISK_BYTES = 200_000_000


async def python(_settings: Settings) -> list[Finding]:
    """The interpreter. An older one would not have come this far."""
    return [Finding("python", "ok", f"{platform.python_version()} on {platform.system()} {platform.machine()}")]


async def ffmpeg(settings: Settings) -> list[Finding]:
    """Version, filters and encoders, and which of these makes the pictures."""
    from ettametta.video.ffmpeg import Ffmpeg

    located = Ffmpeg.locate(settings.ffmpeg)
    found = await located.inspect()
    lines = [Finding(line.name, "ok" if line.ok else "bad", line.detail, line.fix) for line in found]
    return [*lines, await _encoder(located, settings)] if all(line.ok for line in found) else lines


async def _encoder(located: Ffmpeg, settings: Settings) -> Finding:
    """The encoder, and why it is not the one that was asked for."""
    from ettametta.video.encoders import HARDWARE, choose_encoder, may_be_here, prove

    chosen = await choose_encoder(located, settings.video_encoder)
    if settings.video_encoder not in {"auto", chosen}:
        fault = await prove(located, settings.video_encoder)
        fix = "Set ETTAMETTA_VIDEO_ENCODER to auto, or install the hardware's driver."
        return Finding("encoder", "warn", f"{chosen}, for {settings.video_encoder} cannot be used: {fault}.", fix)
    tried = [coder.name for coder in HARDWARE if may_be_here(coder)]
    return Finding("encoder", "ok", f"{chosen} (hardware tried: {', '.join(tried) or 'none is here'})")


async def fonts(_settings: Settings) -> list[Finding]:
    """The fonts every video needs, and those for other scripts."""
    from ettametta.video.lettering.fonts import Fonts, Role

    located = Fonts.locate()
    probes = {"Latin": "Aé", "Arabic": "س", "Devanagari": "क", "Hebrew": "א", "Thai": "ก"}
    missing = [script for script, text in probes.items() if not _covers(located, text, Role.TEXT)]
    if missing:
        fix = "Install the package manimgx-fonts."
        return [Finding("fonts", "warn", f"No font for: {', '.join(missing)}.", fix)]
    return [Finding("fonts", "ok", f"Latin, {', '.join(list(probes)[1:])} and more")]


def _covers(located: Fonts, text: str, role: Role) -> bool:
    from ettametta.errors import MissingPart

    try:
        return bool(located.runs(text, role))
    except MissingPart:
        return False


async def voice(settings: Settings) -> list[Finding]:
    """The voice that narrates: the offline one says a word; the API's key is only looked for, since asking costs."""
    if settings.speech == "openai":
        return [_api_voice(settings)]
    from ettametta.providers.speech import build_speech
    from ettametta.providers.speech.base import SpeechRequest

    speech = build_speech("hibari")
    try:
        if not speech.facts.voices:
            return [Finding("voice", "bad", "The offline voice has no model.", "Install the package hibari-tts again.")]
        began = time.monotonic()
        spoken = await speech.speak(SpeechRequest("Everything is ready.", "en"))
    finally:
        await speech.close()
    languages = ", ".join(speech.facts.languages)
    took = f"{spoken.duration_s:.1f} s spoken in {time.monotonic() - began:.1f} s"
    return [Finding("voice", "ok", f"offline ({speech.facts.name}), languages: {languages}; {took}")]


def _api_voice(settings: Settings) -> Finding:
    if settings.openai_api_key is None and "api.openai.com" in settings.openai_base_url:
        return Finding(
            "voice", "bad", "There is no key for the speech API.", "Set OPENAI_API_KEY, or ETTAMETTA_SPEECH=auto."
        )
    return Finding("voice", "ok", f"{settings.speech_model} by API (not asked: it costs)")


async def disk(settings: Settings) -> list[Finding]:
    """Room for files."""
    folder = settings.data_dir
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    verdict: Verdict = "bad" if free < _FULL_DISK_BYTES else "warn" if free < LOW_DISK_BYTES else "ok"
    fix = (
        ""
        if verdict == "ok"
        else f"Free some space there, or move ETTAMETTA_DATA_DIR; {size(LOW_DISK_BYTES)} is a good reserve."
    )
    return [Finding("disk", verdict, f"{size(free)} free in {settings.data_dir}", fix)]


async def time_zone(_settings: Settings) -> list[Finding]:
    """The machine's zone, and that zones of people can be looked up."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    here = time.strftime("%Z (UTC%z)")
    try:
        ZoneInfo("Europe/Berlin")
    except ZoneInfoNotFoundError:
        return [Finding("time zone", "warn", f"{here}; no zone data on this machine", "Install the package tzdata.")]
    return [Finding("time zone", "ok", here)]


async def data_folder(settings: Settings) -> list[Finding]:
    """Whether the data folder is ours to write."""
    await asyncio.to_thread(_write_and_remove, settings.data_dir)
    return [Finding("data folder", "ok", str(settings.data_dir))]


def _write_and_remove(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    probe = folder / ".doctor"
    probe.write_bytes(b"ok")
    probe.unlink()
