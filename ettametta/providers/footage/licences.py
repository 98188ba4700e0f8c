"""Licences: what vendors' names and addresses mean, which uses they allow, and which of them a person's policy takes.

We crop, darken and cut what we show, so a licence that forbids changes is never taken; nor is one that forbids
commercial use, since a channel may earn money; nor one that cannot be told. Sources: the licence deeds at
creativecommons.org/licenses, SPDX identifiers (spdx.org/licenses).
"""

from __future__ import annotations

import re
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from ettametta.errors import Refused

#: What a person takes: any open licence, none with share-alike, none that asks to be named, the public domain alone.
Policy = Literal["open", "no_share_alike", "no_attribution", "public_domain"]


class Licence(BaseModel):
    """A licence by its SPDX identifier (`LicenseRef-...` where SPDX has none), with a name and an address."""

    model_config = ConfigDict(frozen=True)

    id: str = Field(max_length=80)
    name: str = Field(min_length=1, max_length=160)
    url: str = ""

    @property
    def is_known(self) -> bool:
        """Whether it could be told what is allowed."""
        return self.id != "LicenseRef-Unknown"

    @property
    def is_public_domain(self) -> bool:
        """Free of copyright, or as good as."""
        return self.id in _PUBLIC_DOMAIN

    @property
    def asks_for_attribution(self) -> bool:
        """Whether author and licence must be named wherever it is shown."""
        return self.id.startswith("CC-BY")

    @property
    def is_share_alike(self) -> bool:
        """Whether what is made with it must be given on under the same licence."""
        return "-SA" in self.id

    @property
    def is_usable(self) -> bool:
        """Whether it may be cut, cropped and shown for money at all."""
        return self.is_known and "-ND" not in self.id and "-NC" not in self.id


CC0 = Licence(id="CC0-1.0", name="CC0 1.0", url="https://creativecommons.org/publicdomain/zero/1.0/")
PUBLIC_DOMAIN_MARK = Licence(
    id="LicenseRef-PDM-1.0", name="Public Domain Mark 1.0", url="https://creativecommons.org/publicdomain/mark/1.0/"
)
PUBLIC_DOMAIN = Licence(
    id="LicenseRef-Public-Domain", name="Public domain", url="https://en.wikipedia.org/wiki/Public_domain"
)
#: Works of a United States agency have no copyright there (17 U.S.C. section 105); NASA asks to be named as source.
NASA = Licence(
    id="LicenseRef-NASA",
    name="NASA media usage guidelines (not copyrighted)",
    url="https://www.nasa.gov/nasa-brand-center/images-and-media/",
)
PEXELS = Licence(id="LicenseRef-Pexels", name="Pexels License", url="https://www.pexels.com/license/")
PIXABAY = Licence(
    id="LicenseRef-Pixabay", name="Pixabay Content License", url="https://pixabay.com/service/license-summary/"
)
UNKNOWN = Licence(id="LicenseRef-Unknown", name="not stated")

_PUBLIC_DOMAIN = frozenset({CC0.id, PUBLIC_DOMAIN_MARK.id, PUBLIC_DOMAIN.id, NASA.id})
_BY_NAME = {one.name.lower(): one for one in (CC0, PUBLIC_DOMAIN_MARK, PUBLIC_DOMAIN, NASA, PEXELS, PIXABAY)}
_BY_ID = {one.id.lower(): one for one in _BY_NAME.values()}

_ADDRESS = re.compile(
    r"creativecommons\.org/(?:licenses/(?P<terms>by(?:-(?:nc|nd|sa))*)/(?P<version>\d\.\d)(?:/(?P<port>[a-z]{2,3})(?![a-z]))?|"
    r"(?:licenses|publicdomain)/(?P<open>zero|mark|publicdomain))",
    re.IGNORECASE,
)
_NAME = re.compile(
    r"^(?:cc|creative commons)?[\s-]*(?P<terms>by(?:[\s-]+(?:nc|nd|sa))*)[\s-]+(?P<version>\d\.\d)"
    r"(?:[\s-]+(?P<port>[a-z]{2,3}))?$",
    re.IGNORECASE,
)
_ZERO = re.compile(r"^(?:cc[\s-]*0|cc[\s-]*zero)(?:[\s-]+1\.0)?$", re.IGNORECASE)
_MARK = re.compile(r"^(?:pdm|public domain mark)(?:[\s-]+1\.0)?$", re.IGNORECASE)
_DOMAIN = re.compile(r"^(?:pd(?:-[\w-]+)?|(?:in the )?public[\s-]domain|no restrictions)$", re.IGNORECASE)
_MAX_CHARS = 300

_TAKEN_BY = {
    "open": "any open licence",
    "no_share_alike": "licences without share-alike",
    "no_attribution": "licences that do not ask to be named",
    "public_domain": "the public domain alone",
}


def read_licence(*stated: str | None) -> Licence:
    """The licence that the first readable one of these names or addresses means; UNKNOWN when none can be read."""
    for text in stated:
        found = _read(" ".join((text or "").split())[:_MAX_CHARS])
        if found is not None:
            return found
    return UNKNOWN


def _read(text: str) -> Licence | None:
    if not text:
        return None
    known = _BY_NAME.get(text.lower()) or _BY_ID.get(text.lower())
    if known is not None:
        return known
    address = _ADDRESS.search(text)
    if address is not None:
        return _from_address(address)
    if _ZERO.match(text):
        return CC0
    if _MARK.match(text):
        return PUBLIC_DOMAIN_MARK
    if _DOMAIN.match(text):
        return PUBLIC_DOMAIN
    named = _NAME.match(text)
    return creative_commons(named["terms"], named["version"], named["port"]) if named else None


def _from_address(found: re.Match[str]) -> Licence:
    if found["open"]:
        return {"zero": CC0, "mark": PUBLIC_DOMAIN_MARK}.get(found["open"].lower(), PUBLIC_DOMAIN)
    return creative_commons(found["terms"], found["version"], found["port"])


def creative_commons(terms: str, version: str, port: str | None = None) -> Licence:
    """A Creative Commons licence, such as ("by-sa", "4.0") or ("by", "3.0", "us")."""
    parts = re.split(r"[\s-]+", terms.lower())
    code = "-".join(["by", *(part for part in ("nc", "nd", "sa") if part in parts)])
    tail = f"/{port.lower()}" if port else ""
    return Licence(
        id=f"CC-{code.upper()}-{version}" + (f"-{port.upper()}" if port else ""),
        name=f"CC {code.upper()} {version}" + (f" {port.upper()}" if port else ""),
        url=f"https://creativecommons.org/licenses/{code}/{version}{tail}/",
    )


def allows(policy: Policy, licence: Licence) -> bool:
    """Whether a person with this policy takes something under this licence."""
    if not licence.is_usable:
        return False
    if policy == "public_domain":
        return licence.is_public_domain
    if policy == "no_attribution":
        return not licence.asks_for_attribution
    return policy == "open" or not licence.is_share_alike


def check_licence(policy: Policy, licence: Licence) -> None:
    """Refuse what the policy does not take.

    Raises:
        Refused: `licence.policy`.
    """
    if allows(policy, licence):
        return
    if licence.is_usable:
        hint = f"The licence policy takes {_TAKEN_BY[policy]}: choose another picture, or widen the policy."
    else:
        hint = "Choose another picture: it must be allowed to crop it and to show it for money."
    raise Refused(f"The licence of this picture ({licence.name}) does not allow it.", hint=hint, code="licence.policy")
