"""docs/settings.md and .env.example say every setting's name, default and meaning as the class has them."""

from __future__ import annotations

from pathlib import Path

from pydantic import AliasChoices, SecretStr

from ettametta.settings import Settings, setting_name

_ROOT = Path(__file__).parents[2]


def _default(field: str) -> str:
    value = Settings.model_fields[field].default
    if isinstance(value, SecretStr):
        return "set"
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _names(field: str) -> str:
    alias = Settings.model_fields[field].validation_alias
    choices = alias.choices if isinstance(alias, AliasChoices) else [setting_name(field)]
    return " or ".join(f"`{choice}`" for choice in choices)


def table_row(field: str) -> str:
    """The line of docs/settings.md about one setting."""
    default = _default(field)
    return f"| {_names(field)} | {f'`{default}`' if default else ''} | {Settings.model_fields[field].description} |"


def example_lines(field: str) -> str:
    """The two lines of .env.example about one setting."""
    return f"# {Settings.model_fields[field].description}\n#{setting_name(field)}={_default(field)}\n"


def test_the_table_has_every_setting_and_no_other() -> None:
    lines = (_ROOT / "docs" / "settings.md").read_text(encoding="utf-8").splitlines()
    rows = [line for line in lines if line.startswith("| `")]
    wanted = [table_row(field) for field in Settings.model_fields]
    missing = [row for row in wanted if row not in rows]
    assert not missing, "docs/settings.md lacks these lines:\n" + "\n".join(missing)
    assert not (extra := [row for row in rows if row not in wanted]), f"docs/settings.md has lines of old: {extra}"
    assert rows == wanted, "docs/settings.md has the settings in another order than the class"


def test_the_example_has_every_setting_and_no_other() -> None:
    text = (_ROOT / ".env.example").read_text(encoding="utf-8")
    missing = [example_lines(field) for field in Settings.model_fields if example_lines(field) not in text]
    assert not missing, ".env.example lacks these lines:\n" + "\n".join(missing)
    assignments = [line for line in text.splitlines() if "=" in line and not line.startswith("# ")]
    names = [line.lstrip("#").partition("=")[0] for line in assignments]
    assert names == [setting_name(field) for field in Settings.model_fields]
