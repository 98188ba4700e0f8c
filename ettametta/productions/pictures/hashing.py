"""Whether two pictures look the same: a difference hash, which survives scaling and recompression.

Source: N. Krawetz, "Kind of Like That", 2013 (dHash): 8 rows of 9 grey pixels, one bit for each rise to the right.
"""

from __future__ import annotations

from pathlib import Path

import av.error
import numpy as np
from PIL import Image

from ettametta.errors import InvalidInput
from ettametta.video.probing.bounded import open_bounded
from ettametta.video.probing.probe import open_photo, sniff_container

_ACROSS, _DOWN = 9, 8
#: Hashes that differ in at most so many of 64 bits are of the same picture.
MOST_BITS = 6


def look_of(path: Path, kind: str) -> str:
    """The difference hash of a probed photo, or of a clip's first frame, as 16 hex digits.

    Raises:
        InvalidInput: the file cannot be decoded.
    """
    picture = open_photo(path) if kind == "photo" else _first_frame(path)
    small = picture.convert("L").resize((_ACROSS, _DOWN), Image.Resampling.BOX)
    pixels = np.asarray(small, dtype=np.int16)
    bits = (pixels[:, 1:] > pixels[:, :-1]).flatten()
    return f"{int(''.join('1' if bit else '0' for bit in bits), 2):016x}"


def look_the_same(one: str, other: str) -> bool:
    """Whether two hashes are of the same picture."""
    return (int(one, 16) ^ int(other, 16)).bit_count() <= MOST_BITS


def _first_frame(path: Path) -> Image.Image:
    try:
        with open_bounded(path, sniff_container(path)) as file:
            return Image.fromarray(next(file.decode(file.streams.video[0])).to_ndarray(format="rgb24"))
    except (av.error.FFmpegError, StopIteration, ValueError, OSError) as error:
        raise InvalidInput(
            "This video is damaged or incomplete.", hint="Choose another.", code="video.unreadable"
        ) from error
