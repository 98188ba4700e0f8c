"""For developers: `python -m ettametta.migrations "what changes"` writes the next revision from the models.

`--initial` throws all revisions away and writes 0001 anew; that is right only until the first release.
"""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

from alembic import command
from sqlalchemy import Connection

from ettametta.db import Database
from ettametta.migrations import alembic_config, upgrade

_VERSIONS = Path(__file__).parent / "versions"


async def write_revision(message: str, *, initial: bool) -> None:
    """Compare the models with a throw-away database at the newest revision and write what differs."""
    if initial:
        for path in _VERSIONS.glob("*.py"):
            path.unlink()
    number = f"{len(list(_VERSIONS.glob('*.py'))) + 1:04}"
    with TemporaryDirectory() as folder:
        database = Database(f"sqlite+aiosqlite:///{folder}/models.db")
        try:
            await upgrade(database)
            async with database.engine.connect() as connection:
                await connection.run_sync(_write, message, number)
        finally:
            await database.close()


def _write(connection: Connection, message: str, number: str) -> None:
    command.revision(alembic_config(connection), message=message, autogenerate=True, rev_id=number)
    for path in _VERSIONS.glob(f"{number}_*.py"):
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        path.write_text("".join(line for line in lines if "# ###" not in line), encoding="utf-8")


def main() -> None:
    """Read the arguments and write."""
    parser = argparse.ArgumentParser(prog="python -m ettametta.migrations", description=__doc__)
    parser.add_argument("message", nargs="?", default="All tables", help="what the revision changes")
    parser.add_argument("--initial", action="store_true", help="throw all revisions away and write 0001")
    arguments = parser.parse_args()
    asyncio.run(write_revision(arguments.message, initial=arguments.initial))


if __name__ == "__main__":
    main()
