"""How well the ranking orders labelled sets, by nDCG@10.

Run: `python -m benchmarks.ranking`. The sets (`benchmarks/ranking_sets/`) are generated: see there how. Nothing is
drawn here; the same files give the same table.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from ettametta.discovery.ranking.replay import Judged, LabelledSet, judge

SETS = Path(__file__).parent / "ranking_sets"


def judged_sets() -> list[Judged]:
    """Every set, replayed."""
    files = sorted(SETS.glob("*.json"))
    return [judge(LabelledSet.model_validate_json(path.read_text(encoding="utf-8"))) for path in files]


def table(found: list[Judged]) -> str:
    """The figures as a Markdown table, with their mean."""
    orders = list(found[0].by_order)
    lines = [f"| set | {' | '.join(orders)} |", "|---" * (len(orders) + 1) + "|"]
    lines += [f"| {one.name} | {' | '.join(f'{one.by_order[order]:.3f}' for order in orders)} |" for one in found]
    means = [sum(one.by_order[order] for one in found) / len(found) for order in orders]
    return "\n".join([*lines, f"| mean | {' | '.join(f'{mean:.3f}' for mean in means)} |"])


def main() -> None:
    """Print the table."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    print(table(judged_sets()))


if __name__ == "__main__":
    main()
