"""The report of a replication, in the order of the Social Science Data Editors' template README and of the AEA data
editor's own report: rights, citations, requirements, programs, instructions, every figure, table and number, verdict.

Equal projects with equal results have equal reports: no time and no path of a machine is in it, but for the part that
quotes the records of runs.
"""

import ast
import hashlib
import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from markupsafe import Markup

from deadletter.charts.bundle import FIGURE, SENTENCE, TABLE
from deadletter.coding import coding_names, load_coding, to_settings
from deadletter.dataset.tables import read_descriptor
from deadletter.errors import InputError
from deadletter.files import code_digest, files_digest, write_atomically
from deadletter.frames import records
from deadletter.labels import BASES
from deadletter.multiverse.declaration import load_declaration
from deadletter.multiverse.evaluated import USUAL, used
from deadletter.notebook_files import read_notebook
from deadletter.pipeline.import_graph import file_hash
from deadletter.pipeline.plan import notebooks
from deadletter.project import STUDY_FILE, Project, files_below
from deadletter.report.audit import GRADES, Facts, gather, places_of, verdict_of
from deadletter.report.check import check_project
from deadletter.report.exhibits import heading
from deadletter.study import read_study
from deadletter.templating import plain
from deadletter.templating import render as fill

NAME = "REPLICATION.md"
BASIS_WORDS = {
    "record": "evidence from outside the account",
    "after": "later facts",
    "account": "rows of the account: coherence only",
    "none": "not tested",
}
CLAIM_COLUMNS = ("id", "article_value", "computed_value", "unit", "verdict", "basis", "notebook", "cell")
TRADE_COLUMNS = ("id", "article_value", "estimate", "unit", "verdict")
LONGEST = 160
# the folder that holds the code, its requirements and its licence
CODE_ROOT = Path(__file__).resolve().parents[3]
# columns that name the source of a single row
ROW_SOURCES = ("page", "source", "seen_at")
ROW_BY_ROW = "cited row by row"


def report_file(project: Project) -> Path:
    """The whole report on the present state as Markdown: as a check wrote it on this very state, or made now.

    What is made now computes no table: records say which of them data, parameters and code still give.
    """
    path = project.cache / f"replication-{_state(project)}.md"
    if not path.is_file():
        problems = check_project(project, None, decide=False).problems
        write_atomically(path, render(gather(project, [str(one) for one in problems], again=False)))
    return path


def replication_report(project: Project) -> str:
    """The text of :func:`report_file`."""
    return report_file(project).read_text(encoding="utf-8")


def write_report(project: Project, facts: Facts, *, keep: bool = True) -> None:
    """Write ``results/REPLICATION.md``; ``keep`` it for publication, where nothing was checked besides the project."""
    text = render(facts)
    write_atomically(project.results / NAME, text)
    if keep:
        write_atomically(project.cache / f"replication-{_state(project)}.md", text)


def _state(project: Project) -> str:
    """A hash of everything that the report is about."""
    seen: dict[Path, list[Path]] = {}
    for folder in (project.data, project.params, project.notebooks, project.results, project.executed):
        names = (path for path in files_below(folder) if path.is_file() and path.name != NAME)
        seen[folder] = sorted(p for p in names if not any(part.startswith(".") for part in p.relative_to(folder).parts))
    text = "".join((code_digest(), *(files_digest(paths, folder) for folder, paths in seen.items())))
    text += file_hash(project.root / STUDY_FILE)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def render(facts: Facts) -> str:
    """The report on facts that were gathered."""
    shown = [(job, exhibit) for job, all_ in facts.shown.items() for exhibit in all_]
    state = {output.name: output.state for output in facts.outputs}
    listed = {
        title: [
            (f"executed/{job}.ipynb", e.number, e.title, _program(job), e.cell, state.get(job, "not asked for"))
            for job, e in shown
            if e.kind == kind
        ]
        for title, kind in (("Figures", FIGURE), ("Tables", TABLE))
    }
    return fill(
        "report/templates/report.md",
        facts=facts,
        verdict=verdict_of(facts),
        grades=GRADES,
        **data_facts(facts.project),
        needs=requirement_facts(facts.project),
        programs=program_facts(facts.project),
        listed=listed,
        states=list(state.items()),
        called=read_study(facts.project.root).called,
        sentences=[
            (job, e.cell, ", ".join(e.numbers), _short(e.title)) for job, e in shown if e.kind == SENTENCE and e.numbers
        ],
        claims={
            name: (CLAIM_COLUMNS, _rows(_with_digits(table), CLAIM_COLUMNS)) for name, table in facts.claims.items()
        },
        trade={name: _trade(facts, name) for name in facts.trade},
        findings={name: _findings(table) for name, table in facts.claims.items()},
    )


def _program(job: str) -> str:
    """The notebook that a job executes."""
    return f"notebooks/{job.rpartition('/')[2]}.ipynb"


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _with_digits(claims: pd.DataFrame) -> pd.DataFrame:
    """Claims with a number that is stated or computed."""
    if claims.empty:
        return claims
    return claims[claims["article_value"].str.contains(r"\d") | claims["computed_value"].str.contains(r"\d")]


def _rows(frame: pd.DataFrame, columns: Sequence[str]) -> list[tuple[Any, ...]]:
    return [] if frame.empty else list(frame[list(columns)].itertuples(index=False, name=None))


def _trade(facts: Facts, coding: str) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """Statements on trade with the notebook and cell that show each."""
    trade = facts.trade[coding]
    judged = trade[trade["verdict"] != ""] if len(trade) else trade
    places = places_of(facts.shown, coding)
    found = [places.get(term, ("in no executed notebook", "–")) for term in judged.get("term", ())]
    rows = [(*row, *place) for row, place in zip(_rows(judged, TRADE_COLUMNS), found, strict=True)]
    return (*TRADE_COLUMNS, "notebook", "cell"), rows


def _findings(claims: pd.DataFrame) -> list[tuple[str, str, int]]:
    """How many claims are decided by what, with which verdict."""
    if claims.empty:
        return []
    # tables of an earlier edition may lie there, with other words
    counts = claims[claims["basis"].isin(BASES)].groupby(["basis", "verdict"]).size()
    ordered = sorted(records(counts.reset_index(name="n")), key=lambda row: (BASES.index(row["basis"]), row["verdict"]))
    return [(BASIS_WORDS[row["basis"]], row["verdict"], row["n"]) for row in ordered]


def descriptor(project: Project) -> dict[str, Any]:
    """The description of the data; empty where it cannot be read, which the findings report."""
    try:
        return read_descriptor(project.descriptor)
    except InputError:
        return {"resources": []}


def data_facts(project: Project) -> dict[str, Any]:
    """Tables with rights and licences, and citations with the tables that rest on each."""
    package = descriptor(project)
    tables = [_table(project, package, resource) for resource in package["resources"]]
    return {
        "tables": tables,
        "rows": [list(table.values()) for table in tables],
        "rights": {right: sum(one[right].startswith("yes") for one in tables) for right in ("use", "redistribute")},
        "works": [_cited(source) for source in package.get("sources", [])],
        "citations": _citations(project, package),
    }


def _table(project: Project, package: Mapping[str, Any], resource: Mapping[str, Any]) -> dict[str, str]:
    """A table's title, whether it is provided, and its rights: its own, else what the licence of the package gives."""
    path = project.data / resource["path"]
    same = f"sha256:{file_hash(path)}" == resource.get("hash")
    provided = "yes" if same else "with other bytes than declared" if path.is_file() else "no"
    rights, licences = resource.get("rights", {}), package.get("licenses", [])
    general = "yes, by the licence of the package" if licences else "not declared"
    return {
        "path": f"data/{resource['path']}",
        "title": resource.get("title", ""),
        "provided": provided,
        "use": rights.get("use", general),
        "redistribute": rights.get("redistribute", general),
        "licence": ", ".join(one["name"] for one in resource.get("licenses") or licences),
    }


def _cited(source: Mapping[str, str]) -> Markup:
    """A source as Markdown, with its address where it has one."""
    address = Markup(f", <{source['path']}>") if source.get("path", "").startswith("https://") else ""
    return plain(source.get("title", "")) + address


def _citations(project: Project, package: Mapping[str, Any]) -> list[tuple[Markup, list[str], bool]]:
    """Every source once, the tables that rest on it, and whether it has an address or is cited row by row."""
    users: dict[Markup, list[str]] = {_cited(one): ["tables of data/account/"] for one in package.get("sources", [])}
    for resource in package["resources"]:
        for source in resource.get("sources", []):
            by_row = re.search(r"columns? ", source.get("title", ""), flags=re.I)
            cited = plain(_row_sources(project, resource)) if by_row else _cited(source)
            users.setdefault(cited, []).append(resource["path"])
    return [(cited, tables, "<https://" in cited or ROW_BY_ROW in cited) for cited, tables in users.items()]


def _row_sources(project: Project, resource: Mapping[str, Any]) -> str:
    columns = [field["name"] for field in resource["schema"]["fields"] if field["name"] in ROW_SOURCES]
    named = f", in {' and '.join(columns)}" if columns and (project.data / resource["path"]).is_file() else ""
    return ROW_BY_ROW + named


def requirement_facts(project: Project) -> dict[str, Any]:
    """Software with its locked versions, seeds, and the size of folders in megabytes."""
    path = CODE_ROOT / "pyproject.toml"
    declared = tomllib.loads(path.read_text(encoding="utf-8"))["project"] if path.is_file() else {}
    locked = locked_versions()
    wanted = [re.split(r"(?<=[\w.-])(?=[^\w.-])", line, maxsplit=1) for line in declared.get("dependencies", [])]
    return {
        "python": declared.get("requires-python", "not stated"),
        "locked": len(locked),
        "packages": [(name, allowed, ", ".join(locked.get(name, ["not locked"]))) for name, allowed in wanted],
        "seeds": sorted(_seeds(project)),
        "sizes": [(f"{root.name}/", _megabytes(root)) for root in (project.data, project.executed) if root.is_dir()],
    }


def locked_versions() -> dict[str, list[str]]:
    """Versions that the lock file allows, by package; several where they depend on the version of Python."""
    path = CODE_ROOT / "requirements.lock"
    found: dict[str, list[str]] = {}
    for name, version in re.findall(r"^([a-z0-9._-]+)==([^\s;\\]+)", path.read_text() if path.is_file() else "", re.M):
        found.setdefault(name, []).append(version)
    return found


def _seeds(project: Project) -> Iterator[tuple[str, str]]:
    try:
        for name in coding_names(project.params):
            for setting in to_settings(load_coding(project.params, name)):
                if setting.partition("=")[0].endswith("seed"):
                    yield name, setting
        seed = used(project).get("seed")
        if seed is None and (project.root / USUAL).is_file():
            seed = load_declaration(project.root / USUAL, project.params)[0].seed
        if seed is not None:
            yield "multiverse", f"seed={seed}"
    except InputError:
        return  # a file that cannot be read is among the problems


def _megabytes(folder: Path) -> str:
    return f"{sum(path.stat().st_size for path in files_below(folder) if path.is_file()) / 1e6:.1f}"


def program_facts(project: Project) -> dict[str, Any]:
    """What each folder of the code and each notebook is for, and the licence of the code."""
    licence = CODE_ROOT / "LICENSE"
    return {
        "folders": [
            (f"{path.parent.relative_to(CODE_ROOT).as_posix()}/", _purpose(path))
            for path in sorted((CODE_ROOT / "analysis").rglob("__init__.py"))
        ],
        "notebooks": list(_notebooks(project)),
        "licence": licence.read_text(encoding="utf-8").partition("\n")[0] if licence.is_file() else "not found",
    }


def _purpose(module: Path) -> str:
    return (ast.get_docstring(ast.parse(module.read_text(encoding="utf-8"))) or "").partition("\n")[0]


def _notebooks(project: Project) -> Iterator[tuple[str, str, str]]:
    try:
        for name, per in notebooks(project).items():
            yield f"notebooks/{name}.ipynb", per, heading(read_notebook(project.notebooks / f"{name}.ipynb"))
    except InputError as error:
        yield "notebooks/", "–", json.dumps(str(error))
