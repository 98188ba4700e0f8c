"""Phonemes by eSpeak NG (package espeakng-loader: its shared library and data), called by ctypes.

eSpeak NG is GPL-3.0: it is no dependency, it comes with the extra `voices`. It holds state for the whole process, so
one thread at a time calls it.
"""

from __future__ import annotations

import ctypes
import threading
from functools import cache

from ettametta.errors import MissingPart

_SYNCHRONOUS, _DONT_EXIT = 2, 0x8000
_UTF8 = 1
#: IPA, with "^" tying the letters of one sound.
_MODE = 0x02 | 0x80 | (ord("^") << 8)
_CALLING = threading.Lock()


@cache
def _library() -> ctypes.CDLL:
    import espeakng_loader  # noqa: PLC0415 - comes with the extra `voices` alone

    library = ctypes.CDLL(espeakng_loader.get_library_path())
    library.espeak_Initialize(_SYNCHRONOUS, 0, espeakng_loader.get_data_path().encode(), _DONT_EXIT)
    library.espeak_TextToPhonemes.restype = ctypes.c_char_p
    library.espeak_TextToPhonemes.argtypes = [ctypes.POINTER(ctypes.c_char_p), ctypes.c_int, ctypes.c_int]
    return library


def phonemes(text: str, language: str) -> str:
    """A text without punctuation in IPA; words are apart by spaces, though not always as they are written."""
    with _CALLING:
        library = _library()
        if library.espeak_SetVoiceByName(language.encode()) != 0:  # without a voice the library crashes
            raise MissingPart(
                f"eSpeak NG has no voice for '{language}'.",
                hint="Install it again: pip install --force-reinstall espeakng-loader.",
                code="speech.engine_missing",
            )
        rest = ctypes.c_char_p(text.encode())
        parts: list[str] = []
        while rest.value:
            parts.append((library.espeak_TextToPhonemes(ctypes.byref(rest), _UTF8, _MODE) or b"").decode())
        return " ".join(" ".join(parts).split())
