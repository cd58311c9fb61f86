"""The coded rows as pages: how each coder rated a unit, which claims read it; and the entries of the search."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd
from markupsafe import Markup

from deadletter.argument.why import located
from deadletter.dataset.load import Dataset
from deadletter.frames import for_readers, named, records, titled
from deadletter.site.inputs import Material
from deadletter.site.links import claim_address, claim_link, own_link, root_of, row_address, row_tables
from deadletter.templating import fragment, link, render

# of every unit shown in a fixed place, the rest below it
FIXED = ("id", "regime", "label", "what")
# columns that say what a row is, and those that its entry of the search leaves out
WORDS = ("label", "what", "treaty", "place", "state")
LEFT_OUT = ("id", "page", "second_page", "licence")


def row_pages(material: Material) -> Iterator[tuple[str, str]]:
    """Path and source of a page for each table of coded rows and records, in the order of their ids."""
    readers = _readers(material)
    for resource in row_tables(material.dataset).values():
        yield f"rows/{resource['name']}", _page(material, resource, readers)


def _readers(material: Material) -> dict[str, Markup]:
    """For each unit the claims whose tests read it, under the first coding."""
    first = material.results[0]
    found: dict[str, list[str]] = {}
    for name, node in first.nodes.items():
        for unit in node["read"]:
            found.setdefault(unit, []).append(name)
    up = root_of("rows/x")
    return {unit: Markup(" ").join(claim_link(first, name, up) for name in names) for unit, names in found.items()}


def _page(material: Material, resource: Mapping[str, Any], readers: Mapping[str, Markup]) -> str:
    dataset = material.dataset
    frame, ratings = dataset[resource["name"]], dataset["ratings"]
    ratings = ratings[ratings["unit"].isin(frame["id"])]
    variables = list(dict.fromkeys(ratings["variable"]))
    coders = sorted(set(ratings["coder"]))
    names, titles = _names(dataset), dataset.section_titles
    rated = {(row["unit"], row["variable"], row["coder"]): row for row in records(ratings)}
    regime = "regime" in frame
    columns = ["id", "what", *(one.replace("_", " ") for one in variables), *(["choice:regime"] if regime else [])]
    rows, kept = [], [name for name in frame.columns if name not in FIXED]
    for row in records(frame):
        cells: list[Any] = [own_link(row["id"]), _words(row, names)]
        for variable in variables:
            values = (rated.get((row["id"], variable, coder), {}).get("value", "–") for coder in coders)
            cells.append(" · ".join(values))
        reasons = [
            (f"{variable.replace('_', ' ')}, {coder}", rated[key]["rationale"])
            for variable in variables
            for coder in coders
            if (key := (row["id"], variable, coder)) in rated and rated[key]["rationale"]
        ]
        shown = {name: value for name, value in _with_section(row, titles).items() if name in kept}
        facts = [
            (name.replace("_", " "), _shown(value, names))
            for name, value in shown.items()
            if not pd.isna(value) and value != ""
        ]
        cells += [*([row["regime"]] if regime else []), readers.get(row["id"], "")]
        cells.append(fragment("site/templates/row_more.html", facts=facts, reasons=reasons))
        rows.append(cells)
    return render(
        "site/templates/rows.md",
        name=resource.get("title", resource["name"]),
        stale=material.stale_reasons(material.results[0]),
        about=resource.get("description", ""),
        coders=" · ".join(coders),
        columns=[*columns, "claims that read it", "more"],
        rows=rows,
        ids=list(frame["id"]),
        coding=material.results[0].name,
    )


def _with_section(row: Mapping[str, Any], titles: Mapping[str, str]) -> dict[str, Any]:
    """A row with the title of its section in place of the id."""
    return {**row, "section": titles[row["section"]]} if row.get("section") in titles else dict(row)


def _names(dataset: Dataset) -> dict[str, str]:
    """Names of states by code."""
    return {str(row["iso3"]): str(row["name"]) for row in records(dataset["states"])}


def _words(row: Mapping[str, Any], names: Mapping[str, str]) -> str:
    words = next((row[name] for name in WORDS if row.get(name)), "")
    return "" if pd.isna(words) else named(str(words), names)


def _shown(value: Any, names: Mapping[str, str]) -> Any:
    """An address as a link; codes and lists of them in words; any other text as it is."""
    text = str(value)
    if text.startswith("http"):
        return link(text, text)
    return named(text, names) if set(text) & set(" /") else for_readers(text.replace(";", "; "), names)


def entries(material: Material) -> list[tuple[str, str, str]]:
    """Every claim under the first coding, every row, record and erratum as an entry of the search: title, address from
    the site's root, and text, in order."""
    first, names, found = material.results[0], _names(material.dataset), []
    titles = material.dataset.section_titles
    for name, node in first.nodes.items():
        text = f"Claim ({node['level']}), {node['verdict']}. {node['reason']}"
        found.append((f"{name} {node['claim']}", claim_address(first, name), text))
    for unit, (_, row) in located(material.dataset).items():
        told = _with_section(row, titles).items()
        rest = (f"{name.replace('_', ' ')}: {value}" for name, value in told if name not in LEFT_OUT)
        text = "; ".join(one for one in rest if not one.endswith((": ", ": nan")))
        found.append((f"{unit} {_words(row, names)}", row_address(material.dataset, unit), text))
    for row in records(material.dataset["errata"]):
        found.append((f"{row['id']} {row['what']}", f"method/errata.html#{row['id']}", titled(row["evidence"], titles)))
    return sorted(found)
