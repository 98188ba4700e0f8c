"""The only module of the domain that starts a process: finds ffmpeg and runs it with limits, progress and cancel.

A child never outlives us: it is killed when its task is cancelled, and on Linux the kernel kills it when our process
dies (PR_SET_PDEATHSIG). Other systems have no such call: there a child whose parent was killed ends with its work, or
at its CPU limit (RLIMIT_CPU).
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import re
import secrets
import shutil
import signal
import sys
import tempfile
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg
import structlog

from ettametta.errors import Bug, ConfigError, EttamettaError, InvalidInput, MissingPart, NoSpace, OperatorError

log = structlog.get_logger()

if sys.platform != "win32":
    import resource

#: What the engine's graphs and outputs need, by ffmpeg's own lists.
NEEDED_FILTERS = (
    "acompressor", "adelay", "aformat", "alimiter", "amix", "apad", "aresample", "ass", "atrim", "boxblur", "color",
    "concat", "crop", "ebur128", "fade", "format", "fps", "highpass", "loop", "lutyuv", "overlay", "scale",
    "setparams", "setpts", "setsar", "settb", "split", "tpad", "trim", "unpremultiply", "volume", "xfade", "zoompan",
)  # fmt: skip
NEEDED_ENCODERS = ("libx264", "aac", "mjpeg")
MIN_VERSION = 5

_TAIL_LINES = 200
_TAIL_LINE_CHARS = 400
_PR_SET_PDEATHSIG = 1
_ENOSPC_EXIT = 228  # -ENOSPC as an exit status
_NO_SPACE = ("No space left on device", "Disk quota exceeded", "File too large")
_BAD_INPUT = (
    "Invalid data found when processing input", "moov atom not found", "could not find codec parameters",
    "Error while decoding", "does not contain any stream", "Picture size", "Nothing was written into output file",
)  # fmt: skip

OnProgress = Callable[["Progress"], Awaitable[None]]
Facts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one run is: `fraction` 0..1, `fps` frames per second, `speed` times real time (0 when not yet known)."""

    fraction: float
    fps: float
    speed: float


@dataclass(frozen=True, slots=True)
class Finished:
    """A run that ended well: the last lines it wrote to stderr, and how long it took."""

    log_lines: tuple[str, ...]
    wall_s: float


@dataclass(frozen=True, slots=True)
class Finding:
    """One line for the doctor."""

    name: str
    ok: bool
    detail: str
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one run may use. `nice` is added to our own niceness."""

    timeout_s: float = 1800
    max_file_bytes: int = 8 * 1024**3
    nice: int = 5


class Ffmpeg:
    """One ffmpeg binary."""

    def __init__(self, binary: Path) -> None:
        self.binary = binary
        self._version = ""

    @classmethod
    def locate(cls, path_setting: str = "") -> Ffmpeg:
        """Find ffmpeg: the setting's, else the wheel's, else the system's.

        Raises:
            ConfigError: the setting names a file that is not an executable program.
            MissingPart: there is none.
        """
        if path_setting:
            found = shutil.which(path_setting)
            if found is None:
                raise ConfigError(
                    f"ETTAMETTA_FFMPEG is {path_setting[:200]}, which is not a program.",
                    hint="Set it to the path of an ffmpeg, or leave it empty.",
                )
            return cls(Path(found))
        with contextlib.suppress(RuntimeError):
            found = shutil.which(imageio_ffmpeg.get_ffmpeg_exe())
            if found:
                return cls(Path(found))
        raise MissingPart(
            "There is no ffmpeg on this machine.", hint="Install the package imageio-ffmpeg, or ffmpeg itself."
        )

    async def version(self) -> str:
        """The first line ffmpeg says of itself; part of what a segment depends on."""
        if not self._version:
            self._version = (await self._ask("-version")).splitlines()[0]
        return self._version

    async def inspect(self) -> list[Finding]:
        """Check version, filters and encoders; one finding each for the doctor, problems with their fix."""
        fix = "Leave ETTAMETTA_FFMPEG empty to use the one from imageio-ffmpeg."
        try:
            version = await self._ask("-version")
            filters = await self._ask("-filters")
            encoders = await self._ask("-encoders")
        except EttamettaError as error:
            return [Finding("ffmpeg", False, error.message, fix)]
        number = re.search(r"version \D?(\d+)[.\d]*", version)
        recent = number is not None and int(number.group(1)) >= MIN_VERSION
        missing = [name for name in NEEDED_FILTERS if not re.search(rf"^\s\S+\s+{name}\s", filters, re.MULTILINE)]
        absent = [name for name in NEEDED_ENCODERS if not re.search(rf"^\s\S+\s+{name}\s", encoders, re.MULTILINE)]
        first = version.splitlines()[0][:80] if version else "no answer"
        return [
            Finding("ffmpeg", recent, first, "" if recent else f"Version {MIN_VERSION} or later is needed. {fix}"),
            Finding("ffmpeg filters", not missing, ", ".join(missing) or "all there", fix if missing else ""),
            Finding("ffmpeg encoders", not absent, ", ".join(absent) or "all there", fix if absent else ""),
        ]

    async def run(
        self,
        argv: Sequence[str],
        *,
        cwd: Path,
        total_s: float = 0.0,
        on_progress: OnProgress | None = None,
        limits: Limits = Limits(),
        fonts_conf: Path | None = None,
        outputs: Sequence[Path] = (),
    ) -> Finished:
        """Run ffmpeg with these arguments (without the program's name) in `cwd` until it ends.

        Args:
            argv: what to do; global options for logs, progress and stdin are added.
            cwd: where relative paths lead.
            total_s: seconds of output to come, for progress.
            on_progress: told at most twice a second.
            limits: time, file size and niceness.
            fonts_conf: the fontconfig file libass shall read instead of the system's.
            outputs: files it makes, removed when it does not end well.

        Raises:
            NoSpace: the disk is full, or the output is larger than it may be.
            InvalidInput: an input cannot be decoded.
            OperatorError: it took longer than it may.
            Bug: ffmpeg failed for another reason; the reference is in the log.
        """
        command = [
            str(self.binary), "-hide_banner", "-nostdin", "-nostats", "-loglevel", "level+info",
            "-progress", "pipe:1", "-y", *argv,
        ]  # fmt: skip
        began = time.monotonic()
        tail: deque[str] = deque(maxlen=_TAIL_LINES)
        process: asyncio.subprocess.Process | None = None
        try:
            process = await self._start(command, cwd, limits, fonts_conf)
            await _attend(process, tail, limits.timeout_s, lambda facts: _tell(on_progress, facts, total_s))
            _check_status(process.returncode or 0, tail, command)
        except BaseException:
            try:
                if process is not None:  # when it was cancelled while starting, asyncio has killed it
                    await _kill(process)
            finally:
                for path in outputs:
                    path.unlink(missing_ok=True)
            raise
        return Finished(tuple(tail), time.monotonic() - began)

    async def _start(
        self, command: Sequence[str], cwd: Path, limits: Limits, fonts_conf: Path | None
    ) -> asyncio.subprocess.Process:
        try:
            return await asyncio.create_subprocess_exec(
                *command,
                cwd=cwd,
                env=_environment(fonts_conf),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                limit=1024 * 1024,
                start_new_session=True,
                preexec_fn=_child_set_up(limits) if sys.platform != "win32" else None,
            )
        except FileNotFoundError as error:
            raise MissingPart(f"{self.binary} cannot be started.", hint="Check ETTAMETTA_FFMPEG.") from error
        except PermissionError as error:
            raise MissingPart(f"{self.binary} may not be executed.", hint="Make it executable: chmod +x.") from error

    async def _ask(self, question: str) -> str:
        process = await self._start(
            [str(self.binary), "-hide_banner", question], Path(tempfile.gettempdir()), Limits(), None
        )
        try:
            async with asyncio.timeout(20):
                answer, _ = await process.communicate()
        except TimeoutError:
            raise MissingPart(f"{self.binary} does not answer.", hint="Check ETTAMETTA_FFMPEG.") from None
        finally:
            await _kill(process)
        return answer.decode("utf-8", "replace")


def _environment(fonts_conf: Path | None) -> Mapping[str, str]:
    """As little as a program needs: no secrets, no home."""
    keep = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "TZ")
    given = {name: os.environ[name] for name in keep if name in os.environ}
    fonts = {"FONTCONFIG_FILE": str(fonts_conf)} if fonts_conf else {}
    return {**given, **fonts, "HOME": tempfile.gettempdir(), "LC_ALL": "C.UTF-8", "AV_LOG_FORCE_NOCOLOR": "1"}


def _child_set_up(limits: Limits) -> Callable[[], None]:
    """What the child does between fork and exec: everything it calls is looked up before the fork."""
    parent = os.getpid()
    cpu_s = int(limits.timeout_s * (os.cpu_count() or 1)) + 10
    prctl = ctypes.CDLL(None, use_errno=True).prctl if sys.platform == "linux" else None

    def set_up() -> None:
        if prctl is not None:
            prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
            if os.getppid() != parent:  # the parent died before the call
                os._exit(1)
        os.nice(limits.nice)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limits.max_file_bytes, limits.max_file_bytes))
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    return set_up


async def _attend(
    process: asyncio.subprocess.Process, tail: deque[str], timeout_s: float, tell: Callable[[Facts], Awaitable[None]]
) -> None:
    """Read both pipes until the child ends."""
    try:
        async with asyncio.timeout(timeout_s):
            await asyncio.gather(_read_tail(process, tail), _read_progress(process, tell), process.wait())
    except TimeoutError:
        raise OperatorError(
            f"Rendering took longer than {timeout_s:.0f} seconds and was stopped.",
            hint="Make a shorter video, or use a faster machine or preset (ETTAMETTA_VIDEO_PRESET).",
            code="video.timeout",
        ) from None


async def _read_tail(process: asyncio.subprocess.Process, tail: deque[str]) -> None:
    assert process.stderr is not None  # noqa: S101 - asked for as a pipe
    async for line in _lines(process.stderr):
        tail.append(line[:_TAIL_LINE_CHARS])


async def _read_progress(process: asyncio.subprocess.Process, tell: Callable[[Facts], Awaitable[None]]) -> None:
    assert process.stdout is not None  # noqa: S101 - asked for as a pipe
    facts: dict[str, str] = {}
    async for line in _lines(process.stdout):
        name, _, value = line.partition("=")
        facts[name.strip()] = value.strip()
        if name == "progress":
            await tell(facts)


async def _tell(on_progress: OnProgress | None, facts: Facts, total_s: float) -> None:
    if on_progress is not None:
        await on_progress(_progress(facts, total_s))


async def _lines(stream: asyncio.StreamReader) -> AsyncIterator[str]:
    """Lines of any length: one that does not end is cut, never an error."""
    rest = b""
    while chunk := await stream.read(64 * 1024):
        *whole, rest = (rest + chunk).replace(b"\r", b"\n").split(b"\n")
        for line in whole:
            yield line.decode("utf-8", "replace")
        rest = rest[:_TAIL_LINE_CHARS]
    if rest:
        yield rest.decode("utf-8", "replace")


def _progress(facts: Facts, total_s: float) -> Progress:
    done_s = _number(facts.get("out_time_us", "")) / 1e6
    reached = min(1.0, max(0.0, done_s / total_s)) if total_s > 0 else 0.0
    fraction = 1.0 if facts.get("progress") == "end" else reached
    return Progress(fraction, _number(facts.get("fps", "")), _number(facts.get("speed", "").rstrip("x")))


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:  # "N/A" until the first frame is out
        return 0.0


async def _kill(process: asyncio.subprocess.Process) -> None:
    """Kill the child with all it started and wait until it is gone, however often we are cancelled meanwhile."""
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
    ending = asyncio.ensure_future(process.wait())
    cancelled = False
    while not ending.done():
        try:
            await asyncio.shield(ending)
        except asyncio.CancelledError:
            cancelled = True
    if cancelled:
        raise asyncio.CancelledError


def _check_status(status: int, tail: Sequence[str], command: Sequence[str]) -> None:
    if status:
        raise _failure(status, tail, command)


def _failure(status: int, tail: Sequence[str], command: Sequence[str]) -> EttamettaError:
    text = "\n".join(tail)
    if -status == getattr(signal, "SIGXFSZ", -1):
        return NoSpace("The video grew larger than a file may be here.", hint="Make a shorter video.")
    if status == _ENOSPC_EXIT or any(mark in text for mark in _NO_SPACE):
        return NoSpace(
            "The disk is full, so the video could not be written.",
            hint="Free some space where ETTAMETTA_DATA_DIR is, then try again.",
        )
    if any(mark in text for mark in _BAD_INPUT):
        return InvalidInput(
            "A picture, clip or sound could not be read.",
            hint="Send it again, or convert it to JPEG, MP4 (H.264) or WAV.",
            code="video.unreadable",
        )
    reference = secrets.token_hex(4)
    log.error("ffmpeg.failed", reference=reference, status=status, command=list(command), tail=list(tail))
    return Bug(
        f"The video engine failed (reference {reference}).", hint="Please report it with the log's lines around it."
    )
