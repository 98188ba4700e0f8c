"""Sound as arrays: RIFF/WAV in and out, where somebody speaks, trimming. Pure; samples are mono float32 in [-1, 1]."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Samples: TypeAlias = npt.NDArray[np.float32]

#: One step of the loudness measure, in seconds.
_HOP_S = 0.01
#: Quieter than this below the loudest step is silence, in dB.
_SILENCE_DB = 40.0
#: Sizes from here on are what streaming writers put before they know the length.
_UNKNOWN_SIZE = 0x7FFFF000

_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE


class NotWav(ValueError):
    """The bytes are no WAV file this module reads."""


class TruncatedWav(NotWav):
    """The file says it is longer than it is."""


@dataclass(frozen=True, slots=True)
class Sound:
    """Mono samples and how many make a second."""

    samples: Samples
    sample_rate: int

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return len(self.samples) / self.sample_rate


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time, in seconds."""

    start_s: float
    end_s: float

    @property
    def length_s(self) -> float:
        """Length in seconds."""
        return self.end_s - self.start_s


def encode_wav(sound: Sound) -> bytes:
    """A RIFF file, mono, 16-bit PCM."""
    data = (np.clip(sound.samples, -1.0, 1.0) * 32767.0).astype("<i2").tobytes()
    form = struct.pack("<HHIIHH", _PCM, 1, sound.sample_rate, sound.sample_rate * 2, 2, 16)
    chunks = b"fmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


def decode_wav(data: bytes) -> Sound:
    """Read 16-bit PCM or 32-bit float, any number of channels (mixed to one), also with a streaming writer's sizes.

    Raises:
        TruncatedWav: less data than the header says.
        NotWav: no RIFF file, no sound in it, or another encoding.
    """
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise NotWav("no RIFF header")
    kind, channels, rate, bits = _format(data)
    body = _chunk(data, b"data")
    if (kind, bits) == (_PCM, 16):
        samples = np.frombuffer(body[: len(body) // (2 * channels) * 2 * channels], "<i2").astype(np.float32) / 32768.0
    elif (kind, bits) == (_FLOAT, 32):
        samples = np.frombuffer(body[: len(body) // (4 * channels) * 4 * channels], "<f4").astype(np.float32)
    else:
        raise NotWav(f"encoding {kind} with {bits} bits")
    mono = samples.reshape(-1, channels).mean(axis=1, dtype=np.float32)
    return Sound(np.nan_to_num(mono), rate)


def _format(data: bytes) -> tuple[int, int, int, int]:
    """Encoding, channels, sample rate, bits of a sample."""
    form = _chunk(data, b"fmt ")
    if len(form) < 16:
        raise TruncatedWav("short format chunk")
    kind, channels, rate, _, _, bits = struct.unpack("<HHIIHH", form[:16])
    if kind == _EXTENSIBLE and len(form) >= 26:
        kind = struct.unpack("<H", form[24:26])[0]
    if not 1 <= channels <= 8 or not 8_000 <= rate <= 192_000:
        raise NotWav(f"{channels} channels at {rate} Hz")
    return kind, channels, rate, bits


def _chunk(data: bytes, wanted: bytes) -> bytes:
    position = 12
    while position + 8 <= len(data):
        name, size = data[position : position + 4], struct.unpack("<I", data[position + 4 : position + 8])[0]
        start = position + 8
        if name == wanted:
            if size >= _UNKNOWN_SIZE or (size == 0 and wanted == b"data"):
                return data[start:]
            if start + size > len(data):
                raise TruncatedWav(f"{len(data) - start} of {size} bytes")
            return data[start : start + size]
        position = start + size + (size & 1)
    raise TruncatedWav(f"no {wanted.decode().strip()} chunk")


def loudness_db(sound: Sound) -> npt.NDArray[np.float64]:
    """Loudness of each 10 ms step in dB below the loudest one (0 and less); empty when there is no sound at all."""
    hop = round(sound.sample_rate * _HOP_S)
    steps = len(sound.samples) // hop
    power = np.square(sound.samples[: steps * hop].reshape(steps, hop), dtype=np.float64).mean(axis=1)
    if steps == 0 or power.max() < 1e-9:
        return np.zeros(0)
    level: npt.NDArray[np.float64] = 10.0 * np.log10(np.maximum(power / power.max(), 1e-12))
    return level


def speech_spans(sound: Sound, shortest_pause_s: float = 0.12) -> list[Span]:
    """Where it is not silent, in order; pauses shorter than `shortest_pause_s` do not divide, clicks are left out."""
    loud = np.concatenate(([False], loudness_db(sound) > -_SILENCE_DB, [False]))
    edges = np.flatnonzero(loud[1:] != loud[:-1])
    spans: list[Span] = []
    for start, end in zip(edges[::2] * _HOP_S, edges[1::2] * _HOP_S, strict=True):
        if spans and start - spans[-1].end_s < shortest_pause_s:
            spans[-1] = Span(spans[-1].start_s, float(end))
        else:
            spans.append(Span(float(start), float(end)))
    return [span for span in spans if span.length_s >= 3 * _HOP_S] or spans


def trim(sound: Sound, lead_s: float, trail_s: float) -> tuple[Sound, float]:
    """Cut silence at both ends down to the margins given (never adding any).

    Returns:
        The shorter sound and how many seconds were cut at its beginning.
    """
    spans = speech_spans(sound)
    if not spans:
        return sound, 0.0
    rate = sound.sample_rate
    first = max(0, round((spans[0].start_s - lead_s) * rate))
    last = min(len(sound.samples), round((spans[-1].end_s + trail_s) * rate))
    return Sound(_faded(sound.samples[first:last], rate), rate), first / rate


def _faded(samples: Samples, rate: int) -> Samples:
    """Without a click where it was cut: 5 ms ramps."""
    ramp = np.linspace(0.0, 1.0, min(rate // 200, len(samples) // 2), dtype=np.float32)
    faded = samples.copy()
    faded[: len(ramp)] *= ramp
    faded[len(faded) - len(ramp) :] *= ramp[::-1]
    return faded


def levelled(sound: Sound, level_db: float = -20.0) -> Sound:
    """The same speech at one loudness, so that no scene is louder than another: -20 dBFS, RMS of where one speaks.

    Peaks stay 1 dB under full scale; silence and what is 40 dB too quiet to be speech is left as it is.
    """
    spans = speech_spans(sound)
    if not spans:
        return sound
    rate = sound.sample_rate
    spoken = np.concatenate([sound.samples[round(s.start_s * rate) : round(s.end_s * rate)] for s in spans])
    power, peak = float(np.square(spoken, dtype=np.float64).mean()), float(np.abs(spoken).max())
    if power <= 0 or 10 * np.log10(power) < level_db - 40:
        return sound
    gain = min(10 ** (level_db / 20) / power**0.5, 10 ** (-1 / 20) / peak)
    return Sound((sound.samples * gain).astype(np.float32), rate)


def resampled(sound: Sound, rate: int) -> Sound:
    """At another sample rate: low-passed by averaging before samples are left out, linear between samples."""
    if sound.sample_rate == rate:
        return sound
    samples = sound.samples
    width = round(sound.sample_rate / rate)
    if width > 1:
        kernel = np.hanning(2 * width + 1).astype(np.float32)
        samples = np.convolve(samples, kernel / kernel.sum(), mode="same").astype(np.float32)
    places = np.arange(round(sound.duration_s * rate)) * (sound.sample_rate / rate)
    return Sound(np.interp(places, np.arange(len(samples)), samples).astype(np.float32), rate)


def silence(duration_s: float, sample_rate: int) -> Samples:
    """Nothing, for so long."""
    return np.zeros(round(duration_s * sample_rate), np.float32)
