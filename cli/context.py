"""What every command starts from: the settings with what the command line overrides, and the log they ask for."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Coroutine
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

if TYPE_CHECKING:
    from pydantic import SecretStr

    from ettametta.settings import Settings

T = TypeVar("T")

_current: ContextVar[Settings | None] = ContextVar("settings", default=None)

DataDir = Annotated[
    Path | None, typer.Option("--data-dir", help="Folder for database and files; overrides ETTAMETTA_DATA_DIR.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]

_TOKEN_FILE = "internal_api_token"  # noqa: S105 -- the name of a file


def read_settings(data_dir: Path | None = None, *, serving: bool = False) -> Settings:
    """The settings, with the log set up as they say.

    Args:
        data_dir: overrides the setting.
        serving: a process that stays logs at the level of the settings; a quick command only what is wrong, unless
            a level was asked for.

    Raises:
        ConfigError: a setting has a bad value.
    """
    from ettametta.kit.log import configure_logging
    from ettametta.settings import load_settings

    settings = load_settings()
    if data_dir is not None:
        settings = settings.model_copy(update={"data_dir": data_dir.expanduser().absolute()})
    _current.set(settings)
    asked = serving or "log_level" in settings.model_fields_set
    configure_logging(settings.log_level if asked else "ERROR", settings.log_format, secret_values(settings))
    return settings


def current_settings() -> Settings | None:
    """The settings this process runs with; None before they were read."""
    return _current.get()


def secret_values(settings: Settings) -> list[SecretStr]:
    """Every secret of the settings, to keep them out of whatever is written."""
    from pydantic import SecretStr

    values = (getattr(settings, name) for name in type(settings).model_fields)
    return [value for value in values if isinstance(value, SecretStr)]


def internal_token(settings: Settings) -> SecretStr:
    """The token of the admin API: the setting's, else one made once and kept in the data folder for us alone."""
    from pydantic import SecretStr

    if settings.internal_api_token is not None:
        return settings.internal_api_token
    path = token_path(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{_TOKEN_FILE}.{secrets.token_hex(8)}")
    try:
        fresh.touch(mode=0o600, exist_ok=False)
        fresh.write_text(secrets.token_urlsafe(32), encoding="ascii")
        _put_if_absent(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)
    return SecretStr(path.read_text(encoding="ascii").strip())


def _put_if_absent(fresh: Path, path: Path) -> None:
    """Give the new file the token's name, unless there is a token: of processes that start at once, one wins."""
    if path.exists() and not _has_token(path):
        path.unlink(missing_ok=True)
    try:
        path.hardlink_to(fresh)
    except FileExistsError:
        return
    except OSError:  # a file system without links
        fresh.replace(path)


def _has_token(path: Path) -> bool:
    return path.is_file() and len(path.read_text(encoding="ascii", errors="replace").strip()) >= 16


def token_path(settings: Settings) -> Path:
    """Where a made token is kept."""
    return settings.data_dir / _TOKEN_FILE


def run_async(main: Coroutine[Any, Any, T]) -> T:
    """Run a command's body to its end."""
    return asyncio.run(main)
