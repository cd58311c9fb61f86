"""The coded rows as pages: what a unit is, where it stands in the article, and how each coder rated it."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from deadletter.argument.why import located
from deadletter.dataset.load import Dataset
from deadletter.site.markup import plain, raw, table, text

# of every unit told in a fixed place, the rest as remarks
_TOLD = ("id", "regime", "label", "section", "anchor")


def row_address(dataset: Dataset, unit: str) -> str:
    """Where a coded row is told, from the site's root."""
    path, _ = dataset.once("rows of pages", lambda: located(dataset))[unit]
    return f"rows/{path.rpartition('/')[2].removesuffix('.csv')}.html#{unit}"


def tables_of_rows(dataset: Dataset) -> list[str]:
    """The tables whose rows have a page, in the order of their ids."""
    known = dataset.once("rows of pages", lambda: located(dataset))
    return list(dict.fromkeys(path.rpartition("/")[2].removesuffix(".csv") for path, _ in known.values()))


def row_pages(dataset: Dataset) -> Iterator[tuple[str, str]]:
    """Path and source of a page for each table of coded rows."""
    for name in tables_of_rows(dataset):
        yield f"rows/{name}", _page(dataset, name)


def _page(dataset: Dataset, name: str) -> str:
    frame = dataset[name]
    ratings = dataset["ratings"]
    ratings = ratings[ratings["unit"].isin(frame["id"])]
    variables = list(dict.fromkeys(ratings["variable"]))
    coders = sorted(set(ratings["coder"]))
    values = ratings.set_index(["unit", "variable", "coder"])["value"].to_dict()
    rest = [column for column in frame.columns if column not in _TOLD]
    columns = {"id": "id"}
    columns |= {"choice:regime": "regime"} if "regime" in frame else {}
    columns |= {"label": "what", "where": "where it stands"} if "anchor" in frame else {"label": "what"}
    columns |= {column: column.replace("_", " ") for column in rest}
    columns |= {f"rated {variable}": variable.replace("_", " ") for variable in variables}
    rows = []
    for row in frame.to_dict("records"):
        cells = [f'<a class="id" href="#{text(row["id"])}">{text(row["id"])}</a>']
        cells += [text(row["regime"])] if "regime" in row else []
        cells.append(text(row.get("label", "")))
        cells += [f"“{text(row['anchor'])}”, {text(row['section'])}"] if "anchor" in row else []
        cells += [_cell(row[column]) for column in rest]
        cells += [
            " · ".join(text(values.get((row["id"], variable, coder), "–")) for coder in coders)
            for variable in variables
        ]
        rows.append(tuple(cells))
    order = f"Ratings stand in the order {' · '.join(coders)}." if coders else ""
    return "\n".join(
        (
            "---\nhtml_theme.sidebar_secondary.remove: true\n---\n",
            f"# Rows: {plain(name)}",
            f"{_describe(dataset, name)} {plain(order)}\n",
            raw(table(columns, rows, f"Every row of {name}", name="rows", ids=list(frame["id"]), tools=True)),
        )
    )


def _describe(dataset: Dataset, name: str) -> str:
    resource = next(one for one in dataset.package["resources"] if one["name"] == name)
    return plain(resource.get("description", ""))


def _cell(value: object) -> str:
    return "" if value is None or (not isinstance(value, str) and pd.isna(value)) else text(value)
