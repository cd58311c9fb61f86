"""`deadletter check`: everything that can be wrong with data, parameters and coding, as one report."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from deadletter.chapter.opened import decided
from deadletter.coding import NAMES, REFERENCE, coding_names, load_coding, misnamed
from deadletter.dataset.article.anchors import PATH as PLACES_PATH
from deadletter.dataset.article.anchors import TABLE as PLACES
from deadletter.dataset.article.anchors import anchored, check_traces, places
from deadletter.dataset.article.text import read_article
from deadletter.dataset.codebook import altered, stale_descriptions
from deadletter.dataset.load import find_problems, load_dataset
from deadletter.dataset.problems import Problem
from deadletter.dataset.schema_check import by_the_standard
from deadletter.dataset.standard_tables import SERVES, completed, filled, standard
from deadletter.dataset.tables import read_descriptor, read_files, read_strings
from deadletter.errors import InputError, nearest
from deadletter.files import write_atomically
from deadletter.frames import records
from deadletter.indices.selection import check_coding
from deadletter.labels import counted
from deadletter.multiverse.evaluated import command_again, outdated
from deadletter.notebook_files import read_notebook, tags_of
from deadletter.pipeline.notebook_imports import lost_imports
from deadletter.project import Project, files_below
from deadletter.results import to_csv
from deadletter.study import FILE, kind_of_coders, read_study


@dataclass(frozen=True)
class Report:
    """``counts`` says what was checked, a line each; ``problems`` what is wrong."""

    counts: tuple[str, ...]
    problems: tuple[Problem, ...]


def check_project(project: Project, article: Path | None, *, decide: bool = True) -> Report:
    """Check the tables, their description, every coding, and (given a copy) the coding against the article.

    ``decide``: whether all claims are decided, which takes longest. Raises InputError: the copy of the article cannot
    be read.
    """
    problems: list[Problem] = []
    try:
        package = read_descriptor(project.descriptor)
        read_files(project.data, package)
        tables = {resource["name"]: read_strings(project.data, resource) for resource in package["resources"]}
        whole = completed(package)
    except InputError as error:
        return Report((), (_as_problem(error),))
    counts = [
        f"{resource['path']}: {counted(len(tables[resource['name']]), 'row')}" for resource in package["resources"]
    ]
    tables = filled(whole, tables)
    counts += [*not_computed(tables), *_without_periods(project, tables)]
    problems += find_problems(package, tables) or by_the_standard(whole, tables)
    problems += _codings(project)
    problems += _undescribed(project.data, package)
    problems += _found_by(lost_imports, project)
    problems += _found_by(_coders, project, tables["coders"])
    if article is not None:
        text = read_article(article, headings(tables["sections"]))
        files = {resource["path"]: tables[resource["name"]] for resource in package["resources"]}
        coded = {path: frame for path, frame in files.items() if path.startswith(("account/", "argument/"))}
        anchors = sum(int((frame["anchor"] != "").sum()) for _, frame in anchored(coded))
        counts.append(f"copy: {anchors} anchors, {sum(len(s.words) for s in text.sections.values())} words of body")
        problems += check_traces(coded, text, range(1, package.get("footnotes", 0) + 1))
        if not places(tables, text).equals(tables[PLACES]):
            problems.append(Problem(PLACES_PATH, "is stale", allowed="run `deadletter data places --article FILE`"))
    if decide and not problems:  # claims can be decided only on sound tables
        problems += _found_by(_claims, project)
    problems += _stale(project)
    if not problems and (reason := outdated(project, load_dataset(project.data))):
        problems.append(Problem("results/multiverse", f"was {reason}", None, f"run `{command_again(project)}`"))
    return Report(tuple(counts), tuple(problems))


def not_computed(tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """What has no value for want of rows, a line each."""
    lines = [
        f"not computed: {serves}: {standard()[name]['path']} has no row"
        for name, serves in SERVES.items()
        if tables[name].empty
    ]
    if len(tables["coders"]) < 2:
        lines.append("not computed: agreement between coders: account/coders.csv has fewer than two")
    return lines


def write_places(project: Project, article: Path) -> bool:
    """Bring the table of places up to date with a copy of the article; says whether it changed.

    Raises InputError: the copy or a table cannot be read.
    """
    package = read_descriptor(project.descriptor)
    tables = {r["name"]: read_strings(project.data, r) for r in package["resources"] if r["name"] != PLACES}
    made = to_csv(places(tables, read_article(article, headings(tables["sections"]))))
    path = project.data / PLACES_PATH
    if path.is_file() and path.read_text(encoding="utf-8") == made:
        return False
    write_atomically(path, made)
    return True


def headings(sections: pd.DataFrame) -> list[tuple[str, str, bool]]:
    """Section ids with their headings, in order, and whether each is coded: what the parser of the article wants."""
    ordered = sections.assign(order=sections["order"].astype(int)).sort_values("order")
    return [(row["id"], row["heading"], row["coded"] == "yes") for row in records(ordered)]


def _without_periods(project: Project, tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """Focal regimes that no coding names periods for, a line each."""
    named: set[str] = set()
    for name in coding_names(project.params):
        with suppress(InputError):  # a coding that cannot be read is a problem of its own
            named |= load_coding(project.params, name).periods.keys()
    return [
        f"not computed: {row['id']}: no coding of params/ names periods for its lineage {row['lineage']}"
        for row in records(tables["regimes"])
        if row["focal"] == "yes" and row["lineage"] not in named
    ]


def _found_by(check: Callable[..., Iterable[Problem]], *arguments: Any) -> list[Problem]:
    """The problems that a check finds, or the one input that it cannot read."""
    try:
        return list(check(*arguments))
    except InputError as error:
        return [_as_problem(error)]


def _coders(project: Project, coders: pd.DataFrame) -> Iterator[Problem]:
    """Whether the study says of its coders what their table says."""
    stated, right = read_study(project.root).coders, kind_of_coders(coders["kind"])
    if stated not in (None, right):
        yield Problem(f"{FILE} key coders", "is not what account/coders.csv says", stated, right)


def _stale(project: Project) -> list[Problem]:
    """Tables that were changed since they were described, and descriptions that no longer fit."""
    meant = "run `deadletter data describe` if the change is meant"
    try:
        problems = [Problem(path, "is not the table that was described", None, meant) for path in altered(project.data)]
        stale = stale_descriptions(project.data)
    except InputError:
        return []  # the table that cannot be read is reported already
    return problems + [Problem(f"data/{name}", "is stale", None, "run `deadletter data describe`") for name in stale]


def _undescribed(data: Path, package: Mapping[str, Any]) -> list[Problem]:
    """Tables that nothing reads, since the descriptor does not know them."""
    problem = "is not read: data/datapackage.json does not describe it"
    known = [resource["path"] for resource in package["resources"]]
    paths = sorted(path.relative_to(data).as_posix() for path in files_below(data) if path.suffix == ".csv")
    standard_paths = [one["path"] for one in standard().values()]
    return [Problem(path, problem, None, _remedy(path, standard_paths)) for path in paths if path not in known]


def _remedy(path: str, paths: Sequence[str]) -> str:
    """What to do about a table that nothing reads: describe it, rename it to the nearest standard path, or move it."""
    if path in paths:
        return "run `deadletter data describe`"
    meant = nearest(path, paths)
    return f"{meant}, if that is meant" if meant else "another folder than data/"


def _codings(project: Project) -> list[Problem]:
    """Parameter files that nothing reads, for their names, and codings that cannot be read."""
    problem = "is not read, for its name"
    problems = [Problem(f"params/{name}", problem, None, NAMES) for name in misnamed(project.params)]
    for name in coding_names(project.params):
        try:
            load_coding(project.params, name)
        except InputError as error:
            problems.append(_as_problem(error))
    return problems


def _claims(project: Project) -> Iterator[Problem]:
    """Codings that do not fit the data, what keeps a claim from being decided under one of them, and cells that are not
    there."""
    dataset, names = load_dataset(project.data), coding_names(project.params)
    for name in names:
        check_coding(dataset, load_coding(project.params, name), f"params/{name}.yaml")
    # tables of the reference are computed once more after this, and what is found outside it is shared
    chosen = REFERENCE if REFERENCE in names else names[0]
    *_, ledger = decided(dataset, load_coding(project.params, chosen))
    names_of = {path.stem: cell_names(path) for path in sorted(project.notebooks.glob("*.ipynb"))}
    for entry in ledger.entries.values():
        row = entry.declared
        if row.category == "undeclared":
            yield Problem(f"account/claims.csv ({row.claim})", "has no row in argument/tests.csv")
        elif row.notebook not in names_of:
            yield Problem(f"{row.where} column notebook", "is not a notebook", row.notebook, tuple(names_of))
        elif row.cell not in names_of[row.notebook]:
            known = tuple(names_of[row.notebook])
            yield Problem(f"{row.where} column cell", f"is not a cell of {row.notebook}", row.cell, known)
        elif names_of[row.notebook].count(row.cell) > 1:
            problem = f"is the first tag of several cells of {row.notebook}"
            yield Problem(f"{row.where} column cell", problem, row.cell, "one cell with that name")


def cell_names(notebook: Path) -> list[str]:
    """The first tag of each cell, by which claims, reports and addresses name it.

    Raises InputError: the file cannot be read as a notebook.
    """
    return [tags_of(cell)[0] for cell in read_notebook(notebook)["cells"] if tags_of(cell)]


def _as_problem(error: InputError) -> Problem:
    allowed = tuple(error.allowed) if isinstance(error.allowed, list) else error.allowed
    return Problem(error.where, error.problem, error.found, allowed)
