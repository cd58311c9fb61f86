"""A regime of quite another kind: the method holds for it, and the words of its world are its own."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from deadletter.coding import load_coding
from deadletter.dataset.codebook import describe_data
from deadletter.dataset.load import load_dataset
from deadletter.dataset.new_study import new_study
from deadletter.dataset.standard_tables import standard
from deadletter.errors import InputError
from deadletter.pipeline.steps import STEPS, compute
from deadletter.project import Project
from deadletter.report.check import check_project
from tests.dataset.climate import code_climate

# what indices and rules read: the same for every study
METHOD = {
    *(("sections", "coded"), ("regimes", "scored"), ("regimes", "focal"), ("coders", "kind"), ("coders", "codebook")),
    *(("variables", "level"), ("events", "period_only"), ("memberships", "entry"), ("memberships", "exit")),
    *(("norms", "krasner"), ("norms", "aspect"), ("norms", "status"), ("plans", "outcome_known")),
    *(("outlook", "basis"), ("roles", "arena"), ("claims", "level"), ("free_units", "table"), ("links", "kind")),
    *(("errata", "result_depends"), ("instruments", "binding"), ("instruments", "published")),
    *(("instruments", "seen"), ("instruments", "verified"), ("tests", "source"), ("tests", "category")),
}
METHOD |= {("reference", name) for name in ("group", "wide", "component", "binding", "in_force_for_all", "seen")}
METHOD |= {("reference", "verified")}


@pytest.fixture
def climate(tmp_path: Path) -> Path:
    new_study(tmp_path / "climate", empty=True)
    study = code_climate(tmp_path / "climate")
    describe_data(study / "data")
    return study


def test_the_words_of_its_world_are_taken_and_nothing_is_a_problem(climate: Path):
    report = check_project(Project(climate, climate), None)
    assert [str(one) for one in report.problems] == []
    dataset = load_dataset(climate / "data")
    assert set(dataset["norms"]["component"]) == {"all", "mitigation", "adaptation", "climate finance"}
    assert "stocktake" in set(dataset["events"]["type"])


def test_every_table_of_results_is_computed_and_the_parts_are_its_own(climate: Path):
    coding = load_coding(climate / "params", "baseline")
    done = {one.step: one.texts for one in compute(climate / "data", coding, [step.name for step in STEPS])}
    indices = list(csv.DictReader(io.StringIO(done["indices"]["indices.csv"])))
    assert {"all", "mitigation"} <= {row["component"] for row in indices} <= {
        "all", "mitigation", "adaptation", "climate finance"
    }  # fmt: skip
    values = {row["index"] for row in indices if row["value"] and row["component"] == "all"}
    assert {"codification", "legalisation", "expectation"} <= values


def test_a_study_that_lists_its_words_is_held_to_them(climate: Path):
    path = climate / "data" / "datapackage.json"
    package = json.loads(path.read_text(encoding="utf-8"))
    events = next(one for one in package["resources"] if one["name"] == "events")
    kind = next(field for field in events["schema"]["fields"] if field["name"] == "type")
    kind["constraints"]["enum"] = ["pledge", "late_pledge", "exit"]
    path.write_text(json.dumps(package), encoding="utf-8")
    describe_data(climate / "data")
    with pytest.raises(InputError, match=r"events.csv row 6 \(e005\) column type: is not allowed; found: 'stocktake'"):
        load_dataset(climate / "data")


def test_lists_that_a_new_study_gets_are_of_the_method(tmp_path: Path):
    """Which lists bind every study is decided here; a new one of the first study alone says `vocabulary: study`."""
    new_study(tmp_path / "mine", empty=True)
    for name, resource in standard().items():  # a table that a study adds later is described as one that it has now
        path = tmp_path / "mine" / "data" / resource["path"]
        if not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(",".join(field["name"] for field in resource["schema"]["fields"]) + "\n", encoding="utf-8")
        assert name
    describe_data(tmp_path / "mine" / "data")
    package = json.loads((tmp_path / "mine/data/datapackage.json").read_text(encoding="utf-8"))
    listed = {
        (resource["name"], field["name"])
        for resource in package["resources"]
        for field in resource["schema"]["fields"]
        if field.get("categories") or "enum" in field.get("constraints", {})
    }
    assert listed <= METHOD, listed - METHOD
