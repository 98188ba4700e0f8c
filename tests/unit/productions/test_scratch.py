"""A folder that leaves nothing behind."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from ettametta.productions.scratch import scratch


async def test_it_is_gone_afterwards_also_after_an_error(tmp_path: Path) -> None:
    async with scratch(tmp_path / "work") as folder:
        (folder / "file").write_text("x")
    with pytest.raises(RuntimeError):
        async with scratch(tmp_path / "work") as other:
            raise RuntimeError(str(other))
    assert list((tmp_path / "work").iterdir()) == []


async def test_what_a_killed_process_left_is_cleared_and_nothing_else(tmp_path: Path) -> None:
    old, young, others = (tmp_path / name for name in ("scratch-old", "scratch-young", "a-render"))
    for path in (old, young, others):
        path.mkdir()
    for path in (old, others):
        os.utime(path, (time.time() - 4000,) * 2)
    async with scratch(tmp_path):
        assert not old.exists()
        assert young.exists()
        assert others.exists()
