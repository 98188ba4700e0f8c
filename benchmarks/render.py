"""What a render costs beside the bare encoding of its frames: `python -m benchmarks.render [--preset medium]`.

(a) is x264 alone on the frames our graphs compose, read from a raw file (the reading itself is measured and taken off);
it is 1.00. (b) is our full render from an empty cache to the checked file; (c) the same after one scene of eight was
edited, its narration kept or spoken anew; (d) a draft; (e) MoviePy with the same pictures, captions and sound, in one
pass with our preset and in the three stages of a well-known studio (`benchmarks/peers/`). Every variant runs in a
process of its own; CPU is user and system time of it and of all its children, from the call of the renderer on. Memory
is the largest sum over the process and its children, looked at twenty times a second: PSS (what processes share is
counted once; Linux only) and RSS (counted in each). SSIM is that of the file against the composed frames. (f) is what a
finished video's contact sheet and covers cost, which a production makes after its render.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import json
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.memory import watched
from benchmarks.peers.job import PEERS_PYTHON, write_job
from benchmarks.render_inputs import FPS, HEIGHT, WIDTH, Inputs, edited, make_inputs, respoken
from ettametta.video.commands import EncoderSettings
from ettametta.video.ffmpeg import Ffmpeg, Finished
from ettametta.video.lettering.fonts import Fonts
from ettametta.video.planner import plan_timeline
from ettametta.video.previews.previews import make_previews
from ettametta.video.render import RenderedVideo, Renderer, RenderInput

_BENCH = re.compile(r"bench: utime=([\d.]+)s stime=([\d.]+)s")
_KINDS = (
    (r"scene-\d+\.mp4$", "segments"), (r"join-\d+\.mp4$", "joins"), (r"voice|sound|loud|\.m4a|\.wav", "sound"),
    (r"video\.mp4$", "joining"), (r"\.jpg$", "stills"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Settings:
    """What all variants share."""

    folder: Path
    encoder: EncoderSettings
    parallel: int
    scenes: int = 8


class CountedFfmpeg(Ffmpeg):
    """Adds up what each kind of run costs, by ffmpeg's own account."""

    def __init__(self, binary: Path) -> None:
        super().__init__(binary)
        self.cpu_s: dict[str, float] = defaultdict(float)
        self.runs: dict[str, int] = defaultdict(int)

    async def run(self, argv: Sequence[str], **options: Any) -> Finished:
        """Run, and note user and system seconds under the kind of thing that is made."""
        finished = await super().run(["-benchmark", *argv], **options)
        found = _BENCH.findall("\n".join(finished.log_lines))
        kind = self.kind_of(argv)
        self.runs[kind] += 1
        self.cpu_s[kind] += sum(float(part) for part in found[-1]) if found else 0.0
        return finished

    @staticmethod
    def kind_of(argv: Sequence[str]) -> str:
        """What a run makes, by the file it writes."""
        text = " ".join(argv)
        name = "sound" if "ebur128" in text else Path(argv[-1]).name
        return next((kind for pattern, kind in _KINDS if re.search(pattern, name)), "other")


class KeepingFfmpeg(Ffmpeg):
    """Encodes nothing: writes the composed frames of each scene to a raw file instead."""

    def __init__(self, binary: Path, folder: Path) -> None:
        super().__init__(binary)
        self._folder = folder

    async def run(self, argv: Sequence[str], **options: Any) -> Finished:
        """Run as asked, and segments a second time with the encoder taken out."""
        if CountedFfmpeg.kind_of(argv) in {"segments", "joins"}:
            raw = [*_without_encoder(argv), "-c:v", "rawvideo", "-f", "rawvideo"]
            raw.append(str(self._folder / f"{Path(argv[-1]).stem}.yuv"))
            await super().run(raw, **{**options, "outputs": ()})
        return await super().run(argv, **options)


def _without_encoder(argv: Sequence[str]) -> list[str]:
    at = list(argv).index("-c:v")
    frames = list(argv).index("-frames:v")
    return [*argv[:at], *(argv[frames : frames + 2] if frames > at else [])]


class FolderCache:
    """A SegmentCache in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    async def fetch(self, key: str, to_path: Path) -> bool:
        """Copy a segment out."""
        if not (self._folder / key).exists():
            return False
        shutil.copyfile(self._folder / key, to_path)
        return True

    async def store(self, key: str, path: Path) -> None:
        """Copy a segment in."""
        shutil.copyfile(path, self._folder / key)


# -- the variants, each run in a process of its own ------------------------------------------------------------------


async def compose(settings: Settings) -> dict[str, Any]:
    """The frames of the whole video as one raw file (not measured)."""
    raw = settings.folder / "raw"
    shutil.rmtree(raw, ignore_errors=True)
    raw.mkdir(parents=True)
    ffmpeg = KeepingFfmpeg(Ffmpeg.locate().binary, raw)
    job = _job(make_inputs(settings.folder / "inputs", settings.scenes))
    await _render(ffmpeg, dataclasses.replace(settings, encoder=EncoderSettings("ultrafast", 30)), job, "compose")
    with (settings.folder / "frames.yuv").open("wb") as whole:
        for part in _in_order(raw):
            with part.open("rb") as file:
                shutil.copyfileobj(file, whole, 16 * 1024**2)
            part.unlink()
    return {"frames": (settings.folder / "frames.yuv").stat().st_size // (WIDTH * HEIGHT * 3 // 2)}


def _in_order(raw: Path) -> list[Path]:
    """Bodies and joins as they follow one another: a join stands before the body of the scene it leads into."""
    return sorted(raw.glob("*.yuv"), key=lambda path: (path.stem.split("-")[1], path.stem.startswith("scene")))


async def reading(settings: Settings) -> dict[str, Any]:
    """Reading the raw file and doing nothing with it."""
    return _measured_run([*_raw_input(settings), "-f", "null", "-"])


async def encoding(settings: Settings) -> dict[str, Any]:
    """(a): x264 alone."""
    out, encoder = settings.folder / "pure.mp4", settings.encoder
    x264 = [
        "-c:v", "libx264", "-preset", encoder.preset, "-crf", str(encoder.crf), "-profile:v", "high", "-threads",
        str(encoder.threads), "-g", str(2 * FPS), "-x264-params", "aq-mode=3:8x8dct=1", str(out),
    ]  # fmt: skip
    return {**_measured_run([*_raw_input(settings), *x264]), "bytes": out.stat().st_size}


async def full(settings: Settings) -> dict[str, Any]:
    """(b): from nothing to the checked file."""
    shutil.rmtree(settings.folder / "cache", ignore_errors=True)
    return await _measured_render(settings, _job(make_inputs(settings.folder / "inputs", settings.scenes)), "full")


async def edit_kept(settings: Settings) -> dict[str, Any]:
    """(c): one card says something else, the voice is the same."""
    inputs = make_inputs(settings.folder / "inputs", settings.scenes)
    job = RenderInput(edited(inputs.storyboard), inputs.narration, inputs.assets)
    return await _measured_render(settings, job, "edit", throwaway=True)


async def edit_redone(settings: Settings) -> dict[str, Any]:
    """(c): one card says something else and is spoken anew."""
    inputs = make_inputs(settings.folder / "inputs", settings.scenes)
    job = RenderInput(edited(inputs.storyboard), respoken(inputs, settings.folder / "inputs"), inputs.assets)
    return await _measured_render(settings, job, "respoken", throwaway=True)


async def draft(settings: Settings) -> dict[str, Any]:
    """(d): the whole video at 480 pixels, from nothing."""
    shutil.rmtree(settings.folder / "cache-draft", ignore_errors=True)
    job = _job(make_inputs(settings.folder / "inputs", settings.scenes))
    return await _measured_render(settings, job, "draft", draft=True)


async def previews(settings: Settings) -> dict[str, Any]:
    """(f): contact sheet and covers of the finished video."""
    job = _job(make_inputs(settings.folder / "inputs", settings.scenes))
    timeline = plan_timeline(job.storyboard, job.narration)
    folder = settings.folder / "work-previews"
    folder.mkdir(exist_ok=True)
    video, fonts = settings.folder / "work-full" / "video.mp4", Fonts.locate()
    began, before = time.perf_counter(), cpu_s()
    make_previews(video, job.storyboard, timeline, job.assets, fonts, folder)
    return {"cpu_s": cpu_s() - before, "wall_s": time.perf_counter() - began}


async def moviepy_one_pass(settings: Settings) -> dict[str, Any]:
    """(e): one composite, encoded once with our preset."""
    return _peer("one_pass", settings)


async def moviepy_three_stages(settings: Settings) -> dict[str, Any]:
    """(e): clips, their concatenation and the captions, each encoded at its defaults."""
    return _peer("three_stages", settings)


def _peer(form: str, settings: Settings) -> dict[str, Any]:
    inputs = make_inputs(settings.folder / "inputs", settings.scenes)
    job = write_job(
        inputs,
        settings.folder / "frames.yuv",
        settings.folder / "work-full" / "video.mp4",
        settings.folder / f"peer-{form}",
        preset=settings.encoder.preset,
        crf=settings.encoder.crf,
    )
    out = job.with_name("out.mp4")
    script = Path(__file__).with_name("peers") / "moviepy_forms.py"
    began, before = time.perf_counter(), cpu_s()
    subprocess.run([str(PEERS_PYTHON), str(script), form, str(job), str(out)], check=True)
    return {"cpu_s": cpu_s() - before, "wall_s": time.perf_counter() - began, "bytes": out.stat().st_size}


Variant = Callable[[Settings], Coroutine[Any, Any, dict[str, Any]]]
VARIANTS: dict[str, Variant] = {
    "compose": compose, "reading": reading, "encoding": encoding, "full": full, "edit_kept": edit_kept,
    "edit_redone": edit_redone, "draft": draft, "previews": previews,
    "moviepy_one_pass": moviepy_one_pass, "moviepy_three_stages": moviepy_three_stages,
}  # fmt: skip


def _job(inputs: Inputs) -> RenderInput:
    return RenderInput(inputs.storyboard, inputs.narration, inputs.assets)


def _raw_input(settings: Settings) -> list[str]:
    raw = str(settings.folder / "frames.yuv")
    return ["-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", f"{WIDTH}x{HEIGHT}", "-framerate", str(FPS), "-i", raw]


def _measured_run(argv: list[str]) -> dict[str, Any]:
    began, before = time.perf_counter(), cpu_s()
    subprocess.run([str(Ffmpeg.locate().binary), "-v", "error", "-y", *argv], check=True)
    return {"cpu_s": cpu_s() - before, "wall_s": time.perf_counter() - began}


async def _measured_render(
    settings: Settings, job: RenderInput, name: str, *, throwaway: bool = False, draft: bool = False
) -> dict[str, Any]:
    ffmpeg = CountedFfmpeg(Ffmpeg.locate().binary)
    if throwaway:  # the variants after an edit each start from the full render's cache
        shutil.rmtree(settings.folder / "cache-edit", ignore_errors=True)
        shutil.copytree(settings.folder / "cache", settings.folder / "cache-edit")
    fonts = Fonts.locate()
    began, before, own = time.perf_counter(), cpu_s(), time.process_time()
    cache = "cache-edit" if throwaway else "cache-draft" if draft else "cache"
    made = await _render(ffmpeg, settings, job, name, fonts, cache, draft=draft)
    spent, python_s = cpu_s() - before, time.process_time() - own
    wall_s = time.perf_counter() - began
    stages = {"python": python_s, **ffmpeg.cpu_s}
    stages["starting processes"] = spent - sum(stages.values())
    return {
        "cpu_s": spent, "wall_s": wall_s, "bytes": made.size_bytes, "stages": stages, "runs": dict(ffmpeg.runs),
        "encoded": made.segments_encoded, "joins": made.joins_encoded,
        "failed": [line.name for line in made.checks.failed],
    }  # fmt: skip


async def _render(
    ffmpeg: Ffmpeg,
    settings: Settings,
    job: RenderInput,
    name: str,
    fonts: Fonts | None = None,
    cache: str = "",
    *,
    draft: bool = False,
) -> RenderedVideo:
    renderer = Renderer(ffmpeg, settings.encoder, fonts or Fonts.locate(), parallel=settings.parallel)
    workdir = settings.folder / f"work-{name}"
    shutil.rmtree(workdir, ignore_errors=True)

    async def ignore(_fraction: float, _doing: str) -> None:
        return None

    kept = FolderCache(settings.folder / (cache or f"cache-{name}"))
    return await renderer.render(job, workdir, cache=kept, on_progress=ignore, draft=draft)


def cpu_s() -> float:
    """User and system seconds of this process and of all its children that have ended."""
    whos = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(used.ru_utime + used.ru_stime for used in whos)


# -- running them and telling ----------------------------------------------------------------------------------------


def run_variant(name: str, settings: Settings) -> dict[str, Any]:
    """Run one variant in a fresh process and add its peak memory in bytes, and for what encodes all frames SSIM."""
    encoder = settings.encoder
    argv = [
        sys.executable, "-m", "benchmarks.render", "--only", name, "--folder", str(settings.folder), "--preset",
        encoder.preset, "--crf", str(encoder.crf), "--threads", str(encoder.threads), "--parallel",
        str(settings.parallel), "--scenes", str(settings.scenes),
    ]  # fmt: skip
    result = watched(argv)
    files = {"encoding": settings.folder / "pure.mp4", "full": settings.folder / "work-full" / "video.mp4"}
    return {**result, "ssim": similarity(settings, files[name])} if name in files else result


def similarity(settings: Settings, video: Path) -> float:
    """SSIM of a file's pictures against the composed frames."""
    graph = "[0:v]settb=1/AVTB,setpts=N[a];[1:v]settb=1/AVTB,setpts=N[b];[a][b]ssim"
    argv = [str(Ffmpeg.locate().binary), *_raw_input(settings), "-i", str(video), "-lavfi", graph, "-f", "null", "-"]
    told = subprocess.run(argv, check=True, capture_output=True, text=True).stderr
    return float(re.findall(r"All:([\d.]+)", told)[-1])


def table(results: dict[str, dict[str, Any]]) -> str:
    """The figures as Markdown."""
    unit = results["encoding"]["cpu_s"] - results["reading"]["cpu_s"]
    whole = results.get("full", results["encoding"])["cpu_s"]
    rows = [
        "| | CPU s | x264 = 1.00 | of a full render | wall s | PSS MB | RSS MB | MB | SSIM |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name, result in results.items():
        if name in {"compose", "reading"}:
            continue
        spent = unit if name == "encoding" else result["cpu_s"]
        rows.append(
            f"| {name} | {spent:.2f} | {spent / unit:.3f} | {spent / whole:.1%} | {result['wall_s']:.1f} | "
            f"{result['pss'] / 1e6:.0f} | {result['rss'] / 1e6:.0f} | {result.get('bytes', 0) / 1e6:.2f} | "
            f"{result.get('ssim', '')} |"
        )
    return "\n".join(rows)


def stages(results: dict[str, dict[str, Any]]) -> str:
    """Where the time of each render went, in CPU seconds."""
    lines = []
    for name, result in results.items():
        if "stages" in result:
            parts = ", ".join(f"{kind} {spent:.2f}" for kind, spent in result["stages"].items())
            lines.append(f"{name}: {parts}; runs {result['runs']}; encoded {result['encoded']}; {result['failed']}")
    return "\n".join(lines)


def _wanted(*, peers: bool) -> list[str]:
    """The variants to run: MoviePy's need its environment."""
    if peers and not PEERS_PYTHON.exists():
        print(f"MoviePy's rows are left out: there is no {PEERS_PYTHON} (make .venv-peers/.stamp).")
    with_peers = peers and PEERS_PYTHON.exists()
    return [name for name in VARIANTS if with_peers or not name.startswith("moviepy")]


def main() -> None:
    """Run every variant, or print one as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--preset", default="veryfast")
    parser.add_argument("--crf", type=int, default=20)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--parallel", type=int, default=2)
    parser.add_argument("--scenes", type=int, default=8, help="how many of the eight scenes")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--no-peers", action="store_true", help="leave MoviePy's rows out")
    parser.add_argument("--only", choices=VARIANTS)
    chosen = parser.parse_args()
    folder = chosen.folder or Path(tempfile.mkdtemp(prefix="ettametta-bench-"))
    settings = Settings(
        folder, EncoderSettings(chosen.preset, chosen.crf, chosen.threads), chosen.parallel, chosen.scenes
    )
    if chosen.only:
        print(json.dumps(asyncio.run(VARIANTS[chosen.only](settings))))
        return
    try:
        results = {name: run_variant(name, settings) for name in _wanted(peers=not chosen.no_peers)}
    finally:
        if not chosen.folder:
            shutil.rmtree(folder, ignore_errors=True)
    print(table(results))
    print(stages(results))


if __name__ == "__main__":
    main()
