"""Every key a source declares is a setting, and bootstrap hands it on."""

from __future__ import annotations

import pytest

from ettametta.bootstrap import _discovery_sources
from ettametta.discovery.sources import INFOS
from ettametta.settings import Settings, setting_name

KEYS = sorted({key for info in INFOS.values() for key in info.keys})


def test_every_declared_key_is_a_setting() -> None:
    assert set(KEYS) <= {setting_name(field) for field in Settings.model_fields}


def test_what_is_set_is_not_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _discovery_sources(Settings()).missing
    for key in KEYS:
        monkeypatch.setenv(key, "k")
    assert dict(_discovery_sources(Settings()).missing) == {}
