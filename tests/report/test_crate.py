"""The crate describes every file that it holds and says what made each output; the citation file is whole."""

from __future__ import annotations

import datetime
import json
import os
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from pybtex.database import parse_string

from deadletter.dataset.new_study import new_study
from deadletter.errors import InputError
from deadletter.multiverse.evaluate import run
from deadletter.multiverse.evaluated import command_again
from deadletter.project import Project
from deadletter.report.actions import Action
from deadletter.report.citation import read_citation, software_entry
from deadletter.report.crate import METADATA, PROFILE, crate_metadata, write_crate
from tests.commands import copy_project
from tests.conftest import ROOT

# the official validator, in an environment of its own (docs/replication.md); with a cache it works offline
VALIDATOR = os.environ.get("ROCRATE_VALIDATOR") or shutil.which("rocrate-validator")
CACHE = os.environ.get("ROCRATE_VALIDATOR_CACHE")

REFERENCE = {"type": "object", "properties": {"@id": {"type": "string"}}, "required": ["@id"], "maxProperties": 1}
VALUE = {"anyOf": [{"type": ["string", "number", "boolean"]}, REFERENCE]}
FLATTENED = {
    "type": "object",
    "properties": {
        "@context": {"const": "https://w3id.org/ro/crate/1.1/context"},
        "@graph": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["@id", "@type"],
                "additionalProperties": {"anyOf": [VALUE, {"type": "array", "items": VALUE, "minItems": 2}]},
            },
        },
    },
    "required": ["@context", "@graph"],
    "additionalProperties": False,
}


@pytest.fixture(scope="module")
def archive(baseline_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("crate") / "crate.zip"
    assert write_crate(Project(baseline_run, baseline_run), ["baseline"], target) == target
    return target


@pytest.fixture(scope="module")
def metadata(archive: Path) -> dict[str, Any]:
    with zipfile.ZipFile(archive) as crate:
        return json.loads(crate.read(METADATA))


@pytest.fixture(scope="module")
def entities(metadata: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found = {entity["@id"]: entity for entity in metadata["@graph"]}
    assert len(found) == len(metadata["@graph"])
    return found


def listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def references(entity: dict[str, Any]) -> Iterator[str]:
    for value in entity.values():
        yield from (one["@id"] for one in listed(value) if isinstance(one, dict))


def ids(entity: dict[str, Any], key: str) -> list[str]:
    return [one["@id"] for one in listed(entity[key])]


def test_the_metadata_is_flattened_json_ld(metadata: dict[str, Any]):
    jsonschema.validate(metadata, FLATTENED)


def test_every_reference_is_described(entities: dict[str, dict[str, Any]]):
    # the version of the specification is an address that the specification itself wants
    told = {one for entity in entities.values() for one in references(entity)} - {"https://w3id.org/ro/crate/1.1"}
    assert told - entities.keys() == set()


def test_every_file_is_described_and_every_description_has_its_file(archive: Path, entities: dict[str, dict[str, Any]]):
    files = {i: entity for i, entity in entities.items() if "File" in listed(entity["@type"])}
    with zipfile.ZipFile(archive) as crate:
        sizes = {info.filename: str(info.file_size) for info in crate.infolist() if info.filename != METADATA}
    assert {name: entity["contentSize"] for name, entity in files.items()} == sizes
    assert set(ids(entities["./"], "hasPart")) == set(files)
    assert all(entity["description"] and entity["encodingFormat"] and entity["license"] for entity in files.values())


def test_the_crate_holds_what_a_rerun_needs(archive: Path):
    with zipfile.ZipFile(archive) as crate:
        names = set(crate.namelist())
    assert {"README.md", "LICENSE", "CITATION.cff", "Makefile", "requirements.lock", "pyproject.toml"} <= names
    for folder in ("data", "params", "notebooks", "analysis"):
        files = {path.relative_to(ROOT).as_posix() for path in (ROOT / folder).rglob("*.*") if path.is_file()}
        assert {name for name in files if not re.search(r"__pycache__|/\.", name)} <= names
    assert not [name for name in names if "__pycache__" in name or "/." in name or name.endswith(".failed.ipynb")]


def test_each_executed_notebook_has_one_action(archive: Path, entities: dict[str, dict[str, Any]]):
    actions = [entity for entity in entities.values() if entity["@type"] == "CreateAction"]
    with zipfile.ZipFile(archive) as crate:
        executed = {name for name in crate.namelist() if name.startswith("executed/")}
    made = [result for action in actions for result in ids(action, "result")]
    assert len(made) == len(set(made))
    assert executed <= set(made)
    assert {"results/baseline/claims.csv", "results/baseline/trade.csv"} <= set(made)
    assert sorted(ids(entities["./"], "mentions")) == sorted(action["@id"] for action in actions)
    for action in actions:
        (instrument,) = ids(action, "instrument")
        assert "SoftwareSourceCode" in listed(entities[instrument]["@type"])
        used = set(ids(action, "object"))
        assert {"data/account/ratings.csv", "data/trade/bilateral.csv", "requirements.lock"} <= used
        assert "params/baseline.yaml" in used
        for result in ids(action, "result"):
            if result.startswith("executed/"):
                assert instrument == f"notebooks/{result.rpartition('/')[2]}"
                assert "results/baseline/indices.csv" in used
                values = {entities[i]["name"]: entities[i]["value"] for i in used if "/" in i and i[0] == "#"}
                assert values["coding"] == "baseline"
                assert values.get("regime", "") in result.split("/") or "regime" not in values


def test_times_are_those_of_the_record_of_the_run(baseline_run: Path, entities: dict[str, dict[str, Any]]):
    record = json.loads((baseline_run / "results" / "baseline" / "run.json").read_text(encoding="utf-8"))
    started = datetime.datetime.strptime(record["started"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=datetime.UTC)
    for job, seconds in record["finished_after_seconds"].items():
        ended = datetime.datetime.fromisoformat(entities[f"#run/{job}"]["endTime"])
        assert abs((ended - started).total_seconds() - seconds) < 1
    assert "endTime" not in entities["#run/baseline"]


def test_a_coding_that_extends_another_names_both_files(tmp_path: Path):
    root = copy_project(tmp_path / "project")
    for name in ("baseline", "strict"):
        (root / "results" / name).mkdir(parents=True)
        (root / "results" / name / "claims.csv").write_text("id\n")
    archive = write_crate(Project(root, root), ["strict"], tmp_path / "c.zip")
    with zipfile.ZipFile(archive) as crate:
        graph = {entity["@id"]: entity for entity in json.loads(crate.read(METADATA))["@graph"]}
        assert not [name for name in crate.namelist() if name.startswith("results/baseline")]
    assert {"params/strict.yaml", "params/baseline.yaml"} <= set(ids(graph["#run/strict"], "object"))


@pytest.mark.parametrize("place", ["study/plans/mine.yaml", "mine.yaml"])
def test_the_declaration_of_the_multiverse_is_the_one_that_was_evaluated(tmp_path: Path, place: str):
    new_study(root := tmp_path / "study")
    path, project = tmp_path / place, Project(root, root)
    path.parent.mkdir(exist_ok=True)
    usual = (root / "params" / "multiverse.yaml").read_text(encoding="utf-8")
    path.write_text(usual.replace("seed: 1985", "seed: 7"), encoding="utf-8")
    run(project, path, None, 1, "", str)
    (root / "results" / "baseline").mkdir()
    (root / "results" / "baseline" / "claims.csv").write_text("id\n")
    for change, late in [(lambda: None, ""), (lambda: path.write_text(usual), "evaluated with other branches")]:
        change()
        with zipfile.ZipFile(write_crate(project, ["baseline"], tmp_path / "c.zip")) as crate:
            action = {one["@id"]: one for one in json.loads(crate.read(METADATA))["@graph"]}["#run/multiverse"]
            assert "seed=7" in crate.read("results/REPLICATION.md").decode()
        inside = place.removeprefix("study/") if "study" in place else ""
        assert [name for name in ids(action, "object") if name.endswith(".yaml")] == [
            "params/baseline.yaml", *([inside] if inside else [])
        ]  # fmt: skip
        assert (inside or "a file outside the project, which is not in this crate") in action["description"]
        assert "results/multiverse/shares.csv" in ids(action, "result")
        assert action["description"].endswith(late if inside else "declares")
        assert command_again(project) == f"deadletter multiverse {inside or 'FILE'}"


def test_the_crate_says_what_is_out_of_date_and_takes_nothing_that_no_run_writes(tmp_path: Path):
    new_study(root := tmp_path / "study")
    results, executed = root / "results" / "baseline", root / "executed" / "baseline"
    foreign = (executed / "OLD" / "04_prospects.ipynb", executed / "SAARC" / "01_former_name.ipynb")
    for path in (executed / "SAARC" / "01_emergence.ipynb", *foreign):
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(root / "notebooks" / "01_emergence.ipynb", path)
    results.mkdir(parents=True)
    for name in ("claims.csv", "mine.csv"):
        (results / name).write_text("id\n")
    (root / "results" / "REPLICATION.md").write_text("Verdict: **full reproduction**\n")
    with zipfile.ZipFile(write_crate(Project(root, root), ["baseline"], tmp_path / "c.zip")) as crate:
        names, graph = crate.namelist(), {one["@id"]: one for one in json.loads(crate.read(METADATA))["@graph"]}
        assert "full reproduction**" not in crate.read("results/REPLICATION.md").decode()
    made = {name for name in names if name.startswith(("results/", "executed/"))}
    assert made == {
        "results/REPLICATION.md", "results/baseline/claims.csv", "executed/baseline/SAARC/01_emergence.ipynb"
    }  # fmt: skip
    for action in ("#run/baseline", "#run/baseline/SAARC/01_emergence"):
        assert graph[action]["description"].endswith(
            "out of date when the crate was written: no run of it is on record"
        )


def test_root_says_what_a_deposit_asks_for(entities: dict[str, dict[str, Any]]):
    root, told = entities["./"], yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert root["datePublished"] == told["date-released"]
    assert root["name"] == told["title"]
    assert ids(root, "conformsTo") == [PROFILE]
    assert {entities[i]["identifier"] for i in ids(root, "license")} == {"MIT", "CC-BY-4.0"}
    (article,) = ids(root, "citation")
    assert article == f"https://doi.org/{told['references'][0]['doi']}"
    assert entities["data/trade/bilateral.csv"]["license"]["@id"].startswith("https://www.etalab.gouv.fr/")


def test_equal_outputs_give_equal_crates(baseline_run: Path, archive: Path, tmp_path: Path):
    again = write_crate(Project(baseline_run, baseline_run), ["baseline"], tmp_path / "again.zip")
    assert again.read_bytes() == archive.read_bytes()
    with zipfile.ZipFile(archive) as crate:
        assert crate.namelist() == sorted(crate.namelist())
        assert {info.date_time for info in crate.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert str(baseline_run) not in crate.read(METADATA).decode()
        assert str(ROOT) not in crate.read(METADATA).decode()


def test_a_coding_without_results_is_refused_before_anything_is_written(baseline_run: Path, tmp_path: Path):
    project = Project(baseline_run, baseline_run)
    with pytest.raises(InputError, match=r"results/strict: has no results.*`deadletter run strict`"):
        write_crate(project, ["baseline", "strict"], tmp_path / "c.zip")
    with pytest.raises(InputError, match="did you mean: baseline"):
        write_crate(project, ["basline"], tmp_path / "c.zip")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(VALIDATOR is None, reason="rocrate-validator is not installed: docs/replication.md says how")
def test_the_official_validator_accepts_the_crate(archive: Path, tmp_path: Path):
    offline = ["--offline", "--cache-path", CACHE] if CACHE else []
    profile = ["--profile-identifier", "process-run-crate-0.5", "--requirement-severity", "required"]
    told, folder = tmp_path / "told.json", tmp_path / "crate"
    shutil.unpack_archive(archive, folder)
    command = [VALIDATOR, "--no-interactive", "validate", *offline, *profile, "--output-format", "json"]
    subprocess.run([*command, "--output-file", str(told), str(folder)], timeout=300, check=False)
    found = json.loads(told.read_text(encoding="utf-8"))
    assert found["passed"], found["issues"]
    assert found["statistics"]["total_passed_checks"] > 40


def test_without_a_citation_file_a_crate_takes_its_words_from_the_study(tmp_path: Path):
    new_study(tmp_path / "x")
    project = Project(tmp_path / "x", tmp_path / "x")
    names = ("notebooks/01_emergence.ipynb", "params/baseline.yaml")
    action = Action("#run/x", "x", "x", names[0], (names[1],), {}, (names[1],), "2026-05-04T10:00:00Z")
    metadata = crate_metadata(project, {name: project.root / name for name in names}, [action])
    graph = {one["@id"]: one for one in metadata["@graph"]}
    root = graph["./"]
    assert (root["name"], root["datePublished"]) == ("Is South Asian cooperation a dead letter?", "2026-05-04")
    assert graph[root["author"]["@id"]]["name"] == "The deadletter contributors"
    assert graph[root["citation"]["@id"]]["name"].startswith("Charter of the South Asian Association")
    assert "Troitskiy" not in json.dumps(metadata)


def test_names_with_spaces_and_accents_become_addresses(tmp_path: Path):
    names = ("params/My reading.yaml", "executed/My reading/é#1.ipynb", "notebooks/x.ipynb")
    files = {name: ROOT / "LICENSE" for name in names} | {"CITATION.cff": ROOT / "CITATION.cff"}
    action = Action("#run/My reading/x", "x", "x", names[2], (names[0],), {"coding": "My reading"}, (names[1],), "")
    graph = {one["@id"]: one for one in crate_metadata(Project(ROOT, tmp_path), files, [action])["@graph"]}
    made = graph["#run/My%20reading/x"]
    assert made["result"] == {"@id": "executed/My%20reading/%C3%A9%231.ipynb"}
    assert {one["@id"] for one in made["object"]} == {"params/My%20reading.yaml", "#run/My%20reading/x/coding"}
    assert {"params/My%20reading.yaml", "executed/My%20reading/%C3%A9%231.ipynb"} <= graph.keys()
    assert not [identifier for identifier in graph if " " in identifier]
    parts = {one["@id"] for one in graph["./"]["hasPart"]}
    assert parts == {"params/My%20reading.yaml", "executed/My%20reading/%C3%A9%231.ipynb", names[2], "CITATION.cff"}


def test_authors_of_any_script_stay_apart_and_their_titles_are_bibtex(tmp_path: Path):
    names = ["Иван Петров", "Пётр Иванов", "José Müller", "Jos Mller"]
    text = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    text |= {"authors": [{"name": name} for name in names], "title": "Profit & loss {1990"}
    (tmp_path / "CITATION.cff").write_text(json.dumps(text, default=str), encoding="utf-8")
    project = Project(tmp_path, tmp_path)
    shutil.copytree(ROOT / "data", tmp_path / "data")
    graph = {one["@id"]: one for one in crate_metadata(project, {}, [])["@graph"]}
    assert [graph[author]["name"] for author in ids(graph["./"], "author")] == names
    entry = software_entry(read_citation(tmp_path / "CITATION.cff"))
    read = parse_string(entry, "bibtex").entries["deadletter"].fields
    assert read["title"] == r"{Profit \& loss 1990}"
