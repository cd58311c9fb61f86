"""Codings side by side, and how far coders agree."""

import io
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
from markupsafe import Markup

from deadletter.charts.bundle import cell_text
from deadletter.coding import Coding, digest
from deadletter.comparison.compute import Comparison, compare
from deadletter.comparison.page import body, figures
from deadletter.comparison.write import PARTS, tables
from deadletter.frames import records
from deadletter.indices.agreement import agreement_tables
from deadletter.site.figures import drawing, exhibit_of, figure_block, files_of
from deadletter.site.inputs import Material
from deadletter.site.kept import kept, place_in
from deadletter.site.links import claim_link, comparison_path, root_of, verdict_mark
from deadletter.templating import link, render

# columns of the table of disagreements that offer their values as a filter
CHOICES = ("variable", "by")
# headings of the tables of agreement that their columns do not tell
HEADINGS = {
    "shared": "both had the codebook",
    "equal": "share of equal values",
    "same": "in the same sentence",
    "same_by_chance": "by chance",
    "adjacent": "in the same or a neighbouring one",
    "adjacent_by_chance": "by chance",
}


def comparison_pages(material: Material) -> Iterator[tuple[str, str, dict[str, str | bytes | Path]]]:
    """The first coding compared with each of the others: path, source, and files to download."""
    base = material.results[0]
    for other in material.results[1:]:
        found = compared(material, base.coding, other.coding)
        path = comparison_path(base.name, other.name)
        up = root_of(path)
        folder = f"downloads/results/compare/{base.name}_{other.name}"
        files: dict[str, str | bytes | Path] = {f"{folder}/{name}.csv": text for name, text in tables(found).items()}
        drawn = {
            name: drawing(exhibit_of(figure, str(number)), material.project.cache)
            for number, (name, figure) in enumerate(figures(found, base.name, other.name).items(), start=1)
        }
        others = [
            (one.name, f"{up}{comparison_path(base.name, one.name)}.html", one is other) for one in material.results[1:]
        ]
        marked = {claim: claim_link(other, claim, up) for claim in found.verdicts["id"]}
        verdicts = {*found.verdicts["base_verdict"], *found.verdicts["other_verdict"]}
        marked |= {verdict: verdict_mark(verdict) for verdict in verdicts}
        page = render(
            "site/templates/comparison.md",
            base=base,
            other=other,
            others=others,
            body=body(
                found,
                {one.name: one.coding for one in (base, other)},
                {name: figure_block(one, f"{up}{folder}/") for name, one in drawn.items()},
                marked,
            ),
            files=[(up + file, file.rpartition("/")[2]) for file in files],
            up=up,
        )
        files |= {f"{folder}/{file}": text for one in drawn.values() for file, text in files_of(one).items()}
        yield path, page, files


def compared(material: Material, base: Coding, other: Coding) -> Comparison:
    """The comparison of two codings; each decision that differs is computed through once, and kept."""
    made = kept(_place(material, base, other), lambda: tables(compare(material.dataset, base, other)))
    read = {name: pd.read_csv(io.StringIO(made[name]), keep_default_na=False, na_values=[""]) for name in PARTS}
    return Comparison(**read | {"verdicts": read["verdicts"].fillna("")})


def _place(material: Material, base: Coding, other: Coding) -> Path:
    return place_in(material.project.cache, "compare", material.dataset.digest, digest(base), digest(other))


def all_compared(material: Material) -> bool:
    """Whether every comparison of the site was computed before."""
    base, *others = (one.coding for one in material.results)
    return all(_place(material, base, other).is_file() for other in others)


def codings_page(material: Material) -> str:
    """The codings of the site with the reason for each, and the way to its pages."""
    base = material.results[0]
    rows = []
    for one in material.results:
        ways = [link(f"../claims/{one.name}/index.html", "claims")]
        ways += [link(f"../{comparison_path(base.name, one.name)}.html", f"against {base.name}")] if one != base else []
        ways += [link(f"../notebooks/{one.jobs[0].name}.html", "notebooks")]
        rows.append(
            (Markup("<code>{}</code>").format(one.name), one.coding.title, one.coding.why, Markup(" · ").join(ways))
        )
    return render("site/templates/codings.md", rows=rows)


def agreement_page(material: Material) -> str:
    """How far the coders agree: by variable, on what they differ, and how many units each found."""
    coding = material.results[0].coding
    found = kept(
        place_in(material.project.cache, "agreement", material.dataset.digest, digest(coding)),
        lambda: {name: _cells(frame) for name, frame in agreement_tables(material.dataset, coding).items()},
    )
    return render(
        "site/templates/agreement.md",
        coders=records(material.dataset["coders"]),
        coders_in_words=material.study.coders_in_words,
        **found,
    )


def _cells(frame: pd.DataFrame) -> tuple[list[str], list[list[str]]]:
    """Headings and cells of a table of results, numbers to two decimals."""
    heads = [f"choice:{one}" if one in CHOICES else HEADINGS.get(one, one.replace("_", " ")) for one in frame.columns]
    rows = [[cell_text(value) for value in row] for row in frame.itertuples(index=False)]
    return heads, rows
