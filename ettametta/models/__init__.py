"""The tables, one file each; portable between SQLite and PostgreSQL."""
