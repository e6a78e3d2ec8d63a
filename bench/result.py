"""What a benchmark found, as a row of the table and as a file."""

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Result:
    """`value` and `floor` in `unit`; `floor` is the least anybody could do, measured in the same run."""

    name: str
    value: float
    unit: str
    floor: float
    ratio: float
    goal: str
    runs: int
    met: bool
    note: str = ""

    def write(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{self.name}.json").write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` (fraction) of the values lie, nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def table(results: Sequence[Result]) -> str:
    """All results in columns, with a sign for goals that were met."""
    rows = [("", "name", "value", "floor", "ratio", "runs", "goal")]
    rows += [
        (
            "ok" if each.met else "--",
            each.name,
            f"{each.value:.4g} {each.unit}",
            f"{each.floor:.4g} {each.unit}",
            f"{each.ratio:.2f}",
            str(each.runs),
            each.goal + (f"; {each.note}" if each.note else ""),
        )
        for each in results
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
