"""docs/pictures.md lists the sources as they are."""

from pathlib import Path

from ettametta.providers.footage import FACTS

_PAGE = Path(__file__).parents[4] / "docs" / "pictures.md"


def test_the_table_has_every_source_and_no_other() -> None:
    lines = [line for line in _PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    rows = {line.split("`")[1]: line for line in lines[: len(FACTS)]}
    assert list(rows) == list(FACTS)
    for name, facts in FACTS.items():
        kinds = ", ".join(f"{kind}s" for kind in facts.kinds)
        key = f"`{facts.key_setting}`" if facts.key_setting else "none"
        assert rows[name].startswith(f"| `{name}` | {kinds} | {key} |")
