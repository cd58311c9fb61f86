"""The coded rows as pages: what a unit is, where it is in the article, and how each coder rated it."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from deadletter.argument.why import located
from deadletter.dataset.load import Dataset
from deadletter.frames import records
from deadletter.site.links import own_link
from deadletter.templating import render

# of every unit shown in a fixed place, the rest as remarks
FIXED = ("id", "regime", "label", "section", "anchor")


def row_pages(dataset: Dataset) -> Iterator[tuple[str, str]]:
    """Path and source of a page for each table of coded rows, in the order of their ids."""
    known = dataset.once("rows of pages", lambda: located(dataset))
    names = dict.fromkeys(path.rpartition("/")[2].removesuffix(".csv") for path, _ in known.values())
    for name in names:
        yield f"rows/{name}", _page(dataset, name)


def _page(dataset: Dataset, name: str) -> str:
    frame, ratings = dataset[name], dataset["ratings"]
    ratings = ratings[ratings["unit"].isin(frame["id"])]
    variables = list(dict.fromkeys(ratings["variable"]))
    coders = sorted(set(ratings["coder"]))
    values = ratings.set_index(["unit", "variable", "coder"])["value"].to_dict()
    rest = [column for column in frame.columns if column not in FIXED]
    regime, anchored = "regime" in frame, "anchor" in frame
    columns = ["id", *(["choice:regime"] if regime else []), "what", *(["place"] if anchored else [])]
    columns += [column.replace("_", " ") for column in [*rest, *variables]]
    rows = []
    for row in records(frame):
        cells = [own_link(row["id"]), *([row["regime"]] if regime else []), row.get("label", "")]
        cells += [f"“{row['anchor']}”, {row['section']}" if row["anchor"] else row["section"]] if anchored else []
        cells += ["" if pd.isna(row[column]) else str(row[column]) for column in rest]
        cells += [
            " · ".join(values.get((row["id"], variable, coder), "–") for coder in coders) for variable in variables
        ]
        rows.append(cells)
    described = (one.get("description", "") for one in dataset.package["resources"] if one["name"] == name)
    return render(
        "site/templates/rows.md",
        name=name,
        about=next(described, ""),
        coders=" · ".join(coders),
        columns=columns,
        rows=rows,
        ids=list(frame["id"]),
    )
