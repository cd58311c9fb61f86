"""An RO-Crate of an analysis: everything that it takes to run it again, and what made each output, in one archive.

The archive follows RO-Crate 1.1 and the profile Process Run Crate 0.5: one action for the tables of each coding and one
for each executed notebook. Equal packages with equal outputs give equal bytes: files are sorted, their times fixed, and
the only time in the metadata is that of the record of a run.
"""

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from mimetypes import MimeTypes
from pathlib import Path
from typing import Any
from urllib.parse import quote

from rocrate.model.contextentity import ContextEntity
from rocrate.rocrate import ROCrate

from deadletter import __version__
from deadletter.coding import load_coding
from deadletter.dataset.load import load_dataset
from deadletter.errors import InputError
from deadletter.files import canonical_json, write_atomically
from deadletter.multiverse.evaluated import used
from deadletter.pipeline.plan import MULTIVERSE
from deadletter.pipeline.records import Present
from deadletter.pipeline.status import Plan, plan
from deadletter.pipeline.steps import BY_FILE
from deadletter.project import Project, files_below
from deadletter.report.actions import Action, actions_of
from deadletter.report.citation import Citation, cited_study
from deadletter.report.render import CODE_ROOT, descriptor, report_file
from deadletter.report.render import NAME as REPORT

METADATA = "ro-crate-metadata.json"
PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
MIT = {"name": "MIT", "title": "MIT licence", "path": "https://spdx.org/licenses/MIT"}
# what is at the root of the code
CODE_FILES = "LICENSE Makefile README.md environment.yml pyproject.toml requirements.lock".split()
# those of the study stand over those of the code
STUDY_FILES = ("CITATION.cff", "LICENSE", "README.md", "study.yaml")
CODE_FOLDERS, DATA_FOLDERS = ("analysis", "docs", "tests"), ("data", "params", "notebooks")
MEDIA_TYPES = {
    ".bib": "application/x-bibtex",
    ".cff": "application/yaml",
    ".css": "text/css",
    ".csv": "text/csv",
    ".ipynb": "application/x-ipynb+json",
    ".js": "text/javascript",
    ".json": "application/json",
    ".lock": "text/plain",
    ".md": "text/markdown",
    ".parquet": "application/vnd.apache.parquet",
    ".py": "text/x-python",
    ".svg": "image/svg+xml",
    ".toml": "application/toml",
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
}
FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip archive can hold


def write_crate(project: Project, codings: Sequence[str], target: Path) -> Path:
    """Write the crate of some codings as a zip archive, whole or not at all; returns ``target``.

    Raises InputError: an unknown coding, one without results, bad data, or words on the study that cannot be read.
    """
    chosen = {name: load_coding(project.params, name) for name in codings}
    for name in codings:
        if not (project.results / name / "claims.csv").is_file():
            raise InputError("has no results", where=f"results/{name}", allowed=f"run `deadletter run {name}`")
    planned = plan(Present(project), load_dataset(project.data), chosen)
    files = crate_files(project, codings, planned)
    metadata = crate_metadata(project, files, actions_of(project, codings, files, planned))
    contents = {METADATA: canonical_json(metadata).encode(), **{name: p.read_bytes() for name, p in files.items()}}
    write_atomically(target, _zipped(contents))
    return target


def crate_files(project: Project, codings: Sequence[str], planned: Plan) -> dict[str, Path]:
    """Every file of the crate by its name there, sorted; of generated files those that a run of the codings writes, the
    multiverse, and the report on the present state."""
    found = {name: CODE_ROOT / name for name in CODE_FILES if (CODE_ROOT / name).is_file()}
    found |= {name: project.root / name for name in STUDY_FILES if (project.root / name).is_file()}
    for root, folders in ((CODE_ROOT, CODE_FOLDERS), (project.root, DATA_FOLDERS)):
        for folder in folders:
            found |= {path.relative_to(root).as_posix(): path for path in files_below(root / folder)}
    made = [project.results / name / file for name in codings for file in (*BY_FILE, "run.json")]
    if declared := used(project).get("file"):
        found[declared] = project.root / declared
    made += [*(project.results / MULTIVERSE).glob("*"), *(one.job.target(project) for one in planned.notebooks)]
    found |= {path.relative_to(project.output_root).as_posix(): path for path in made}
    found[f"{project.results.name}/{REPORT}"] = report_file(project)
    kept = {name: path for name, path in found.items() if path.is_file() and not _hidden(name)}
    return dict(sorted(kept.items()))


def _hidden(name: str) -> bool:
    return any(part.startswith(".") or part == "__pycache__" for part in name.split("/"))


def crate_metadata(project: Project, files: Mapping[str, Path], actions: Sequence[Action]) -> dict[str, Any]:
    """The metadata of a crate as JSON-LD, its graph sorted by identifier behind descriptor and root."""
    citation = cited_study(project.root, max((action.ended[:10] for action in actions), default=""))
    crate = ROCrate(version="1.1")
    package = descriptor(project)
    tables = {f"data/{resource['path']}": resource for resource in package["resources"]}
    data_licences = package.get("licenses", [])
    instruments = {action.instrument for action in actions}
    _describe_root(crate, citation, [MIT, *data_licences])
    entities: dict[str, ContextEntity] = {}
    for name, path in files.items():
        licences = tables.get(name, {}).get("licenses") or (data_licences if name.startswith("data/") else [MIT])
        properties = {
            "name": tables.get(name, {}).get("title", name),
            "description": tables.get(name, {}).get("description", _about(name)),
            "encodingFormat": _media_type(path),
            "contentSize": str(path.stat().st_size),
            "license": [_licence(crate, licence) for licence in licences],
        }
        if name in instruments:
            properties |= {"@type": ["File", "SoftwareSourceCode"], **_software(crate, citation)}
        entities[name] = crate.add_file(str(path), name, properties=properties)
    own = {"@type": "SoftwareSourceCode", "name": "deadletter", **_software(crate, citation)}
    entities["#deadletter"] = crate.add(ContextEntity(crate, "#deadletter", own | {"license": _licence(crate, MIT)}))
    crate.root_dataset["mentions"] = [_described(crate, entities, action) for action in actions]
    written = crate.metadata.generate()
    first = {METADATA: 0, "./": 1}
    graph = sorted(written["@graph"], key=lambda entity: (first.get(entity["@id"], 2), entity["@id"]))
    return {**written, "@graph": [{key: _single(value) for key, value in entity.items()} for entity in graph]}


def _single(value: Any) -> Any:
    """A list of one is that one, as RO-Crate 1.1 recommends."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _media_type(path: Path) -> str:
    """By the name alone, and the same on every machine: none of its own lists is read."""
    if not path.suffix:
        return "text/plain"
    return MEDIA_TYPES.get(path.suffix) or MimeTypes().guess_type(path.name)[0] or "application/octet-stream"


def _about(name: str) -> str:
    """What a file is, by the folder in which it stands."""
    folder = name.partition("/")[0]
    kinds = {"analysis": "Source code", "data": "Data", "docs": "Documentation", "tests": "Test", "params": "A coding"}
    kinds |= {"notebooks": "Notebook, not executed", "executed": "Executed notebook", "results": "Generated result"}
    return kinds.get(folder, "Part of the package") if "/" in name else "Part of the package"


def _describe_root(crate: ROCrate, citation: Citation, licences: Iterable[Mapping[str, str]]) -> None:
    root = crate.root_dataset
    profile = {"@type": "CreativeWork", "name": "Process Run Crate", "version": PROFILE.rpartition("/")[2]}
    root["conformsTo"] = [crate.add(ContextEntity(crate, PROFILE, profile))]
    root["name"], root["description"] = citation.title, citation.abstract
    keywords = ", ".join(citation.keywords)
    stated = {"version": citation.version, "datePublished": citation.released, "keywords": keywords}
    for name, value in stated.items():
        if value:
            root[name] = value
    root["license"] = [_licence(crate, licence) for licence in licences]
    root["author"] = [crate.add(ContextEntity(crate, *author)) for author in citation.authors]
    works = []
    for identifier, properties, authors in citation.works:
        written_by = [crate.add(ContextEntity(crate, *author)) for author in authors]
        works.append(crate.add(ContextEntity(crate, identifier, {**properties, "author": written_by})))
    root["citation"] = works


def _software(crate: ROCrate, citation: Citation) -> dict[str, Any]:
    python = {"@type": "ComputerLanguage", "name": "Python", "url": "https://www.python.org/"}
    language = crate.add(ContextEntity(crate, "#python", python))
    address = {"url": citation.address} if citation.address else {}
    return {"version": __version__, "programmingLanguage": language, **address}


def _licence(crate: ROCrate, licence: Mapping[str, str]) -> ContextEntity:
    identifier = (
        MIT["path"] if licence["name"] == "MIT" else licence.get("path") or f"#licence-{quote(licence['name'])}"
    )
    about = {"@type": "CreativeWork", "name": licence.get("title", licence["name"]), "identifier": licence["name"]}
    about["description"] = about["name"]
    return crate.add(ContextEntity(crate, identifier, about))


def _described(crate: ROCrate, entities: Mapping[str, ContextEntity], action: Action) -> ContextEntity:
    """The action with what it used and made; ``entities`` by name: their identifiers are encoded as addresses."""
    identifier, values = quote(action.identifier, safe="#/"), []
    for key, value in action.settings.items():
        about = {"@type": "PropertyValue", "name": key, "value": value}
        values.append(crate.add(ContextEntity(crate, f"{identifier}/{key}", about)))
    properties = {
        "@type": "CreateAction",
        "name": action.name,
        "description": action.description,
        "instrument": entities[action.instrument],
        "object": [*(entities[name] for name in action.objects), *values],
        "result": [entities[name] for name in action.results],
        "actionStatus": "http://schema.org/CompletedActionStatus",
        **({"endTime": action.ended} if action.ended else {}),
    }
    return crate.add(ContextEntity(crate, identifier, properties))


def _zipped(contents: Mapping[str, bytes]) -> bytes:
    """A zip archive, sorted by name, with one fixed time and the same rights for all files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in sorted(contents):
            entry = zipfile.ZipInfo(name, FIRST_DAY)
            entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, 3, 0o100644 << 16
            archive.writestr(entry, contents[name])
    return buffer.getvalue()
