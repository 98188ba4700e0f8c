"""How models and database are compared, the same for upgrades, checks and newly written revisions."""

from __future__ import annotations

from typing import Any, Literal

from alembic.autogenerate.api import AutogenContext

from ettametta import models
from ettametta.db import Base, UtcDateTime


def configure_options() -> dict[str, Any]:
    """Arguments of Alembic's `configure`."""
    # Named, so that the import that fills the metadata is seen to be used.
    assert models.__all__  # noqa: S101 -- says why the import is there; holds always
    return {
        "target_metadata": Base.metadata,
        "compare_type": True,
        "compare_server_default": True,
        "render_as_batch": True,
        "transactional_ddl": True,
        "render_item": _render_item,
    }


def _render_item(kind: str, item: object, _context: AutogenContext) -> str | Literal[False]:
    """Write our moments as plain SQL types: a migration must not change when our code does."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False
