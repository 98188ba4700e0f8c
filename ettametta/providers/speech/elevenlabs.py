"""Narration by ElevenLabs, `POST /v1/text-to-speech/{voice_id}/with-timestamps`: word times from its characters' times.

Wire format: https://elevenlabs.io/docs/api-reference/text-to-speech/convert-with-timestamps.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import quote

import httpx
import numpy as np
from pydantic import BaseModel, FiniteFloat, SecretStr, ValidationError

from ettametta.errors import ConfigError, EttamettaError, InvalidInput, OperatorError, TransientError
from ettametta.providers.speech.audio import Samples, Sound, Span, silence, speech_spans, trim
from ettametta.providers.speech.base import Speech, SpeechFacts, SpeechRequest
from ettametta.providers.speech.joining import Builder, Piece
from ettametta.providers.speech.requests import checked_text, checked_voice
from ettametta.providers.speech.script import Line, batches, lines

#: "Rachel", a voice every account has.
DEFAULT_VOICES = ("21m00Tcm4TlvDq8ikWAM",)
_LANGUAGE_CODES = "en es fr it pt de nl pl ja zh hi ko id tr tl sv bg ro ar cs el fi hr ms sk da ta uk ru"
_RATE = 24_000
_MOST_CHARS = 2_500
_MAX_ANSWER_BYTES = 80_000_000
_SLOWEST, _FASTEST = 0.7, 1.2
_LEAD_S, _TRAIL_S = 0.05, 0.10


class _Alignment(BaseModel):
    characters: list[str]
    character_start_times_seconds: list[FiniteFloat]
    character_end_times_seconds: list[FiniteFloat]


class _Answer(BaseModel):
    audio_base64: str
    alignment: _Alignment


class ElevenLabsSpeech:
    """The voices of an ElevenLabs account.

    Raises:
        ConfigError: there is no key.
    """

    def __init__(
        self,
        *,
        api_key: SecretStr | None,
        voices: tuple[str, ...] = DEFAULT_VOICES,
        model: str = "eleven_multilingual_v2",
        base_url: str = "https://api.elevenlabs.io",
        usd_per_million_chars: float = 0.0,
        timeout_s: float = 60.0,
    ) -> None:
        if api_key is None:
            raise ConfigError(
                "There is no key for ElevenLabs.", hint="Set ELEVENLABS_API_KEY.", code="elevenlabs.no_key"
            )
        self._model = model
        self._timeout_s = timeout_s
        self._http = httpx.AsyncClient(
            base_url=base_url,
            headers={"xi-api-key": api_key.get_secret_value()},
            timeout=httpx.Timeout(timeout_s, connect=10.0),
            follow_redirects=False,
        )
        self.facts = SpeechFacts(
            "elevenlabs", voices or DEFAULT_VOICES, tuple(_LANGUAGE_CODES.split()), usd_per_million_chars, 155.0, True
        )

    async def speak(self, request: SpeechRequest) -> Speech:
        """Speak; a long text in several requests.

        Raises:
            InvalidInput: empty or endless text, no such language or voice, a pace outside 0.7 to 1.2, or rejected.
            ConfigError: the key was refused.
            OperatorError: no credit left.
            TransientError: 429, 5xx, time-outs, a lost connection, an answer that is no sound with times.
        """
        text = checked_text(request, self.facts)
        voice = checked_voice(request.voice, self.facts.voices, self.facts.voices[0])
        if not _SLOWEST <= request.pace <= _FASTEST:
            raise InvalidInput(
                f"ElevenLabs does not speak at a pace of {request.pace:g}.",
                hint=f"Give a pace from {_SLOWEST:g} to {_FASTEST:g}.",
                code="speech.pace",
            )
        builder = Builder(request.pace, _RATE)
        for line in batches(lines(request, text=text, rules=False), _MOST_CHARS):
            answer = await self._ask(line.text, voice, request.pace)
            builder.add(line, await asyncio.to_thread(_piece, line, answer))
        speech = await asyncio.to_thread(builder.speech, "engine")
        cost = len(text) * self.facts.usd_per_million_chars / 1e6
        return Speech(speech.wav, _RATE, speech.duration_s, speech.words, "engine", cost)

    async def close(self) -> None:
        """Close connections."""
        await self._http.aclose()

    async def _ask(self, text: str, voice: str, pace: float) -> _Answer:
        body: dict[str, object] = {"text": text, "model_id": self._model}
        if pace != 1.0:
            body["voice_settings"] = {"speed": pace}
        try:
            async with asyncio.timeout(self._timeout_s):
                return _answer(await self._post(f"/v1/text-to-speech/{quote(voice, safe='')}/with-timestamps", body))
        except (TimeoutError, httpx.TimeoutException):
            failure = TransientError(
                f"ElevenLabs did not answer within {self._timeout_s:g} s.", hint="Try again.", code="elevenlabs.timeout"
            )
        except httpx.HTTPError:
            failure = TransientError(
                "The connection to ElevenLabs could not be made or was lost.",
                hint="Check the network.",
                code="elevenlabs.connection",
            )
        raise failure from None

    async def _post(self, path: str, body: dict[str, object]) -> bytes:
        async with self._http.stream("POST", path, json=body, params={"output_format": "pcm_24000"}) as response:
            if response.status_code != httpx.codes.OK:
                raise _failure(response)
            parts = bytearray()
            async for chunk in response.aiter_bytes():
                parts += chunk
                if len(parts) > _MAX_ANSWER_BYTES:
                    raise _unreadable()
            return bytes(parts)


def _failure(response: httpx.Response) -> EttamettaError:
    status = response.status_code
    if status == httpx.codes.PAYMENT_REQUIRED:
        return OperatorError(
            "The ElevenLabs account has no credit left.", hint="Add credit, then retry.", code="elevenlabs.quota"
        )
    if status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        return ConfigError(
            f"ElevenLabs refused the key ({status}).",
            hint="Check ELEVENLABS_API_KEY, what it may be used for, and the account's credit.",
            code="elevenlabs.key",
        )
    if status in (408, 409, 425, 429) or status >= 500:
        return TransientError(
            f"ElevenLabs cannot answer at the moment ({status}).",
            hint="It is tried again by itself.",
            code="elevenlabs.busy",
            retry_after_s=_retry_after_s(response.headers.get("retry-after")),
        )
    return InvalidInput(
        f"ElevenLabs rejected the request ({status}).",
        hint="Check the voice, ETTAMETTA_ELEVENLABS_VOICES and the text.",
        code="elevenlabs.rejected",
    )


def _retry_after_s(raw: str | None) -> float | None:
    if raw is None:
        return None
    try:
        wait = float(raw)
    except ValueError:
        try:
            wait = (parsedate_to_datetime(raw) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError):
            return None
    return min(3_600.0, wait) if wait >= 0 else None


def _answer(content: bytes) -> _Answer:
    try:
        return _Answer.model_validate_json(content)
    except ValidationError:
        raise _unreadable() from None


def _unreadable() -> TransientError:
    return TransientError(
        "ElevenLabs sent no sound with times that can be read.", hint="Try again.", code="elevenlabs.unreadable"
    )


def _piece(line: Line, answer: _Answer) -> Piece:
    """The sound, trimmed, with each word's time from its characters'.

    Raises:
        TransientError: `elevenlabs.unreadable`: no sound, silence, or times that do not belong to the text.
    """
    try:
        data = base64.b64decode(answer.audio_base64, validate=True)
    except binascii.Error:
        raise _unreadable() from None
    samples: Samples = np.frombuffer(data[: len(data) // 2 * 2], "<i2").astype(np.float32) / 32768.0
    whole = Sound(np.concatenate([samples, silence(0, _RATE)]), _RATE)
    if not speech_spans(whole) or "".join(answer.alignment.characters).split() != list(line.said):
        raise _unreadable()
    sound, cut_s = trim(whole, _LEAD_S, _TRAIL_S)
    spans = [Span(span.start_s - cut_s, span.end_s - cut_s) for span in _word_spans(answer.alignment)]
    return Piece(sound, line.timed(spans, Span(0.0, sound.duration_s)))


def _word_spans(alignment: _Alignment) -> Sequence[Span]:
    starts, ends = alignment.character_start_times_seconds, alignment.character_end_times_seconds
    if not len(starts) == len(ends) == len(alignment.characters):
        raise _unreadable()
    spans: list[Span] = []
    fresh = True
    for character, start, end in zip(alignment.characters, starts, ends, strict=True):
        if character.isspace():
            fresh = True
        elif fresh:
            spans.append(Span(start, end))
            fresh = False
        else:
            spans[-1] = Span(spans[-1].start_s, max(end, spans[-1].end_s))
    return spans
