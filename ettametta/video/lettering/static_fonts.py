"""Static copies of variable fonts: libass shows a variable font at its lightest default only.

A copy is made once, at the weight wanted, and kept in a folder under the hash of its source.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from functools import lru_cache
from pathlib import Path

from fontTools.ttLib import TTFont
from fontTools.varLib import instancer


def static_copy(source: Path, weight: int, cache: Path) -> Path:
    """A copy of a variable font with its weight (100-900, or as near as it goes) fixed; other axes at their default.

    Two processes may make the same copy at once: each writes its own file and moves it into place whole.
    """
    target = cache / f"{source.stem.split('[')[0]}-{_hash(source)}-{weight}.ttf"
    if not target.exists():
        cache.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=cache, suffix=".part")
        os.close(handle)
        try:
            _fixed(source, weight).save(name)
            Path(name).replace(target)
        finally:
            Path(name).unlink(missing_ok=True)
    return target


def _fixed(source: Path, weight: int) -> TTFont:
    font = TTFont(source, recalcTimestamp=False)
    wanted = {axis.axisTag: axis.defaultValue for axis in font["fvar"].axes}
    for axis in font["fvar"].axes:
        if axis.axisTag == "wght":
            wanted["wght"] = min(max(weight, axis.minValue), axis.maxValue)
    return instancer.instantiateVariableFont(font, wanted, inplace=True)


@lru_cache(maxsize=64)
def _hash(source: Path) -> str:
    with source.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:12]
