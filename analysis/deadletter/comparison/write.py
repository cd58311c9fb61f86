"""`deadletter compare`: the comparison of two codings, told in lines and written as tables, charts and a page."""

from __future__ import annotations

from collections.abc import Iterator

from deadletter.coding import load_coding
from deadletter.comparison.compute import SMALLEST, Comparison, compare
from deadletter.comparison.html_page import figures, page, unmoved
from deadletter.dataset.load import load_dataset
from deadletter.files import write_atomically
from deadletter.indices.selection import check_coding
from deadletter.project import Project
from deadletter.results import to_csv

LISTED = 12


def write_comparison(project: Project, base: str, other: str) -> list[str]:
    """Compare two codings of params/, write ``results/compare/<base>_<other>/``, and return what to print.

    Raises
    ------
    InputError: an unknown coding, or bad data or parameters.
    """
    codings = {name: load_coding(project.params, name) for name in (base, other)}
    first, second = (codings[name] for name in (base, other))
    dataset = load_dataset(project.data)
    for name, coding in codings.items():
        check_coding(dataset, coding, f"params/{name}.yaml")
    found = compare(dataset, first, second)
    folder = project.results / "compare" / f"{base}_{other}"
    for name in ("indices", "placements", "verdicts", "attribution"):
        write_atomically(folder / f"{name}.csv", to_csv(getattr(found, name)))
    for name, figure in figures(found, base, other).items():
        write_atomically(folder / f"{name}.svg", figure.svg())
    write_atomically(folder / "index.html", page(found, codings))
    return [*_told(found), f"tables, charts and page: results/compare/{folder.name}/"]


def _told(found: Comparison) -> Iterator[str]:
    moved = found.indices[found.indices["change"].abs() > SMALLEST]
    flips = found.placements[found.placements["moved"]]
    yield f"{len(moved)} of {len(found.indices)} indices and {len(flips)} of {len(found.placements)} placements move"
    for r in flips.itertuples():
        yield f"placement {r.regime} {r.component} {r.period} by {r.basis}: {r.base} → {r.other}"
    turned = found.verdicts[found.verdicts["flipped"]]
    yield f"{len(turned)} of {len(found.verdicts)} verdicts on claims flip"
    for r in turned.head(LISTED).itertuples():
        yield f"claim {r.id} ({r.level}) {r.claim}: {r.base_verdict} → {r.other_verdict}"
    if len(turned) > LISTED:
        yield f"and {len(turned) - LISTED} more in verdicts.csv"
    for r in moved.head(LISTED).itertuples():
        kind = "" if r.krasner == "all" else f" ({r.krasner})"
        where = f"{r.regime} {r.component} {r.period}"
        yield f"{r.index}{kind} {where}: {r.base:.3f} → {r.other:.3f} ({r.change:+.3f})"
    if len(moved) > LISTED:
        yield f"and {len(moved) - LISTED} smaller changes in indices.csv"
    for r in found.attribution.itertuples():
        effect = f"moves {r.indices_moved} indices (largest {r.largest_change:.3f}), {r.placements_moved} placements"
        effect += f", {r.verdicts_flipped} verdicts"
        yield f"{r.settings} alone {effect}"
    yield unmoved(found)
