"""WAV in and out, silence, trimming."""

from __future__ import annotations

import io
import struct
import wave

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ettametta.providers.speech.audio import (
    NotWav,
    Sound,
    TruncatedWav,
    decode_wav,
    encode_wav,
    silence,
    speech_spans,
    trim,
)

RATE = 16_000


def beep(*lengths_s: float) -> Sound:
    """Tone, silence, tone, silence, ... beginning with silence."""
    parts = [
        silence(length, RATE)
        if place % 2 == 0
        else (0.4 * np.sin(np.arange(round(length * RATE)) * 0.2)).astype(np.float32)
        for place, length in enumerate(lengths_s)
    ]
    return Sound(np.concatenate(parts), RATE)


def test_round_trip() -> None:
    sound = beep(0.1, 0.5, 0.2)
    with wave.open(io.BytesIO(encode_wav(sound))) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE)
    back = decode_wav(encode_wav(sound))
    assert back.sample_rate == RATE
    assert np.allclose(back.samples, sound.samples, atol=1e-4)


def test_loud_samples_are_clipped_not_wrapped() -> None:
    back = decode_wav(encode_wav(Sound(np.asarray([2.0, -2.0], np.float32), RATE)))
    assert back.samples[0] > 0.99
    assert back.samples[1] < -0.99


def test_chunks_before_the_sound_are_passed_over() -> None:
    wav = encode_wav(beep(0.1, 0.1))
    odd = b"LIST" + struct.pack("<I", 3) + b"abc\x00"
    assert len(decode_wav(wav[:12] + odd + wav[12:]).samples) == len(decode_wav(wav).samples)


@pytest.mark.parametrize("cut", [20, 43, 50, -1])
def test_cut_short(cut: int) -> None:
    with pytest.raises(TruncatedWav):
        decode_wav(encode_wav(beep(0.1, 0.1))[:cut])


@given(st.binary(max_size=120), st.booleans())
def test_any_bytes_give_sound_or_the_one_error(data: bytes, headed: bool) -> None:
    try:
        decode_wav(b"RIFF\xff\xff\xff\xffWAVE" + data if headed else data)
    except NotWav:
        return


def test_spans_and_pauses() -> None:
    spans = speech_spans(beep(0.3, 0.5, 0.4, 0.2, 0.05, 0.3, 0.2))
    assert [(round(span.start_s, 1), round(span.end_s, 1)) for span in spans] == [(0.3, 0.8), (1.2, 1.8)]


def test_silence_has_no_spans() -> None:
    assert speech_spans(Sound(silence(1.0, RATE), RATE)) == []
    assert speech_spans(Sound(silence(0.0, RATE), RATE)) == []


def test_trim_leaves_the_margins() -> None:
    sound, cut_s = trim(beep(0.5, 1.0, 0.7), 0.05, 0.1)
    assert cut_s == pytest.approx(0.45, abs=0.011)
    assert sound.duration_s == pytest.approx(1.15, abs=0.021)


def test_trim_adds_nothing() -> None:
    sound, cut_s = trim(beep(0.0, 1.0), 0.05, 0.1)
    assert (cut_s, sound.duration_s) == (0.0, 1.0)
