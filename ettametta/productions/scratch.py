"""A folder for a moment's work, that is gone afterwards, also when an earlier process was killed in the middle."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import mkdtemp

_PREFIX = "scratch-"
#: Nothing here takes nearly so long: what is older was left by a process that was killed.
_LEFT_AFTER_S = 3600.0


@asynccontextmanager
async def scratch(work_dir: Path) -> AsyncIterator[Path]:
    """An empty folder inside `work_dir`."""
    folder = await asyncio.to_thread(_make, work_dir)
    try:
        yield folder
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


def _make(work_dir: Path) -> Path:
    work_dir.mkdir(parents=True, exist_ok=True)
    for left in work_dir.glob(f"{_PREFIX}*"):
        if _age_s(left) > _LEFT_AFTER_S:
            shutil.rmtree(left, ignore_errors=True)
    return Path(mkdtemp(dir=work_dir, prefix=_PREFIX))


def _age_s(path: Path) -> float:
    try:
        return time.time() - path.stat().st_mtime
    except OSError:  # another process was faster
        return 0.0
