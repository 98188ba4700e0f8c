"""The registry: all sources are built, those that lack a key say which, unknown names are told."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from ettametta.discovery.sources import INFOS, REGISTRY, set_up
from ettametta.errors import InvalidInput

KEYED = {name: info.keys for name, info in INFOS.items() if info.keys}


def test_all_are_built_and_those_without_a_key_are_named() -> None:
    sources = set_up()
    assert list(sources.by_name) == list(REGISTRY)
    assert dict(sources.missing) == KEYED
    assert set(sources.ready) == set(REGISTRY) - set(KEYED)


def test_with_all_keys_nothing_is_missing() -> None:
    keys = {key: SecretStr("k") for some in KEYED.values() for key in some}
    assert dict(set_up(keys=keys).missing) == {}
    assert dict(set_up(keys={**dict.fromkeys(keys), "OTHER": SecretStr("")}).missing) == KEYED


def test_an_unknown_name_is_told_with_those_there_are() -> None:
    with pytest.raises(InvalidInput) as caught:
        set_up().get("myspace")
    assert caught.value.code == "source.unknown"
    assert "hacker_news" in caught.value.hint
    assert set_up().get("hacker_news").info.name == "hacker_news"


def test_a_source_without_its_key_claims_only_what_no_other_reads() -> None:
    address = "https://www.reddit.com/r/space/"
    with_key = set_up(keys={"REDDIT_CLIENT_ID": SecretStr("k"), "REDDIT_CLIENT_SECRET": SecretStr("k")})
    claimed, bare = with_key.claim(address), set_up().claim(address)
    assert claimed is not None
    assert (claimed[0].info.name, claimed[1]) == ("reddit_oauth", "r/space")
    assert bare is not None
    assert bare[0].info.name != "reddit_oauth"


def test_nobody_claims_what_is_no_address() -> None:
    assert set_up().claim("javascript:alert(1)") is None
