"""The parts of the report that describe the package itself: data and rights, what it needs, what its programs are."""

from __future__ import annotations

import ast
import hashlib
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from deadletter.coding import coding_names, load_coding, to_settings
from deadletter.dataset.tables import read_descriptor
from deadletter.errors import InputError
from deadletter.multiverse.declaration import load_declaration
from deadletter.notebook_files import read_notebook
from deadletter.pipeline.plan import notebooks
from deadletter.project import Project
from deadletter.report.audit import Facts
from deadletter.site.markdown import bullets, escaped, table

# the folder that holds the code, its requirements and its licence
CODE_ROOT = Path(__file__).resolve().parents[3]
# columns that name the source of a single row
ROW_SOURCES = ("page", "source", "seen_at")
ROW_BY_ROW = "cited row by row"
PER_ROW = re.compile(r"columns? ", flags=re.I)


def descriptor(project: Project) -> dict[str, Any]:
    """The description of the data; empty where it cannot be read, which the findings tell."""
    try:
        return read_descriptor(project.descriptor)
    except InputError:
        return {"resources": []}


def data_sections(project: Project) -> Iterator[str]:
    """Availability, rights to use and to redistribute, licences, citations, list of tables."""
    package = descriptor(project)
    resources = package["resources"]
    yield from ("## Data availability and provenance", "", "### Statement about rights", "")
    rights = [_rights(package, resource) for resource in resources]
    for number, (title, column) in enumerate((("use", 0), ("redistribute", 1)), start=1):
        granted = sum(pair[column].startswith("yes") for pair in rights)
        yield f"- Part {number}, right to {title} the data: declared for {granted} of {len(resources)} tables."
    provided = [_provided(project, resource) for resource in resources]
    full = sum(state == "yes" for state in provided)
    yield from ("", "### Summary of availability", "")
    yield f"- {full} of {len(resources)} tables are provided, with the bytes that `data/datapackage.json` declares."
    works = [_linked(source) for source in package.get("sources", [])]
    yield f"- Not provided, and needed for no result: the text of the coded work ({'; '.join(works) or 'not named'})."
    yield from ("  With a copy of one's own, `deadletter check --article FILE` verifies every anchor.", "")
    yield from ("### Details on each table", "")
    rows = [
        (f"data/{resource['path']}", resource.get("title", ""), state, *pair, _licence(package, resource))
        for resource, state, pair in zip(resources, provided, rights, strict=True)
    ]
    yield from table(("table", "holds", "provided", "right to use", "right to redistribute", "licence"), rows)
    yield from ("Fields, units and categories of every table: `data/README.md`, made from `data/datapackage.json`.", "")
    yield from _citations(project, package)


def _rights(package: dict[str, Any], resource: dict[str, Any]) -> tuple[str, str]:
    """Right to use and to redistribute: the table's own, else what the licence of the whole package gives."""
    declared = resource.get("rights", {})
    general = "yes, by the licence of the package" if package.get("licenses") else "not declared"
    return declared.get("use", general), declared.get("redistribute", general)


def _provided(project: Project, resource: dict[str, Any]) -> str:
    path = project.data / resource["path"]
    if not path.is_file():
        return "no"
    same = f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}" == resource.get("hash")
    return "yes" if same else "with other bytes than declared"


def _licence(package: dict[str, Any], resource: dict[str, Any]) -> str:
    return ", ".join(one["name"] for one in resource.get("licenses") or package.get("licenses", []))


def _linked(source: dict[str, Any]) -> str:
    link = f", <{source['path']}>" if source.get("path", "").startswith("https://") else ""
    return escaped(source.get("title", "")) + link


def _citations(project: Project, package: dict[str, Any]) -> Iterator[str]:
    """Every source once, with the tables that rest on it; sources that stand row by row are counted."""
    users: dict[str, list[str]] = {}
    for source in package.get("sources", []):
        users.setdefault(_linked(source), []).append("tables of data/account/")
    for resource in package["resources"]:
        for source in resource.get("sources", []):
            told = _per_row(project, resource) if PER_ROW.search(source.get("title", "")) else _linked(source)
            users.setdefault(told, []).append(resource["path"])
    yield from ("### Data citations", "")
    yield from (f"- {source} — {', '.join(escaped(one) for one in tables)}" for source, tables in users.items())
    bare = sum("<https://" not in source and not source.startswith(ROW_BY_ROW) for source in users)
    yield from ("", f"{bare} of these {len(users)} citations name no address.", "")


def _per_row(project: Project, resource: dict[str, Any]) -> str:
    columns = [field["name"] for field in resource["schema"]["fields"] if field["name"] in ROW_SOURCES]
    if not (project.data / resource["path"]).is_file() or not columns:
        return ROW_BY_ROW
    return f"{ROW_BY_ROW}, in {' and '.join(columns)}"


def requirement_sections(facts: Facts) -> Iterator[str]:
    """Software, seeds, memory, time and storage."""
    yield from ("## Computational requirements", "", "### Software", "")
    path = CODE_ROOT / "pyproject.toml"
    project = tomllib.loads(path.read_text(encoding="utf-8"))["project"] if path.is_file() else {}
    locked = locked_versions()
    yield f"- Python {escaped(project.get('requires-python', 'not stated'))}"
    yield f"- {len(locked)} packages, direct and indirect, pinned with the hash of each download in `requirements.lock`"
    yield from ("", "Packages that the code imports:", "")
    rows = [
        (name, wanted, ", ".join(locked.get(name, ["not locked"])))
        for name, wanted in (
            re.match(r"([A-Za-z0-9._-]+)(.*)", line).groups() for line in project.get("dependencies", [])
        )
    ]
    yield from table(("package", "allowed", "locked"), rows)
    yield from ("### Controlled randomness", "", "Every seed is a parameter:", "")
    yield from table(("coding or declaration", "seed"), sorted(_seeds(facts.project)))
    yield from ("### Memory, run time and storage", "")
    yield "Facts about the runs that made the results, from `run.json`; they differ from run to run and are no result:"
    yield ""
    keys = ("system", "python", "jobs", "seconds")
    rows = [(name, *(str(record.get(key, "–")) for key in keys)) for name, record in facts.runs.items()]
    yield from table(("coding", "system", "Python", "notebooks at a time", "seconds for notebooks"), rows)
    yield from ("Packages of those runs:", "")
    rows = [
        (name, ", ".join(f"{package} {version}" for package, version in record.get("packages", {}).items()))
        for name, record in facts.runs.items()
    ]
    yield from table(("coding", "versions"), rows)
    memory = {name: record["peak_memory_mb"] for name, record in facts.runs.items() if "peak_memory_mb" in record}
    yield from bullets(
        [f"{name}: {value} MB of memory at most" for name, value in memory.items()] or ["memory: not measured"]
    )
    roots = (facts.project.data, facts.project.executed)
    yield from bullets(f"{root.name}/: {_megabytes(root):.1f} MB" for root in roots if root.is_dir())
    yield ""


def locked_versions() -> dict[str, list[str]]:
    """Versions that the lock file allows, by package; several where they hang on the version of Python."""
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
        if (project.params / "multiverse.yaml").is_file():
            declaration, _ = load_declaration(project.params / "multiverse.yaml", project.params)
            yield "multiverse", f"seed={declaration.seed}"
    except InputError:
        return  # a file that cannot be read is among the problems


def _megabytes(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def program_sections(project: Project) -> Iterator[str]:
    """What each folder of the code and each notebook is for."""
    yield from ("## Description of programs", "", "One program runs everything: `deadletter run`.", "")
    rows = []
    for folder in sorted({path.parent for path in (CODE_ROOT / "analysis").rglob("*.py")}):
        modules = sorted(folder.glob("*.py"))
        about = ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8"))) or ""
        lines = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in modules)
        rows.append((f"{folder.relative_to(CODE_ROOT).as_posix()}/", len(modules), lines, about.partition("\n")[0]))
    yield from table(("folder", "modules", "lines", "is for"), rows)
    yield from table(("notebook", "executed once for each", "title"), _notebooks(project))
    licence = CODE_ROOT / "LICENSE"
    first = licence.read_text(encoding="utf-8").partition("\n")[0] if licence.is_file() else "not found"
    yield from (f"Licence of the code: {escaped(first)} (`LICENSE`).", "")


def _notebooks(project: Project) -> Iterator[tuple[str, str, str]]:
    try:
        for name, per in notebooks(project).items():
            cells = read_notebook(project.notebooks / f"{name}.ipynb")["cells"]
            text = "".join(next((cell["source"] for cell in cells if cell["cell_type"] == "markdown"), []))
            yield f"notebooks/{name}.ipynb", per, text.partition("\n")[0].lstrip("# ")
    except InputError as error:
        yield "notebooks/", "–", json.dumps(str(error))
