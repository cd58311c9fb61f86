"""The program as a user drives it: a copy of the project, and a site of two codings."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import yaml

from deadletter.charts.bundle import sentence_bundle
from deadletter.project import find_project
from deadletter.site.publish import Request, publish
from tests.charts.hostile_charts import HOSTILE, hostile_figure
from tests.commands import ROOT, copy_project, deadletter, shared_folder
from tests.journeys.studies import EXAMPLE, FIRST, Study, run_example

__all__ = ["ROOT", "copy_project", "deadletter"]
# the claim whose words are hostile in the second coding
DEAD_LETTER = "c287"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return copy_project(tmp_path / "project")


@pytest.fixture(scope="session")
def example_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example with its baseline up to date, shared by all test processes."""
    return shared_folder(tmp_path_factory, "example", run_example)


@pytest.fixture(scope="session", params=[FIRST, EXAMPLE])
def study(request: pytest.FixtureRequest) -> Study:
    """Each of the two studies: what the program promises, it promises for both."""
    if request.param == FIRST:
        root = request.getfixturevalue("baseline_run")
        return Study(FIRST, root, "c287", "trade/published_estimates.csv", ("03_expectations",), 1300)
    root = request.getfixturevalue("example_run")
    return Study(EXAMPLE, root, "c002", "account/plans.csv", ("01_emergence",), 8)


@pytest.fixture(scope="session")
def example_site(example_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example as published, shared by all test processes."""

    def make(project: Path) -> None:
        shutil.copytree(example_run, project)
        publish(find_project(start=project), Request((), project / "site"), lambda _: None)

    return shared_folder(tmp_path_factory, "example-published", make) / "site"


@pytest.fixture(scope="session", params=[FIRST, EXAMPLE])
def any_site(request: pytest.FixtureRequest) -> Path:
    """The site of each of the two studies."""
    found: Path = request.getfixturevalue("site" if request.param == FIRST else "example_site")
    return found


def prepare(project: Path, baseline_run: Path) -> None:
    """A project with a current baseline, and a second coding with hostile words, never executed as it stands."""
    shutil.copytree(baseline_run, project)
    shutil.copytree(ROOT / "docs", project / "docs")
    for folder in ("results", "executed"):
        shutil.copytree(project / folder / "baseline", project / folder / "strict")
    coding = project / "params" / "strict.yaml"
    told = yaml.safe_load(coding.read_text(encoding="utf-8"))
    coding.write_text(yaml.safe_dump({**told, "title": f"Strict {HOSTILE}", "why": f"Why {HOSTILE}"}), encoding="utf-8")
    path = project / "executed" / "strict" / "CSTO" / "04_prospects.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    cell = next(cell for cell in notebook["cells"] if cell["metadata"].get("tags") == ["plane_expectation"])
    for data in (
        hostile_figure().bundle(),
        sentence_bundle(f"{HOSTILE} [way](javascript:alert(1))"),
    ):
        cell["outputs"].append({"output_type": "display_data", "data": data, "metadata": {}})
    path.write_text(json.dumps(notebook), encoding="utf-8")
    argument = project / "results" / "strict" / "argument.json"
    graph = json.loads(argument.read_text(encoding="utf-8"))
    next(node for node in graph["nodes"] if node["id"] == DEAD_LETTER)["claim"] = HOSTILE
    argument.write_text(json.dumps(graph), encoding="utf-8")


@pytest.fixture(scope="session")
def site(baseline_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One site of both codings in a project, shared by all test processes, which only look at it."""

    def make(project: Path) -> None:
        prepare(project, baseline_run)
        told: list[str] = []
        request = Request(("baseline", "strict"), project / "site", allow_stale=True)
        publish(find_project(start=project), request, told.append)
        assert [line for line in told if "warning" in line] == []

    return shared_folder(tmp_path_factory, "published", make) / "site"
