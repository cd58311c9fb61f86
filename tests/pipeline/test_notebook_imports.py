"""A notebook of an older version: what it imports and what this version calls it, in one line, before anything runs."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

import pytest

from deadletter.notebook import NAMES
from deadletter.pipeline.notebook_imports import FORMER, lost_imports
from deadletter.project import find_project
from tests.commands import ROOT, called
from tests.faults.tiny import tiny_project


def with_cell(project: Path, source: str) -> Path:
    """A project whose notebook has one more cell."""
    path = project / "notebooks" / "01_tiny.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    notebook["cells"].append({"cell_type": "code", "id": "more", "metadata": {"tags": ["more"]}, "source": source,
                              "outputs": [], "execution_count": None})  # fmt: skip
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return project


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return tiny_project(tmp_path / "project")


@pytest.mark.parametrize(
    ("source", "found", "instead"),
    [
        ("from deadletter.ledgers import decide", "deadletter.ledgers.decide", "deadletter.notebook"),
        (
            "from deadletter.charts.maps import plane_chart",
            "deadletter.charts.maps.plane_chart",
            "notebook.plane_chart",
        ),
        ("import deadletter.maps", "deadletter.maps", "deadletter.notebook"),
        ("from deadletter import notebook as nb\nnb.plane_chrat()", "notebook.plane_chrat", "notebook.plane_chart"),
        ("from deadletter.charts import plane\nplane.drawn()", "charts.plane.drawn", "deadletter.notebook"),
        ("from deadletter.indices import krippendorf_alpha", "indices.krippendorf_alpha", "indices.krippendorff_alpha"),
        (
            "from deadletter.charts.outcomes import timeline_chart",
            "outcomes.timeline_chart",
            "notebook.forecasts_chart",
        ),
    ],
)
def test_run_and_check_name_the_cell_what_it_uses_and_the_public_name(
    project: Path, source: str, found: str, instead: str
):
    with_cell(project, source)
    done = called("run", cwd=project)
    assert done.returncode == 2
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    told, _, meant = line.partition("; allowed: ")
    assert told.startswith("error: notebooks/01_tiny.ipynb cell more: uses what this version does not have; found: ")
    assert found in told
    assert instead in meant
    assert not (project / "executed").exists()
    assert f"problem: {line.removeprefix('error: ')}" in called("check", cwd=project).stderr


@pytest.mark.parametrize(
    "source",
    [
        "from deadletter.labels import *",
        "import deadletter.charts.plane as p\np.plane_chart",
        "%matplotlib inline",
        "from numpy import nothing_of_ours",
        "from deadletter.indices import Scope\nScope.anything",
    ],
)
def test_what_is_there_or_not_ours_is_left_alone(project: Path, source: str):
    assert lost_imports(find_project(start=with_cell(project, source))) == []


def test_every_public_name_is_there_and_no_shipped_notebook_needs_another_place():
    for name, home in NAMES.items():
        assert hasattr(importlib.import_module(f"deadletter.{home}"), name), name
    assert {name.rpartition(".")[2] for name in FORMER.values()} <= set(NAMES)
    for path in sorted((ROOT / "notebooks").glob("[0-9]*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        lines = [line.strip() for cell in cells if cell["cell_type"] == "code" for line in cell["source"]]
        imports = [line for line in lines if "import" in line.split() and "deadletter" in line]
        assert imports == ["from deadletter import notebook as nb"], path.name
