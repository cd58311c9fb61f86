"""The tables that the package knows: their columns, which of them every study needs, and what the others are for.

A table that a study does not have counts as empty, and so does a column that it does not need. The descriptor of the
first study serves as the list of all tables.
"""

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from deadletter.dataset.problems import Problem, place
from deadletter.dataset.tables import read_file
from deadletter.errors import InputError
from deadletter.project import shipped
from deadletter.study import of_any_source

NEEDED = ("sections", "states", "regimes", "lineage", "coders", "variables", "scale", "norms", "ratings")
# required columns that a study without an article can do without: its rows name a source instead
OF_AN_ARTICLE = ("anchor", "footnotes")
SOURCE = "source"
# what is not computed without any row of a table
SERVES = {
    "memberships": "members, and whether a norm is in force for all of them",
    "instruments": "codification, the measure of formalisation of most codings",
    "reference": "the anchors of codification, unless the coding states them",
    "outlook": "expectation",
    "expectations": "wishes and what became of them",
    "events": "compliance",
    "plans": "plans carried out",
    "functions": "strategic and communicative functions",
    "roles": "roles of states",
    "votes": "voting power",
    "links": "completeness",
    "figures": "figures that are stated",
    "claims": "the argument, its verdicts and forecasts",
    "facts": "verdicts of forecasts and other later facts",
    "record_facts": "verdicts on the record",
    "bilateral": "trade shares, breaks and gravity",
    "rollcalls": "agreement in roll-call votes",
    "ranks": "ranks among other organisations",
}
_OUTSIDE = ("outside figures", "record", "later facts")


@lru_cache(maxsize=1)
def standard() -> dict[str, Any]:
    """The resources that the package knows, by the name of the table."""
    package = json.loads(of_any_source(shipped("data/datapackage.json").read_text(encoding="utf-8")))
    return {resource["name"]: resource for resource in package["resources"]}


def path_of(name: str) -> str:
    """Where a table is below ``data/``; one that the package does not know is taken for a coded one."""
    return str(standard()[name]["path"]) if name in standard() else f"account/{name}.csv"


def optional_columns(name: str) -> set[str]:
    """The columns of a table that a study may leave out."""
    fields = standard()[name]["schema"]["fields"]
    optional = {field["name"] for field in fields if not field.get("constraints", {}).get("required")}
    return optional | {field["name"] for field in fields if field["name"] in OF_AN_ARTICLE}


def completed(package: Mapping[str, Any]) -> dict[str, Any]:
    """A descriptor with the tables and columns that its study does not have.

    Raises InputError: tables or columns are missing that every study needs; all of them are named.
    """
    own = {resource["name"]: resource for resource in package["resources"]}
    if missing := [standard()[name]["path"] for name in NEEDED if name not in own]:
        raise InputError(
            f"{'this table is' if len(missing) == 1 else 'these tables are'} missing: {', '.join(missing)}",
            where="data/datapackage.json",
            allowed="take them from a folder of `deadletter new DIR --empty`, then run `deadletter data describe`",
        )
    lacking = [f"{resource['path']} column {c}" for resource in own.values() for c in _lacking(resource)]
    if lacking:
        raise InputError(
            f"does not describe {', '.join(lacking)}",
            where="data/datapackage.json",
            allowed="run `deadletter data describe` when the tables have these columns",
        )
    absent = [{**resource, "schema": _open(resource)} for name, resource in standard().items() if name not in own]
    return {**package, "resources": [*map(_whole, own.values()), *absent]}


def _lacking(resource: Mapping[str, Any]) -> Iterator[str]:
    """The columns that a known table needs and its description does not have."""
    if resource["name"] in standard():
        described = {field["name"] for field in resource["schema"]["fields"]}
        for field in standard()[resource["name"]]["schema"]["fields"]:
            if field["name"] not in described | optional_columns(resource["name"]):
                yield field["name"]


def _whole(resource: Mapping[str, Any]) -> dict[str, Any]:
    """A description with the optional columns and the references that it leaves out."""
    known = standard().get(resource["name"])
    if known is None:
        return dict(resource)
    schema = resource["schema"]
    described = {field["name"] for field in schema["fields"]}
    more = [
        {"name": field["name"], "type": field["type"], "description": field.get("description", "")}
        for field in known["schema"]["fields"]
        if field["name"] not in described
    ]
    keys = schema.get("foreignKeys", [])
    keys = [*keys, *(key for key in known["schema"].get("foreignKeys", []) if key not in keys)]
    return {**resource, "schema": {**schema, "fields": [*schema["fields"], *more], "foreignKeys": keys}}


def _open(resource: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of a known table for another study, without what holds for the first one alone.

    Outside tables list codes of the first study; a column whose field says ``vocabulary: study`` has words of a study's
    own, which its descriptor may list.
    """
    outside = resource.get("role") in _OUTSIDE
    fields = []
    for field in resource["schema"]["fields"]:
        gone = ("enum", "pattern") if outside else ("enum",) if field.get("vocabulary") == "study" else ()
        limits = {key: value for key, value in field.get("constraints", {}).items() if key not in gone}
        kept = {key: value for key, value in field.items() if not (gone and key == "categories")}
        fields.append({**kept, "constraints": limits} if gone else field)
    return {**resource["schema"], "fields": fields}


def filled(package: Mapping[str, Any], tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Tables of strings with those of a completed descriptor that are absent, empty, and with absent columns, empty."""
    made = {}
    for resource in package["resources"]:
        columns = [field["name"] for field in resource["schema"]["fields"]]
        frame = tables.get(resource["name"], pd.DataFrame(columns=columns, dtype=object))
        same = list(frame.columns) == columns
        made[resource["name"]] = frame if same else frame.reindex(columns=columns, fill_value="")
    return made


def untraced(package: Mapping[str, Any], tables: Mapping[str, pd.DataFrame]) -> Iterator[Problem]:
    """Coded tables and rows that say neither where in the article they stand nor what else they rest on.

    package: the study's own descriptor.
    """
    for resource in package["resources"]:
        name, path = resource["name"], resource["path"]
        known = {field["name"] for field in standard().get(name, {"schema": {"fields": []}})["schema"]["fields"]}
        if "anchor" not in known or resource.get("role") not in ("unit", "frame"):
            continue
        own = {field["name"] for field in resource["schema"]["fields"]}
        if not own & {"anchor", SOURCE}:
            yield Problem(path, "has no column that traces a row", None, f"{SOURCE} (a place and page), or anchor")
        elif SOURCE in own:
            frame = tables[name]
            empty = (frame[SOURCE] == "") & (frame["anchor"] == "")
            for row in frame.index[empty]:
                yield Problem(place(path, row + 2, frame["id"][row], SOURCE), "is empty", None, "a place and page")


def adapted(package: Mapping[str, Any], data: Path) -> dict[str, Any]:
    """A descriptor brought in line with a folder: tables that came or went, and new columns.

    A table that no study needs is left out where its file is gone; one that the package knows is taken in where its
    file is there. A column that the descriptor does not know is text, unless the package knows it.
    """
    kept = [one for one in package["resources"] if one["name"] in NEEDED or (data / one["path"]).is_file()]
    found = {one["name"] for one in kept}
    there = (name for name, one in standard().items() if name not in found and (data / one["path"]).is_file())
    kept += [_described(standard()[name], _header(data, standard()[name])) for name in there]
    names = {one["name"] for one in kept}
    return {**package, "resources": [_with_columns(one, _header(data, one), names) for one in kept]}


def _header(data: Path, resource: Mapping[str, Any]) -> list[str]:
    """The columns of a table; none where it cannot be read, which reading it reports."""
    try:
        return read_file(data, resource).decode("utf-8").partition("\n")[0].split(",")
    except (InputError, UnicodeDecodeError):
        return []


def _described(resource: Mapping[str, Any], header: list[str]) -> dict[str, Any]:
    """The description of a known table that another study has with these columns."""
    schema = _open(resource)
    dropped = optional_columns(resource["name"]) - set(header)
    fields = [field for field in schema["fields"] if field["name"] not in dropped]
    about = ("name", "type", "path", "title", "description", "format", "mediatype", "encoding", "role")
    return {key: resource[key] for key in about} | {"schema": {**schema, "fields": fields}}


def _with_columns(resource: Mapping[str, Any], header: list[str], names: set[str]) -> dict[str, Any]:
    """A description with the columns of a file that it lacks, and without references to tables that are not there."""
    name, schema = resource["name"], resource["schema"]
    by_name = {field["name"]: field for field in schema["fields"]}
    known = {field["name"]: field for field in _open(standard()[name])["fields"]} if name in standard() else {}
    needed = set(known) - optional_columns(name) if known else set()
    new = [column for column in header if column not in by_name]
    gone = [column for column in by_name if column not in header]
    # a column that is needed may have been renamed: reading the table says so
    if header and not needed & set(gone):
        by_name |= {column: known.get(column, {"name": column, "type": "string", "description": ""}) for column in new}
        by_name = {column: by_name[column] for column in header}
    if SOURCE in by_name and "anchor" in by_name:
        by_name["anchor"] = {**by_name["anchor"], "constraints": {}}
    keys = [key for key in schema.get("foreignKeys", []) if (key["reference"]["resource"] or name) in names]
    schema = {**schema, "fields": list(by_name.values())}
    return {**resource, "schema": schema | ({"foreignKeys": keys} if "foreignKeys" in schema else {})}
