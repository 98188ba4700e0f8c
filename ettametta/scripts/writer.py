"""The port for whoever writes scripts: a language model, or the offline writer."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from ettametta.evidence import Evidence
from ettametta.scripts.script import Script, ScriptWanted


@runtime_checkable
class ScriptWriter(Protocol):
    """Writes a script from evidence."""

    async def write(self, evidence: Evidence, wanted: ScriptWanted) -> Script:
        """One script.

        Raises:
            InvalidInput: the evidence is not enough to write from.
            ModelError: the model's answer could not be used.
            TransientError: worth another try.
            ConfigError: a key is missing or was refused.
        """
        ...
