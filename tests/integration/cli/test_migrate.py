"""`ettametta migrate` on both databases."""

from __future__ import annotations

from tests.integration.cli.conftest import Command


def test_an_empty_database_is_brought_up_once(ettametta: Command, empty_database_url: str) -> None:
    settings = {"ETTAMETTA_DATABASE_URL": empty_database_url}
    pending = ettametta("migrate", "--check", settings=settings)
    assert (pending.code, "ettametta migrate" in pending.err) == (3, True)
    first = ettametta("migrate", settings=settings)
    assert (first.code, "from nothing to" in first.out) == (0, True)
    again = ettametta("migrate", settings=settings)
    assert (again.code, again.out.startswith("The database is at")) == (0, True)
    assert ettametta("migrate", "--check", settings=settings).code == 0
