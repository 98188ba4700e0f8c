"""Sound in the formats `/audio/speech` can give."""

from __future__ import annotations

import io

import av
import numpy as np

from ettametta.providers.speech.audio import Sound, encode_wav

_CODECS = {"mp3": ("mp3", "libmp3lame"), "opus": ("ogg", "libopus"), "flac": ("flac", "flac"), "aac": ("adts", "aac")}


def encoded(sound: Sound, sound_format: str) -> tuple[bytes, str]:
    """A sound in a format, and its content type."""
    if sound_format == "wav":
        return encode_wav(sound), "audio/wav"
    whole = (np.clip(sound.samples, -1, 1) * 32767).astype("<i2")
    if sound_format == "pcm":
        return whole.tobytes(), "audio/pcm"
    kind, codec = _CODECS[sound_format]
    file = io.BytesIO()
    with av.open(file, "w", format=kind) as container:
        stream = container.add_stream(codec, rate=sound.sample_rate)
        assert isinstance(stream, av.AudioStream)
        stream.layout = "mono"
        frame = av.AudioFrame.from_ndarray(whole[None], format="s16", layout="mono")
        frame.sample_rate = sound.sample_rate
        container.mux([packet for part in (frame, None) for packet in stream.encode(part)])
    return file.getvalue(), f"audio/{sound_format}"
