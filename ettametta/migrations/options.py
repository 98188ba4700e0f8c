"""How models and database are compared, the same for upgrades, checks and newly written revisions."""

from __future__ import annotations

from typing import Any, Literal

from alembic.autogenerate.api import AutogenContext

from ettametta import models
from ettametta.db import Base, UtcDateTime

#: The FTS5 table of SQLite with the tables it keeps, and the GIN index of PostgreSQL.
_SEARCH_INDEXES = ("candidate_search", "ix_candidate_words_words")


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
        "include_name": _is_described,
    }


def _is_described(name: str | None, _kind: str, _parents: object) -> bool:
    """Leave out what each dialect searches by: it is made by hand in its migration, no model describes it."""
    return name is None or not name.startswith(_SEARCH_INDEXES)


def _render_item(kind: str, item: object, _context: AutogenContext) -> str | Literal[False]:
    """Write our moments as plain SQL types: a migration must not change when our code does."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False
