"""One command executes everything, twice the same, and does nothing when nothing changed."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import nbformat
import pytest

from tests.commands import called, deadletter
from tests.journeys.studies import FIRST, Study

NOTEBOOKS = ["01_emergence", "02_normative_framework", "03_expectations", "04_prospects"]
TABLES = {
    "indices.csv": ["regime", "krasner", "component", "period", "index", "value", "low", "high", "n"],
    "placement.csv": [
        "regime",
        "component",
        "period",
        "measure",
        "basis",
        "dead_letter",
        "full_blown",
        "tacit",
        "none",
        "label",
    ],
    "trade.csv": ["question", "term", "estimate", "se", "low", "high", "n", "method"],
    "claims.csv": ["id", "level", "regime", "section", "claim", "article_value", "computed_value", "unit", "tolerance"],
}


def files(folder: Path) -> dict[str, bytes]:
    """Every generated file by name, without facts about runs and without the cache."""
    found = {p.relative_to(folder).as_posix(): p for p in sorted(folder.rglob("*")) if p.is_file()}
    kept = {n: p for n, p in found.items() if not n.endswith("run.json") and ".cache" not in n.split("/")}
    return {name: path.read_bytes() for name, path in kept.items()}


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_every_notebook_is_executed_without_error(study: Study, notebook: str):
    for regime in study.regimes:
        executed(study.root / "executed" / "baseline" / regime / f"{notebook}.ipynb", regime)


def executed(path: Path, regime: str) -> None:
    done = nbformat.read(path, as_version=4)
    code = [cell for cell in done.cells if cell.cell_type == "code"]
    outputs = [output for cell in code for output in cell.outputs]
    assert outputs
    assert all(cell.execution_count for cell in code)
    assert not [output for output in outputs if output.output_type in ("error", "stream")]
    injected = next(cell for cell in code if "injected-parameters" in cell.metadata.tags)
    assert f'regime = "{regime}"' in injected.source
    assert "compliance.ambiguous=0.5" in injected.source


@pytest.mark.parametrize("table", TABLES)
def test_tables_have_the_columns_promised(study: Study, table: str):
    with (study.root / "results" / "baseline" / table).open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0][: len(TABLES[table])] == TABLES[table]
    assert len(rows) > 1 or (table == "trade.csv" and study.dataset["bilateral"].empty)


def test_the_argument_is_a_graph_over_all_claims(study: Study):
    graph = json.loads((study.root / "results" / "baseline" / "argument.json").read_text())
    with (study.root / "results" / "baseline" / "claims.csv").open(encoding="utf-8", newline="") as file:
        claims = {row["id"]: row["verdict"] for row in csv.DictReader(file)}
    assert {node["id"]: node["verdict"] for node in graph["nodes"]} == claims
    assert all(edge["from"] in claims and edge["to"] in claims for edge in graph["edges"])


def test_a_second_run_elsewhere_gives_the_same_bytes(study: Study, tmp_path: Path):
    # one process instead of two, kernels that are not forked, and one regime alone
    plain = ("--plain-kernels",) if study.name == FIRST else ()  # they start slowly
    options = ("--regime", study.regimes[0], "--jobs", "1", *plain, "--output-root", str(tmp_path / "again"))
    done = deadletter("run", *options, cwd=study.root, timeout=600)
    assert done.returncode == 0, done.stderr
    for folder in ("results", "executed"):
        first, second = files(study.root / folder), files(tmp_path / "again" / folder)
        others = tuple(f"baseline/{regime}/" for regime in study.regimes[1:])
        first = {name: raw for name, raw in first.items() if not name.startswith(others)}
        assert first.keys() == second.keys()
        assert [name for name in first if first[name] != second[name]] == []


def test_no_path_of_this_machine_stands_in_an_output(study: Study):
    told = str(study.root).encode()
    for folder in ("results", "executed"):
        assert [name for name, text in files(study.root / folder).items() if told in text] == []


def test_the_check_says_whether_results_are_current(tiny_run: Path, tmp_path: Path):
    project = shutil.copytree(tiny_run, tmp_path / "project")
    assert "results/baseline: current" in called("check", cwd=project).stdout
    assert "results: none yet" in called("check", "--output-root", str(tmp_path / "none"), cwd=project).stdout
    with (project / "params" / "baseline.yaml").open("a") as file:
        file.write("compliance: {ambiguous: 0.4}\n")
    assert "results/baseline: stale: run `deadletter run baseline`" in called("check", cwd=project).stdout


def test_results_of_a_changed_setting_go_beside_those_of_the_coding(tiny_run: Path, tmp_path: Path):
    project = shutil.copytree(tiny_run, tmp_path / "project")
    before = files(project / "results" / "baseline")
    done = deadletter("run", "--regime", "RIVER", "--set", "output.partly=0", cwd=project)
    assert done.returncode == 0, done.stderr
    (changed,) = [folder for folder in (project / "results").iterdir() if folder.name.startswith("baseline+")]
    assert files(project / "results" / "baseline") == before
    assert files(changed)["indices.csv"] != before["indices.csv"]
    assert (project / "executed" / changed.name / "RIVER" / "01_tiny.ipynb").is_file()
