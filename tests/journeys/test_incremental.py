"""After one change, exactly what depends on it is due, with the reason told; the reason is what changed."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from deadletter.coding import load_coding
from deadletter.dataset.load import load_dataset
from deadletter.pipeline import import_graph as sources
from deadletter.pipeline import records
from deadletter.pipeline.records import Present, read_record
from deadletter.pipeline.status import job_record, output_states, plan, statuses
from deadletter.project import Project
from tests.faults.tiny import errors
from tests.journeys.conftest import ROOT, deadletter

STEPS = {"trade", "indices", "forecasts", "claims", "overview"}
NOTEBOOKS = {"01_emergence", "02_normative_framework", "03_expectations", "04_prospects", "05_argument"}


@pytest.fixture
def done(baseline_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project with everything up to date, and a copy of the package that it is up to date with."""
    root = shutil.copytree(baseline_run, tmp_path / "project")
    shutil.copytree(ROOT / "analysis", tmp_path / "code", ignore=shutil.ignore_patterns("__pycache__"))
    for module in (sources, records):
        monkeypatch.setattr(module, "ROOT", tmp_path / "code")
    return Project(root, root)


def due(project: Project) -> dict[str, set[str]]:
    """The reasons of each step and notebook (for whatever regime) that is due.

    Which regimes there are is asked of the data as they ship: the changes below leave that alone, and checking whole
    tables anew is not what is tested.
    """
    dataset = load_dataset(ROOT / "data")
    found = plan(Present(project), dataset, {"baseline": load_coding(project.params, "baseline")})
    reasons: dict[str, set[str]] = {}
    for name, told in [(s.step.name, s.reasons) for s in found.tables] + [
        (s.job.notebook, s.reasons) for s in found.notebooks
    ]:
        if told:
            reasons.setdefault(name, set()).update(told)
    return reasons


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def test_nothing_is_due_where_nothing_changed(done: Project):
    assert due(done) == {}
    assert output_states(done) == ["results/baseline: current"]


# a table, and everything that reads it: steps by themselves, notebooks by themselves or through their tables
READERS = {
    "account/plans.csv": {"claims", "01_emergence", "05_argument"},
    "account/votes.csv": {"claims", "02_normative_framework", "05_argument"},
    "trade/tariffs.csv": {"trade", "claims", "03_expectations", "05_argument"},
    "trade/published_estimates.csv": {"03_expectations"},
    "after_2019/norm_tests.csv": {"forecasts", "04_prospects"},
    "argument/tests.csv": {"claims", "05_argument"},
    "account/ratings.csv": {"indices", "forecasts", "claims", "overview", *NOTEBOOKS - {"01_emergence"}},
}


@pytest.mark.parametrize("table", READERS)
def test_a_changed_table(done: Project, table: str):
    path = done.data / table
    lines = path.read_text(encoding="utf-8").splitlines()
    # the same rows in another order: other bytes, and still sound
    path.write_text("\n".join([lines[0], *lines[:0:-1]]) + "\n", encoding="utf-8")
    found = due(done)
    assert found.keys() == READERS[table]
    assert set.union(*found.values()) == {f"data {table} changed"}


def test_a_changed_parameter(done: Project):
    append(done.params / "baseline.yaml", "compliance: {ambiguous: 0}\n")
    found = due(done)
    # every notebook is handed all settings; of the tables, those of trade see none of compliance
    assert found.keys() == (STEPS - {"trade"}) | NOTEBOOKS
    assert set.union(*found.values()) == {"parameter compliance.ambiguous changed from 0.5 to 0"}
    assert output_states(done)[0].startswith("results/baseline: stale: run `deadletter run baseline`")


def test_a_changed_title_computes_no_table(done: Project):
    text = (done.params / "baseline.yaml").read_text(encoding="utf-8")
    (done.params / "baseline.yaml").write_text(text.replace("title: ", "title: New ", 1), encoding="utf-8")
    assert due(done).keys() == NOTEBOOKS


def test_a_comment_in_a_parameter_file_changes_nothing(done: Project):
    append(done.params / "baseline.yaml", "# seen\n")
    assert due(done) == {}


# a module, and what loads it; `trade/ppml.py` only where trade is computed: its notebook reads a table
LOADERS = {
    "charts/timelines.py": {"01_emergence"},
    "charts/theme.py": {"overview", *NOTEBOOKS},
    "trade/gravity/ppml.py": {"trade", "claims", "03_expectations", "05_argument"},
    "argument/sentences_of_verdicts.py": {"05_argument"},
    "cli/app.py": set(),
}


@pytest.mark.parametrize("module", LOADERS)
def test_a_changed_module(done: Project, module: str):
    append(sources.ROOT / "deadletter" / module, "\n# changed\n")
    found = due(done)
    assert found.keys() == LOADERS[module]
    if found:
        assert set.union(*found.values()) == {f"module deadletter/{module} changed"}


def test_a_changed_notebook_and_a_new_one(done: Project):
    path = done.notebooks / "02_normative_framework.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[-1].outputs, notebook.metadata["seen"] = [nbformat.v4.new_output("stream", text="x")], True
    nbformat.write(notebook, path)
    assert due(done) == {}, "outputs and foreign metadata execute nothing"
    notebook.cells[-1].source += "\n# changed"
    nbformat.write(notebook, path)
    shutil.copy(done.notebooks / "01_emergence.ipynb", done.notebooks / "07_new.ipynb")
    assert due(done) == {"02_normative_framework": {"notebook changed"}, "07_new": {"first run"}}


def test_the_lock_file_bears_on_everything(done: Project):
    (done.root / "requirements.lock").write_text("changed\n", encoding="utf-8")
    found = due(done)
    assert found.keys() == STEPS | NOTEBOOKS
    assert set.union(*found.values()) == {"lock file changed"}


def test_outputs_that_are_gone_or_were_changed(done: Project):
    (done.results / "baseline" / "claims.csv").unlink()
    append(done.executed / "baseline" / "CSTO" / "01_emergence.ipynb", " ")
    told = "output executed/baseline/CSTO/01_emergence.ipynb changed since it was written"
    assert due(done) == {"claims": {"output missing"}, "05_argument": {"output missing"}, "01_emergence": {told}}
    assert [s.job.regime for s in statuses(done, ["baseline"], ["EEU"]) if s.reasons] == [""]


def test_records_are_for_people_and_hold_no_path_of_this_machine(done: Project):
    for status in statuses(done, ["baseline"]):
        path = job_record(done, status.job)
        told = json.loads(path.read_text(encoding="utf-8"))
        assert told["version"] == 1
        assert told["parameters"]["compliance.ambiguous"] == "0.5"
        assert str(ROOT) not in path.read_text()
        assert str(done.root) not in path.read_text()
        # what is recorded is what the data are
        assert read_record(path).data.items() <= Present(done).data.items()


def test_exactly_what_is_due_runs_and_then_nothing_is(baseline_run: Path, tmp_path: Path):
    project = shutil.copytree(baseline_run, tmp_path / "project")
    path = project / "data" / "trade" / "published_estimates.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([lines[0], *lines[:0:-1]]) + "\n", encoding="utf-8")
    before = {p: p.stat().st_mtime_ns for p in (project / "results" / "baseline").glob("*.csv")}
    dry = deadletter("run", "--dry-run", cwd=project).stdout
    told = "data trade/published_estimates.csv changed"
    due_lines = [line for line in dry.splitlines() if not line.endswith("up to date")]
    assert due_lines == [f"baseline/{regime}/03_expectations: {told}" for regime in ("CSTO", "EEU")]
    done = deadletter("run", "--explain", cwd=project)
    assert (done.returncode, errors(done.stderr)) == (0, "")
    assert all(line in done.stdout for line in due_lines)
    assert "2 notebooks executed" in done.stdout
    assert {p: p.stat().st_mtime_ns for p in before} == before
    assert "0 notebooks executed" in deadletter("run", cwd=project).stdout


def test_the_quick_answer_imports_no_library(baseline_run: Path):
    first = deadletter("run", cwd=baseline_run)
    code = "import sys; sys.argv = ['deadletter', 'run']; from deadletter.__main__ import main; "
    code += "main(); print(*sys.modules)"
    environment = {"PYTHONPATH": str(ROOT / "analysis"), "PATH": ""}
    command = [sys.executable, "-c", code]
    again = subprocess.run(
        command, cwd=baseline_run, env=environment, capture_output=True, text=True, check=True
    ).stdout
    assert again.startswith(first.stdout)
    loaded = set(again.removeprefix(first.stdout).split())
    assert {"json", "hashlib"} <= loaded
    assert loaded & {"typer", "yaml", "pydantic", "pandas", "numpy", "papermill", "rich"} == set()


@pytest.mark.parametrize(
    "change",
    ["data/account/votes.csv", "params/strict.yaml", "notebooks/05_argument.ipynb", "results/baseline/claims.csv",
     "executed/baseline/05_argument.ipynb", "notebooks/07_new.ipynb", "requirements.lock"],
)  # fmt: skip
def test_the_quick_answer_is_given_only_where_nothing_changed(baseline_run: Path, tmp_path: Path, change: str):
    from deadletter.pipeline.noop import answer, leave_receipt, state

    root = shutil.copytree(baseline_run, tmp_path / "project")
    project, arguments = Project(root, root), ("run", "--output-root", str(root))
    outputs = [p for p in (root / "executed").rglob("*.ipynb")] + list((root / "results" / "baseline").glob("*.csv"))
    leave_receipt(project, arguments, state(project), outputs, ["all is well"])
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        assert answer(arguments)[0] == "all is well"
        assert answer((*arguments, "--force")) is None
        assert answer(("run", "strict", *arguments[1:])) is None
        path = root / change
        path.write_text((path.read_text(encoding="utf-8") if path.is_file() else "") + "\n", encoding="utf-8")
        assert answer(arguments) is None
