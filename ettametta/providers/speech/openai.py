"""Narration by an OpenAI-compatible `/audio/speech`: it gives no word times, so they are spread over what is heard."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import openai
from pydantic import SecretStr

from ettametta.errors import InvalidInput, ModelError, TransientError
from ettametta.kit.ids import content_key
from ettametta.providers.openai_api import Body, Endpoint, asking, build_client, read_body
from ettametta.providers.speech.audio import (
    NotWav,
    Samples,
    Sound,
    Span,
    TruncatedWav,
    decode_wav,
    encode_wav,
    resampled,
    silence,
    speech_spans,
    trim,
)
from ettametta.providers.speech.base import Speech, SpeechFacts, SpeechRequest, Word
from ettametta.providers.speech.decoding import decode_sound
from ettametta.providers.speech.language import check_declared
from ettametta.providers.speech.requests import checked_text, checked_voice
from ettametta.providers.speech.script import Line, batches, lines, without_pauses
from ettametta.providers.speech.words import shifted, spread, weight

#: Voices of OpenAI's own endpoint (API reference, createSpeech); others have others.
OPENAI_VOICES = (
    "alloy", "ash", "ballad", "coral", "echo", "fable", "onyx", "nova", "sage", "shimmer", "verse", "marin", "cedar",
)  # fmt: skip
_DEFAULT_VOICE = "alloy"
#: Languages OpenAI lists for its voices (text-to-speech guide).
_LANGUAGE_CODES = (
    "en es fr it pt de nl ar hy az be bs bg ca zh hr cs da et fi gl el he hi hu is id ja kn kk ko lv lt mk ms mr mi "
    "ne no fa pl ro ru sr sk sl sw sv tl ta th tr uk ur vi cy af"
)
_LANGUAGES = tuple(_LANGUAGE_CODES.split())
#: The API takes 4,096 characters at once.
_MOST_CHARS = 4_000
_MAX_AUDIO_BYTES = 64_000_000
_LEAD_S, _TRAIL_S, _PAUSE_S = 0.05, 0.10, 0.25
#: `pcm` has no header: 16-bit, mono, 24 kHz (text-to-speech guide).
_PCM_RATE = 24_000
#: What takes less than this share of the usual time was cut off.
_LEAST_SHARE = 0.25


SoundFormat = Literal["wav", "mp3", "opus", "flac", "pcm"]


@dataclass(frozen=True, slots=True)
class Manner:
    """How the endpoint is to speak, for all that it speaks."""

    sound_format: SoundFormat = "wav"
    #: Tone and style in words, for models that follow them (gpt-4o-mini-tts; not tts-1); empty: not sent.
    instructions: str = ""
    #: Send numbers, units and abbreviations as words, read by our own rules.
    reads_numbers: bool = False


class OpenAISpeech:
    """A voice behind `/audio/speech`.

    Args:
        api_key: None for endpoints that need none.
        voices: the voices to choose from; None: OpenAI's own list there, and anything elsewhere.
        manner: tone, format and reading of numbers.

    Raises:
        ConfigError: a bad address, or no key for OpenAI's own endpoint.
    """

    def __init__(
        self,
        *,
        api_key: SecretStr | None,
        base_url: str,
        model: str,
        usd_per_million_chars: float,
        timeout_s: float = 60.0,
        voices: tuple[str, ...] | None = None,
        manner: Manner | None = None,
    ) -> None:
        self._endpoint = Endpoint(base_url, api_key, model, "ETTAMETTA_SPEECH_MODEL", timeout_s)
        self._any_voice = voices is None and not self._endpoint.is_openai
        self._client = build_client(self._endpoint)
        self._manner = manner or Manner()
        self.facts = SpeechFacts(
            name="openai",
            voices=voices or OPENAI_VOICES,
            languages=_LANGUAGES,
            usd_per_million_chars=usd_per_million_chars,
            words_per_minute=155.0,  # assumed: not measured
            needs_network=True,
            manner=content_key(at=base_url, model=model, manner=repr(self._manner), voices=voices or OPENAI_VOICES),
        )

    async def speak(self, request: SpeechRequest) -> Speech:
        """Speak; a long text in several requests.

        Raises:
            InvalidInput: empty or endless text, no such language or voice, a text that is evidently in another
                language, or the endpoint rejected it.
            ConfigError: the key was refused, or the model is not there.
            OperatorError: no credit left.
            ModelError: what came back is no sound we can read.
            TransientError: 429, 5xx, time-outs, a lost connection, sound that is empty or cut short.
        """
        text = checked_text(request, self.facts)
        await asyncio.to_thread(check_declared, without_pauses(text), request.language)
        voice = self._voice(request.voice)
        builder = _Builder(self._manner.sound_format)
        for line in batches(lines(request, text=text, rules=self._manner.reads_numbers), _MOST_CHARS):
            body = await self._fetch(line.text, voice, request.pace)
            await asyncio.to_thread(builder.add, line, body, request.pace)
        return await asyncio.to_thread(builder.speech, len(text) * self.facts.usd_per_million_chars / 1e6)

    async def close(self) -> None:
        """Close connections."""
        await self._client.close()

    def __repr__(self) -> str:
        return f"OpenAISpeech(model={self._endpoint.model!r})"

    def _voice(self, voice: str) -> str:
        if self._any_voice and voice != "default":
            return voice[:100]
        return checked_voice(voice, self.facts.voices, _default_voice(self.facts.voices))

    async def _fetch(self, text: str, voice: str, pace: float) -> Body:
        async with (
            asking(self._endpoint),
            self._client.audio.speech.with_streaming_response.create(
                input=text,
                model=self._endpoint.model,
                voice=voice,
                response_format=self._manner.sound_format,
                speed=openai.omit if pace == 1.0 else pace,
                instructions=self._manner.instructions or openai.omit,
            ) as response,
        ):
            return await read_body(response.iter_bytes(), response.headers.get("content-type", ""), _MAX_AUDIO_BYTES)


def _default_voice(voices: tuple[str, ...]) -> str:
    return _DEFAULT_VOICE if _DEFAULT_VOICE in voices else voices[0]


class _Builder:
    """Joins the answers; the first one's sample rate counts for all."""

    def __init__(self, sound_format: SoundFormat) -> None:
        self._format = sound_format
        self._parts: list[Samples] = []
        self._words: list[Word] = []
        self._rate = 0
        self._pause_s = 0.0

    def add(self, line: Line, body: Body, pace: float) -> None:
        sound, _ = trim(_decoded(body, self._format), _LEAD_S, _TRAIL_S)
        _check_length(line.said, sound, pace)
        if self._parts:
            self._parts.append(silence(self._pause_s, self._rate))
        self._rate = self._rate or sound.sample_rate
        start = sum(map(len, self._parts)) / self._rate
        self._parts.append(resampled(sound, self._rate).samples)
        whole = Span(0.0, sound.duration_s)
        timed = line.timed(spread(line.said, speech_spans(sound)), whole)
        self._words.extend(shifted(timed, start, Span(start, start + sound.duration_s)))
        self._pause_s = _PAUSE_S if line.pause_s is None else line.pause_s

    def speech(self, cost_usd: float) -> Speech:
        sound = Sound(np.concatenate(self._parts), self._rate)
        return Speech(encode_wav(sound), self._rate, sound.duration_s, tuple(self._words), "estimated", cost_usd)


def _decoded(body: Body, sound_format: SoundFormat) -> Sound:
    """The sound in an answer.

    Raises:
        TransientError: `speech.no_audio` or `speech.truncated`.
        ModelError: `speech.not_audio`.
    """
    if not body.content:
        raise TransientError("The speech endpoint sent no sound.", hint="Try again.", code="speech.no_audio")
    try:
        return _read(body, sound_format)
    except TruncatedWav:
        raise TransientError(
            "The sound from the speech endpoint is cut short.", hint="Try again.", code="speech.truncated"
        ) from None
    except (NotWav, InvalidInput):
        raise ModelError(
            f"The speech endpoint sent no sound that can be read (it says '{body.content_type[:60] or 'nothing'}').",
            hint="Check OPENAI_BASE_URL and ETTAMETTA_SPEECH_MODEL, and ETTAMETTA_SPEECH_FORMAT: the endpoint must be "
            "able to give it.",
            code="speech.not_audio",
        ) from None


def _read(body: Body, sound_format: SoundFormat) -> Sound:
    """What was asked for, or what came instead: some endpoints know one format and send it whatever is asked."""
    if body.content.startswith(b"RIFF"):
        return decode_wav(body.content)
    if sound_format != "pcm":
        return decode_sound(body.content)
    if body.content_type.startswith(("text/", "application/json")):
        raise NotWav(body.content_type)
    whole = body.content[: len(body.content) // 2 * 2]
    return Sound(np.frombuffer(whole, "<i2").astype(np.float32) / 32768.0, _PCM_RATE)


def _check_length(words: Sequence[str], sound: Sound, pace: float) -> None:
    heard = sum(span.length_s for span in speech_spans(sound))
    if heard == 0:
        raise TransientError(
            "The sound from the speech endpoint is silent.", hint="Try again or choose another voice.",
            code="speech.no_audio",
        )  # fmt: skip
    if heard < _LEAST_SHARE * sum(map(weight, words)) / pace:
        raise TransientError(
            f"The speech endpoint spoke only {heard:.1f} s for {len(words)} words.",
            hint="Try again; if it stays so, choose another ETTAMETTA_SPEECH_MODEL.",
            code="speech.truncated",
        )
