"""After one change, exactly what depends on it is due, and the reason given is what changed."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from types import MappingProxyType

import nbformat
import pytest

from deadletter.coding import load_coding
from deadletter.dataset.load import Dataset
from deadletter.labels import counted
from deadletter.pipeline import import_graph as sources
from deadletter.pipeline import records
from deadletter.pipeline.noop import answer, leave_receipt, state
from deadletter.pipeline.plan import MULTIVERSE, notebooks
from deadletter.pipeline.records import Present, read_record
from deadletter.pipeline.status import job_record, output_states, plan, statuses
from deadletter.pipeline.steps import STEPS, Step
from deadletter.project import Project
from tests.commands import ROOT, called, deadletter
from tests.faults.tiny import errors
from tests.journeys.studies import FIRST, Study

NAMES = {step.name for step in STEPS}
NOTEBOOKS = {name for name, per in notebooks(Project(ROOT, ROOT)).items() if per != MULTIVERSE}
RECORDS = Path("results", ".cache", "records")


@pytest.fixture
def done(study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project with everything up to date, and a copy of the package that it is up to date with."""
    root = shutil.copytree(study.root, tmp_path / "project")
    shutil.copytree(ROOT / "analysis", tmp_path / "code", ignore=shutil.ignore_patterns("__pycache__"))
    for module in (sources, records):
        monkeypatch.setattr(module, "ROOT", tmp_path / "code")
    return Project(root, root)


@pytest.fixture
def dataset(study: Study) -> Dataset:
    return study.dataset


def due(project: Project, dataset: Dataset) -> dict[str, set[str]]:
    """The reasons of each step and notebook (for whatever regime) that is due.

    Which regimes there are is asked of the data as shipped: the changes below leave that alone, and checking whole
    tables anew is not what is tested.
    """
    found = plan(Present(project), dataset, {"baseline": load_coding(project.params, "baseline")})
    reasons: dict[str, set[str]] = {}
    for name, given in [(s.step.name, s.reasons) for s in found.tables] + [
        (s.job.notebook, s.reasons) for s in found.notebooks
    ]:
        if given:
            reasons.setdefault(name, set()).update(given)
    return reasons


def readers(root: Path, kind: str, name: str) -> set[str]:
    """Whose records list a table of the data or a module, or else a table of results by a step whose record does."""

    def whose(folder: str, kind: str, names: set[str]) -> set[str]:
        found = {path: json.loads(path.read_text("utf-8")) for path in (root / RECORDS / folder).rglob("*.json")}
        return {path.stem for path, record in found.items() if names & record[kind].keys()}

    steps = whose("tables", kind, {name})
    files = {file for step in STEPS if step.name in steps for file in step.files}
    return steps | whose("notebooks", kind, {name}) | whose("notebooks", "tables", files)


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def reverse_rows(path: Path) -> None:
    """The same rows in another order: other bytes, and still sound."""
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([lines[0], *lines[:0:-1]]) + "\n", encoding="utf-8")


def test_nothing_is_due_where_nothing_changed(done: Project, dataset: Dataset):
    assert due(done, dataset) == {}
    assert output_states(done) == ["results/baseline: current"]


# a table; some that use it, by what they are about, and some that cannot: every notebook on a regime or on the argument
# opens with verdicts on its claims, hence is due with whatever decides a claim
TABLES = [
    ("account/plans.csv", {"claims", "01_emergence"}, {"trade", "overview"}),
    ("account/votes.csv", {"claims", "02_normative_framework"}, {"trade", "indices"}),
    ("trade/tariffs.csv", {"trade", "claims", "01_emergence", "03_expectations"}, {"indices", "overview", "alignment"}),
    ("trade/published_estimates.csv", {"03_expectations"}, {*NAMES, "01_emergence", "02_normative_framework"}),
    ("after_2019/norm_tests.csv", {"forecasts", "04_prospects"}, {"trade", "indices"}),
    ("argument/tests.csv", {"claims", "02_normative_framework", "05_argument"}, {"trade", "indices"}),
    ("account/ratings.csv", {"indices", "forecasts", "claims", "04_prospects", "05_argument"}, {"trade"}),
]


@pytest.mark.parametrize(("table", "users", "others"), TABLES)
def test_a_changed_table(study: Study, done: Project, dataset: Dataset, table: str, users: set[str], others: set[str]):
    if not (done.data / table).is_file():
        pytest.skip("the example has no such table")
    reverse_rows(done.data / table)
    found = due(done, dataset)
    assert found.keys() == readers(done.root, "data", table)
    assert users <= found.keys() or study.name != FIRST
    assert others & found.keys() == set()
    assert set.union(*found.values()) == {f"data {table} changed"}


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_a_step_gives_the_same_without_the_tables_that_it_does_not_record(study: Study, dataset: Dataset, step: Step):
    """What a record leaves out may change without notice, hence must not bear on the result."""
    baseline = load_coding(study.root / "params", "baseline")
    path = study.root / RECORDS / "tables" / "baseline" / f"{step.name}.json"
    read = json.loads(path.read_text(encoding="utf-8"))["data"]
    tables = {name: dataset[name] for name in dataset.names}
    unread = {name for name in tables if dataset.sources[name][0] not in read}
    assert unread
    kept = {name: table.iloc[:0] if name in unread else table for name, table in tables.items()}
    # another object: it holds nothing that was derived before
    blank = Dataset(MappingProxyType(kept), dataset.package, dataset.digest, dataset.sources)
    texts = step.texts(blank, baseline)
    folder = study.root / "results" / "baseline"
    assert {name: (folder / name).read_text(encoding="utf-8") for name in step.files} == texts


def test_a_changed_parameter(done: Project, dataset: Dataset):
    append(done.params / "baseline.yaml", "compliance: {ambiguous: 0}\n")
    found = due(done, dataset)
    # every notebook is given all settings, a step only those that it declares
    declared = {step.name for step in STEPS if "compliance" in step.settings}
    assert found.keys() == declared | NOTEBOOKS
    assert ("indices" in found, "trade" in found) == (True, False)
    assert set.union(*found.values()) == {"parameter compliance.ambiguous changed from 0.5 to 0"}
    assert output_states(done)[0].startswith("results/baseline: stale: run `deadletter run baseline`")


def test_a_changed_title_computes_no_table(done: Project, dataset: Dataset):
    text = (done.params / "baseline.yaml").read_text(encoding="utf-8")
    (done.params / "baseline.yaml").write_text(text.replace("title: ", "title: New ", 1), encoding="utf-8")
    assert due(done, dataset).keys() == NOTEBOOKS


def test_a_comment_in_a_parameter_file_changes_nothing(done: Project, dataset: Dataset):
    append(done.params / "baseline.yaml", "# seen\n")
    assert due(done, dataset) == {}


# a module; some that depend on it, and some that do not: a notebook loads nothing that fits, but reads what it gave
MODULES = [
    ("charts/timelines.py", {"01_emergence"}, {*NAMES, "03_expectations"}),
    ("charts/theme.py", {"overview", "01_emergence", "05_argument"}, {"trade", "indices", "claims"}),
    ("trade/gravity/ppml.py", {"trade", "claims", "03_expectations"}, {"indices", "overview", "alignment"}),
    ("charts/verdicts_chart.py", {"05_argument"}, {*NAMES, "01_emergence"}),
    ("cli/app.py", set(), NAMES | NOTEBOOKS),
]


@pytest.mark.parametrize(("module", "users", "others"), MODULES)
def test_a_changed_module(done: Project, dataset: Dataset, module: str, users: set[str], others: set[str]):
    append(sources.ROOT / "deadletter" / module, "\n# changed\n")
    found = due(done, dataset)
    assert found.keys() == readers(done.root, "modules", f"deadletter/{module}")
    assert users <= found.keys()
    assert others & found.keys() == set()
    assert set().union(*found.values()) <= {f"module deadletter/{module} changed"}


def test_a_changed_notebook_and_a_new_one(done: Project, dataset: Dataset):
    path = done.notebooks / "02_normative_framework.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[-1].outputs, notebook.metadata["seen"] = [nbformat.v4.new_output("stream", text="x")], True
    nbformat.write(notebook, path)
    assert due(done, dataset) == {}, "outputs and foreign metadata execute nothing"
    notebook.cells[-1].source += "\n# changed"
    nbformat.write(notebook, path)
    shutil.copy(done.notebooks / "01_emergence.ipynb", done.notebooks / "07_new.ipynb")
    assert due(done, dataset) == {"02_normative_framework": {"notebook changed"}, "07_new": {"first run"}}


def test_the_lock_file_bears_on_everything(done: Project, dataset: Dataset):
    (done.root / "requirements.lock").write_text("changed\n", encoding="utf-8")
    found = due(done, dataset)
    assert found.keys() == NAMES | NOTEBOOKS
    assert set.union(*found.values()) == {"lock file changed"}


def test_outputs_that_are_gone_or_were_changed(done: Project, dataset: Dataset):
    (done.results / "baseline" / "placebo.csv").unlink()
    first, *rest = dataset.focal
    append(done.executed / "baseline" / first / "01_emergence.ipynb", " ")
    told = f"output executed/baseline/{first}/01_emergence.ipynb changed since it was written"
    assert due(done, dataset) == {
        "placebo": {"output missing"},
        "05_argument": {"output missing"},
        "01_emergence": {told},
    }
    assert [s.job.regime for s in statuses(done, ["baseline"], rest) if rest and s.reasons] == [""] * bool(rest)


def test_records_are_for_people_and_hold_no_path_of_this_machine(done: Project):
    for status in statuses(done, ["baseline"]):
        path = job_record(done, status.job)
        told = json.loads(path.read_text(encoding="utf-8"))
        assert told["version"] == 1
        assert told["parameters"]["compliance.ambiguous"] == "0.5"
        assert str(ROOT) not in path.read_text()
        assert str(done.root) not in path.read_text()
        # what is recorded is what the data are
        recorded = {name: digest for name, digest in read_record(path).data.items() if digest}  # none: no such table
        assert recorded.items() <= Present(done).data.items()


def test_exactly_what_is_due_runs_and_then_nothing_is(study: Study, tmp_path: Path):
    project = shutil.copytree(study.root, tmp_path / "project")
    reverse_rows(project / "data" / study.table)
    before = {p: p.stat().st_mtime_ns for p in (project / "results" / "baseline").glob("*.csv")}
    dry = called("run", "--dry-run", cwd=project).stdout
    told = f"data {study.table} changed"
    due_lines = [line for line in dry.splitlines() if not line.endswith("up to date")]
    assert due_lines == [f"baseline/{regime}/{name}: {told}" for regime in study.regimes for name in study.readers]
    done = deadletter("run", "--explain", cwd=project)
    assert (done.returncode, errors(done.stderr)) == (0, "")
    assert all(line in done.stdout for line in due_lines)
    assert f"{counted(len(due_lines), 'notebook')} executed" in done.stdout
    assert {p: p.stat().st_mtime_ns for p in before} == before
    assert "0 notebooks executed" in deadletter("run", cwd=project).stdout


def test_the_quick_answer_imports_no_library(baseline_run: Path, tmp_path: Path):
    root = shutil.copytree(baseline_run, tmp_path / "project")
    first = deadletter("run", cwd=root)
    code = "import sys; sys.argv = ['deadletter', 'run']; from deadletter.__main__ import main; "
    code += "main(); print(*sys.modules)"
    environment = {"PYTHONPATH": str(ROOT / "analysis"), "PATH": ""}
    command = [sys.executable, "-c", code]
    again = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=True).stdout
    assert again.startswith(first.stdout)
    loaded = set(again.removeprefix(first.stdout).split())
    assert {"json", "hashlib"} <= loaded
    assert loaded & {"typer", "yaml", "pydantic", "pandas", "numpy", "papermill", "rich"} == set()


CHANGES = [
    *("data/account/votes.csv", "params/strict.yaml", "notebooks/05_argument.ipynb", "results/baseline/claims.csv"),
    *("executed/baseline/05_argument.ipynb", "notebooks/07_new.ipynb", "requirements.lock"),
]


def test_the_quick_answer_is_given_only_where_nothing_changed(
    baseline_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    root = shutil.copytree(baseline_run, tmp_path / "project")
    project, arguments = Project(root, root), ("run", "--output-root", str(root))
    outputs = [p for p in (root / "executed").rglob("*.ipynb")] + list((root / "results" / "baseline").glob("*.csv"))
    leave_receipt(project, arguments, state(project), outputs, ["all is well"])
    monkeypatch.chdir(root)
    assert answer((*arguments, "--force")) is None
    assert answer(("run", "strict", *arguments[1:])) is None
    for change in CHANGES:
        assert (answer(arguments) or [""])[0] == "all is well", change
        path = root / change
        before = path.read_text(encoding="utf-8") if path.is_file() else None
        path.write_text((before or "") + "\n", encoding="utf-8")
        assert answer(arguments) is None, change
        if before is None:
            path.unlink()
        else:
            path.write_text(before, encoding="utf-8")
