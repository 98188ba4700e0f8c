"""Pictures for the OpenAI test server: each prompt has its own, small, in the shape that was asked for."""

from __future__ import annotations

import hashlib
import io

import numpy as np
from PIL import Image


def made_picture(prompt: str, size: str) -> bytes:
    """A PNG of a tenth of the size."""
    width, height = (int(side) // 10 for side in size.split("x"))
    seed = int.from_bytes(hashlib.sha256(prompt.encode()).digest()[:4], "big")
    patches = np.random.default_rng(seed).integers(0, 256, (9, 12, 3), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(patches).resize((width, height)).save(out, "PNG")
    return out.getvalue()
