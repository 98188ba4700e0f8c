"""Times that a vendor sends are numbers, or the answer is refused: NaN would reach captions and the database."""

from __future__ import annotations

import json

import pytest

from ettametta.errors import TransientError
from ettametta.providers.speech.elevenlabs import _answer


@pytest.mark.parametrize("start", [float("nan"), float("inf")])
def test_a_time_that_is_no_number_is_refused(start: float) -> None:
    times = {"character_start_times_seconds": [start], "character_end_times_seconds": [1.0]}
    body = {"audio_base64": "", "alignment": {"characters": ["a"], **times}}
    with pytest.raises(TransientError):
        _answer(json.dumps(body).encode())
