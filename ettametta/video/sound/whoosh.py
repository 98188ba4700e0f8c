"""Pure: the short sound of a transition, made of noise that sweeps from low to high and across from left to right."""

from __future__ import annotations

from typing import Any

import numpy as np

from ettametta.video.plan import SAMPLE_RATE

LENGTH_S = 0.55
#: Where in it the sound is loudest: this moment is laid on the middle of the transition.
CREST_S = 0.3
#: Its level when it is loudest, below the loudness of the voice.
BELOW_VOICE_LU = 9.0

_FRAME = 1024

Samples = np.ndarray[Any, np.dtype[np.float32]]


def whoosh(seed: int) -> Samples:
    """2 channels x samples; its loudest 100 ms have a mean power of 1 (0 dB)."""
    count = round(LENGTH_S * SAMPLE_RATE)
    noise = np.random.default_rng(seed).standard_normal(count)
    swept = _swept(noise)
    time = np.arange(count) / SAMPLE_RATE
    rise, fall = np.clip(time / CREST_S, 0, 1), np.clip((LENGTH_S - time) / (LENGTH_S - CREST_S), 0, 1)
    shaped = swept * (rise**2.2) * (fall**1.8)
    angle = np.pi / 2 * (0.15 + 0.7 * time / LENGTH_S)
    both = np.stack([np.cos(angle), np.sin(angle)]) * shaped
    crest = slice(round((CREST_S - 0.05) * SAMPLE_RATE), round((CREST_S + 0.05) * SAMPLE_RATE))
    return np.asarray(both / np.sqrt(np.square(both[:, crest]).sum(axis=0).mean()), np.float32)


def _swept(noise: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Band-pass noise whose band moves up and down again, by short spectra that overlap."""
    window = np.hanning(_FRAME)
    hop = _FRAME // 2
    padded = np.pad(noise, (hop, _FRAME))
    out = np.zeros_like(padded)
    hertz = np.fft.rfftfreq(_FRAME, 1 / SAMPLE_RATE) + 1
    for at in range(0, len(noise) + hop, hop):
        part = at / SAMPLE_RATE
        centre = 350 * 10 ** (1.0 - abs(part - CREST_S) / LENGTH_S * 1.4)
        band = np.exp(-np.square(np.log2(hertz / centre)) / 1.3)
        out[at : at + _FRAME] += np.fft.irfft(np.fft.rfft(padded[at : at + _FRAME] * window) * band, _FRAME)
    return out[hop : hop + len(noise)]
