"""What Alembic runs for every command: configure the connection we hand over, then migrate on it."""

from __future__ import annotations

from alembic import context

from ettametta.migrations.options import configure_options

context.configure(connection=context.config.attributes["connection"], **configure_options())
context.run_migrations()
