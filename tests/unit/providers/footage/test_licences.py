"""Licences as vendors write them, what they allow, and what each policy takes."""

from __future__ import annotations

import pytest

from ettametta.errors import Refused
from ettametta.providers.footage.licences import (
    CC0,
    NASA,
    PEXELS,
    PIXABAY,
    PUBLIC_DOMAIN,
    PUBLIC_DOMAIN_MARK,
    UNKNOWN,
    Licence,
    Policy,
    allows,
    check_licence,
    read_licence,
)


@pytest.mark.parametrize(
    ("stated", "identifier"),
    [
        ("https://creativecommons.org/licenses/by/4.0/", "CC-BY-4.0"),
        ("http://creativecommons.org/licenses/by-sa/2.0/deed.en", "CC-BY-SA-2.0"),
        ("//creativecommons.org/licenses/by/3.0/us/", "CC-BY-3.0-US"),
        ("https://creativecommons.org/licenses/by-nc-nd/4.0", "CC-BY-NC-ND-4.0"),
        ("CC BY-SA 4.0", "CC-BY-SA-4.0"),
        ("cc-by-sa-3.0", "CC-BY-SA-3.0"),
        ("by-sa 2.0", "CC-BY-SA-2.0"),
        ("Creative Commons BY 4.0", "CC-BY-4.0"),
        ("CC BY-NC 2.0", "CC-BY-NC-2.0"),
        ("CC BY 3.0 de", "CC-BY-3.0-DE"),
        ("CC0", "CC0-1.0"),
        ("cc-zero", "CC0-1.0"),
        ("CC0 1.0", "CC0-1.0"),
        ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0"),
        ("https://creativecommons.org/publicdomain/mark/1.0/", "LicenseRef-PDM-1.0"),
        ("http://creativecommons.org/licenses/publicdomain/", "LicenseRef-Public-Domain"),
        ("PDM 1.0", "LicenseRef-PDM-1.0"),
        ("Public domain", "LicenseRef-Public-Domain"),
        ("pd-usgov-nasa", "LicenseRef-Public-Domain"),
        ("Pexels License", "LicenseRef-Pexels"),
        ("LicenseRef-NASA", "LicenseRef-NASA"),
        ("", "LicenseRef-Unknown"),
        ("All rights reserved", "LicenseRef-Unknown"),
        ("GFDL", "LicenseRef-Unknown"),
        ("not in the public domain", "LicenseRef-Unknown"),
        ("CC BY", "LicenseRef-Unknown"),
    ],
)
def test_reads_what_vendors_write(stated: str, identifier: str) -> None:
    assert read_licence(stated).id == identifier


@pytest.mark.parametrize("licence", [CC0, PUBLIC_DOMAIN_MARK, PUBLIC_DOMAIN, NASA, PEXELS, PIXABAY])
def test_a_name_written_down_is_read_back(licence: Licence) -> None:
    assert read_licence(licence.name) == licence
    assert read_licence(licence.id) == licence


@pytest.mark.parametrize("name", ["CC BY 4.0", "CC BY-SA 2.5", "CC BY 3.0 US"])
def test_so_is_a_creative_commons_name(name: str) -> None:
    licence = read_licence(name)
    assert licence.name == name
    assert read_licence(licence.url) == licence


def test_the_first_readable_statement_counts() -> None:
    assert read_licence("", None, "see below", "CC BY 4.0", "CC0").id == "CC-BY-4.0"


_ALL: tuple[Policy, ...] = ("open", "no_share_alike", "no_attribution", "public_domain")


@pytest.mark.parametrize(
    ("stated", "taken_by"),
    [
        ("CC0", {"open", "no_share_alike", "no_attribution", "public_domain"}),
        ("PDM 1.0", {"open", "no_share_alike", "no_attribution", "public_domain"}),
        ("LicenseRef-NASA", {"open", "no_share_alike", "no_attribution", "public_domain"}),
        ("Pexels License", {"open", "no_share_alike", "no_attribution"}),
        ("Pixabay Content License", {"open", "no_share_alike", "no_attribution"}),
        ("CC BY 4.0", {"open", "no_share_alike"}),
        ("CC BY-SA 4.0", {"open"}),
        ("CC BY-ND 4.0", set()),
        ("CC BY-NC 4.0", set()),
        ("CC BY-NC-SA 4.0", set()),
        ("who knows", set()),
    ],
)
def test_policies(stated: str, taken_by: set[str]) -> None:
    licence = read_licence(stated)
    assert {policy for policy in _ALL if allows(policy, licence)} == taken_by
    for policy in _ALL:
        if policy not in taken_by:
            with pytest.raises(Refused) as caught:
                check_licence(policy, licence)
            assert caught.value.code == "licence.policy"
            assert caught.value.hint
        else:
            check_licence(policy, licence)


def test_unknown_is_never_usable() -> None:
    assert not UNKNOWN.is_usable
