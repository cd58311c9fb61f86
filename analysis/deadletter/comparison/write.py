"""`deadletter compare`: the comparison of two codings, in lines for the terminal, as tables, charts and a page."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

from deadletter.coding import load_coding
from deadletter.comparison.compute import Comparison, compare
from deadletter.comparison.page import figures, page, unmoved
from deadletter.dataset.load import load_dataset
from deadletter.files import write_atomically
from deadletter.frames import records
from deadletter.indices.selection import check_coding
from deadletter.labels import CELL_NAMES, counted, dashed
from deadletter.project import Project
from deadletter.results import to_csv

LISTED = 12
PARTS = tuple(field.name for field in fields(Comparison))


def write_comparison(project: Project, base: str, other: str) -> list[str]:
    """Compare two codings of params/, write ``results/compare/<base>_<other>/``, and return what to print.

    Raises InputError: an unknown coding, or bad data or parameters.
    """
    codings = {name: load_coding(project.params, name) for name in (base, other)}
    dataset = load_dataset(project.data)
    for name, coding in codings.items():
        check_coding(dataset, coding, f"params/{name}.yaml")
    found = compare(dataset, codings[base], codings[other])
    folder = project.results / "compare" / f"{base}_{other}"
    contents = {f"{name}.csv": text for name, text in tables(found).items()}
    contents |= {f"{name}.svg": figure.svg(titled=False) for name, figure in figures(found, base, other).items()}
    contents["index.html"] = page(found, codings)
    for name, content in contents.items():
        write_atomically(folder / name, content)
    return [*_lines(found), f"tables, charts and page: results/compare/{folder.name}/"]


def tables(found: Comparison) -> Mapping[str, str]:
    """Every table of a comparison as CSV, by name."""
    return {name: to_csv(getattr(found, name)) for name in PARTS}


def _lines(found: Comparison) -> Iterator[str]:
    moved, flips, turned = found.moved, found.placed, found.flipped
    yield f"{len(moved)} of {len(found.indices)} indices and {len(flips)} of {len(found.placements)} placements move"
    for row in records(flips):
        labels = f"{CELL_NAMES[row['base']]} → {CELL_NAMES[row['other']]}"
        yield f"placement {_where(row)} by {row['basis']}: {labels}"
    yield f"{len(turned)} of {len(found.verdicts)} verdicts on claims flip"
    for r in turned.head(LISTED).itertuples():
        yield f"claim {r.id} ({r.level}) {r.claim}: {r.base_verdict} → {r.other_verdict}"
    if len(turned) > LISTED:
        yield f"and {len(turned) - LISTED} more in verdicts.csv"
    for row in records(moved.head(LISTED)):
        kind = "" if row["krasner"] == "all" else f" ({row['krasner']})"
        values = f"{row['base']:.3f} → {row['other']:.3f} ({row['change']:+.3f})"
        yield f"{row['index']}{kind} {_where(row)}: {values}"
    if len(moved) > LISTED:
        yield f"and {len(moved) - LISTED} smaller changes in indices.csv"
    for row in records(found.attribution):
        effect = f"moves {counted(row['indices_moved'], 'value')} of indices (largest {row['largest_change']:.3f}), "
        effect += f"{counted(row['placements_moved'], 'placement')}, {counted(row['verdicts_flipped'], 'verdict')}"
        yield f"{row['settings']} alone {effect}"
    yield unmoved(found)


def _where(row: Mapping[str, Any]) -> str:
    return f"{row['regime']} {row['component']} {dashed(row['period'])}"
