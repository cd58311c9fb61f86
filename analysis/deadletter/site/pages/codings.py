"""Codings side by side, and how far coders agree."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pandas as pd

from deadletter.argument.verdicts import standing
from deadletter.coding import digest
from deadletter.comparison.compute import SMALLEST, Comparison, compare
from deadletter.files import write_atomically
from deadletter.indices.agreement import agreement_tables
from deadletter.pipeline.import_graph import closure, file_hash, source_of
from deadletter.results import to_csv
from deadletter.site.inputs import Material, Results
from deadletter.site.markup import link, plain, raw, root_of, switch, table, text, verdict
from deadletter.site.pages.ledger_pages import claim_address

LISTED = 60
PARTS = ("indices", "placements", "verdicts", "attribution")


def comparison_path(base: Results, other: Results) -> str:
    return f"codings/{base.name}-{other.name}"


def compared(material: Material, base: Results, other: Results) -> Comparison:
    """The comparison of two codings, kept in the cache: each decision that differs is computed through once."""
    code = [file_hash(source_of(module)) for module in closure([compare.__module__])]
    key = "\n".join((material.dataset.digest, digest(base.coding), digest(other.coding), *code))
    folder = material.project.cache / f"compare-{hashlib.sha256(key.encode()).hexdigest()[:16]}"
    paths = {name: folder / f"{name}.csv" for name in PARTS}
    if not all(path.is_file() for path in paths.values()):
        found = compare(material.dataset, base.coding, other.coding)
        for name, path in paths.items():
            write_atomically(path, to_csv(getattr(found, name)))
    tables = {name: pd.read_csv(path, keep_default_na=False, na_values=[""]) for name, path in paths.items()}
    tables["verdicts"] = tables["verdicts"].fillna("")
    return Comparison(**tables)


def comparison_pages(material: Material) -> Iterator[tuple[str, str, dict[str, str]]]:
    """The first coding beside each of the others: path, source, and files to download."""
    base = material.results[0]
    for other in material.results[1:]:
        found = compared(material, base, other)
        folder = f"downloads/results/compare/{base.name}_{other.name}"
        files = {f"{folder}/{name}.csv": to_csv(getattr(found, name)) for name in PARTS}
        yield comparison_path(base, other), _comparison(material, base, other, found, list(files)), files


def _comparison(material: Material, base: Results, other: Results, found: Comparison, files: list[str]) -> str:
    path = comparison_path(base, other)
    up = root_of(path)
    moved = found.indices[found.indices["change"].abs() > SMALLEST]
    placed = found.placements[found.placements["moved"]]
    flipped = found.verdicts[found.verdicts["flipped"]]
    others = [(one.name, f"{up}{comparison_path(base, one)}.html", one is other) for one in material.results[1:]]
    ledgers = " and ".join(link(f"{up}claims/{one.name}/index.html", f"ledger of {one.name}") for one in (base, other))
    taken = ", ".join(f'<a href="{up}{file}" download>{text(file.rpartition("/")[2])}</a>' for file in files)
    return "\n".join(
        (
            f"# {plain(base.coding.title)} beside {plain(other.coding.title)}",
            raw(f'<div class="switches">{switch(f"{base.name} beside", others)}</div>'),
            f"{plain(other.coding.why)}\n\n"
            f"{len(moved)} of {len(found.indices)} indices, {len(placed)} of {len(found.placements)} placements and "
            f"{len(flipped)} of {len(found.verdicts)} verdicts move; all others stay as they are.",
            "## Which decision moves what",
            raw(_attribution(found.attribution)),
            "## Placements that move",
            raw(_placements(placed, base, other)),
            "## Verdicts that flip",
            raw(_verdicts(material, flipped, base, other, up)),
            "## Indices that move, largest first",
            raw(_indices(moved, base, other)),
            raw(f"<p>See also the {ledgers}. Whole tables: {taken}</p>"),
        )
    )


def _attribution(frame: pd.DataFrame) -> str:
    rows = [
        (
            f"<code>{text(row.settings)}</code>",
            str(row.indices_moved),
            f"{row.largest_change:.3f}",
            str(row.placements_moved),
            str(row.verdicts_flipped),
        )
        for row in frame.itertuples()
    ]
    columns = {"key": "applied alone", "i": "indices", "l": "largest change", "p": "placements", "v": "verdicts"}
    return table(columns, rows, "Each differing decision applied alone; effects need not add up")


def _placements(frame: pd.DataFrame, base: Results, other: Results) -> str:
    rows = [
        tuple(
            text(str(value).replace("_", " ")) for value in (r.regime, r.component, r.period, r.basis, r.base, r.other)
        )
        for r in frame.itertuples()
    ]
    columns = {"r": "regime", "c": "part", "p": "period", "b": "by", "x": base.name, "y": other.name}
    return table(columns, rows, "Placements that move") if rows else "<p>None.</p>"


def _verdicts(material: Material, frame: pd.DataFrame, base: Results, other: Results, up: str) -> str:
    rows = [
        (
            link(up + claim_address(material, other, r.id), r.id),
            text(r.level),
            text(r.regime),
            text(r.claim),
            verdict(r.base_verdict, standing(r.base_verdict)),
            verdict(r.other_verdict, standing(r.other_verdict)),
        )
        for r in frame.itertuples()
    ]
    columns = {"id": "id", "l": "level", "r": "regime", "c": "claim", "x": base.name, "y": other.name}
    return table(columns, rows, "Verdicts that flip") if rows else "<p>None.</p>"


def _indices(frame: pd.DataFrame, base: Results, other: Results) -> str:
    rows = [
        (
            *(text(value) for value in (r.regime, r.component, r.period, r.krasner, r.measure.replace("_", " "))),
            f"{r.base:.3f}",
            f"{r.other:.3f}",
            f"{r.change:+.3f}",
        )
        for r in frame.rename(columns={"index": "measure"}).head(LISTED).itertuples()
    ]
    columns = {"r": "regime", "c": "part", "p": "period", "k": "kind", "i": "index", "x": base.name, "y": other.name}
    more = f"<p>And {len(frame) - LISTED} smaller ones in indices.csv.</p>" if len(frame) > LISTED else ""
    return (table({**columns, "d": "change"}, rows, "Indices that move") + more) if rows else "<p>None.</p>"


def codings_page(material: Material) -> str:
    """The codings of the site with the reason for each, and the way to its pages."""
    base = material.results[0]
    rows = []
    for one in material.results:
        ways = [link(f"../claims/{one.name}/index.html", "claims")]
        ways += [link(f"../{comparison_path(base, one)}.html", f"beside {base.name}")] if one is not base else []
        ways += [link(f"../notebooks/{one.jobs[0].name}.html", "notebooks")]
        rows.append((text(one.name), text(one.coding.title), text(one.coding.why), " · ".join(ways)))
    columns = {"name": "coding", "title": "title", "why": "why a referee would accept it", "see": "see"}
    return "\n".join(
        (
            "# Codings",
            "Every decision of the coding is a parameter of one file. The codings of this site:",
            raw(table(columns, rows, "Codings of this site")),
        )
    )


def agreement_page(material: Material) -> str:
    """How far the coders agree: by variable, on what they differ, and how many units each found."""
    coders = material.dataset["coders"]
    told = "".join(
        f"<li><strong>{text(row.id)}</strong> ({text(row.kind)}): {text(row.task)}</li>" for row in coders.itertuples()
    )
    tables = agreement_tables(material.dataset, material.results[0].coding)
    return "\n".join(
        (
            "---\nhtml_theme.sidebar_secondary.remove: true\n---\n",
            "# Agreement between coders",
            "These are codings by machines, made separately from one codebook; they are not independent human coders. "
            "Alpha (Krippendorff 2011) shows how reproducible the codebook is for such coders: 1 is perfect agreement, "
            "0 what chance would give. Errors that the coders share are invisible to it.",
            raw(f"<ul>{told}</ul>{_frame(tables['alpha'], 'Krippendorff’s alpha by variable, with 95 % intervals')}"),
            "## Units found by each",
            raw(_frame(tables["recall"], "Recall of units")),
            "## Where they differ",
            raw(
                _frame(
                    tables["disagreements"], "Ratings on which the coders differ, and what was reconciled", tools=True
                )
            ),
        )
    )


def _frame(frame: pd.DataFrame, caption: str, *, tools: bool = False) -> str:
    """A table of results as it stands, numbers to two decimals."""
    choices = {"variable", "by"} if tools else set()
    columns = {f"choice:{name}" if name in choices else name: name.replace("_", " ") for name in frame.columns}
    rows = [tuple(_cell(value) for value in row) for row in frame.itertuples(index=False)]
    return table(columns, rows, caption, tools=tools)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return "–" if value != value else f"{value:.2f}".removesuffix(".00")
    return text(value)
