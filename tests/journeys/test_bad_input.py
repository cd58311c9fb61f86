"""Bad input: one clear message, the right exit code, no traceback, nothing written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.commands import Ended, called, deadletter
from tests.faults.tiny import tiny_project


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return tiny_project(tmp_path / "project")


def refused(done: Ended, *told: str) -> None:
    assert done.returncode == 2, (done.returncode, done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    for part in told:
        assert part in done.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["run", "baselin"], ["unknown coding", "'baselin'", "did you mean: baseline"]),
        (["run", "--regime", "RIVR"], ["unknown regime", "'RIVR'", "did you mean: RIVER"]),
        (["run", "--set", "complianse.ambiguous=0"], ["unknown key", "did you mean: compliance.ambiguous"]),
        (["run", "--set", "compliance.ambiguous=2"], ["compliance.ambiguous", "less than or equal to 1", "found: 2"]),
        (["run", "--set", "compliance.ambiguous"], ["has no value", "KEY=VALUE"]),
        (["run", "--set", "drop_states=[RSU]"], ["key drop_states: unknown state", "did you mean: RUS"]),
        (["run", "--jobs", "0"], ["--jobs"]),
        (["data", "read-sheet", "nowhere.csv", "--coder", "coder-3"], ["nowhere.csv: cannot read the sheet"]),
        (["rnu"], ["No such command 'rnu'"]),
    ],
)
def test_arguments(project: Path, arguments: list[str], told: list[str]):
    refused(called(*arguments, cwd=project), *told)
    assert not any((project / folder).exists() for folder in ("executed", "results"))


def test_a_parameter_file(project: Path):
    (project / "params" / "mine.yaml").write_text(
        "extends: baseline\ntitle: Mine\nwhy: a test\nexpectation: {defnition: met}\n"
    )
    done = called("run", "mine", cwd=project)
    refused(done, "params/mine.yaml: unknown key", "did you mean: expectation.definition")


def test_a_folder_that_is_no_project(tmp_path: Path):
    # the package's own project is found from anywhere; output goes where it is told to
    done = deadletter("run", "nothing", "--output-root", str(tmp_path / "out"), cwd=tmp_path)
    refused(done, "unknown coding")
    assert not (tmp_path / "out").exists() or not any((tmp_path / "out").rglob("*.ipynb"))


@pytest.mark.parametrize(
    ("table", "old", "new", "told"),
    [
        ("events", ",actors,", ",akteurs,", ["events.csv", "rename this column to actors", "'akteurs'"]),
        (
            "norms",
            ",procedure,all,",
            ",proceedure,all,",
            ["norms.csv row", "column krasner", "mean: procedure"],
        ),
        ("memberships", "m901,RIVER", "m901,RIVR", ["memberships.csv row 2", "column regime", "refers to no row of"]),
        (
            "ratings",
            "n901,coder-1,obligation,2",
            "n901,coder-1,obligation,7",
            ["ratings.csv row", "allowed: 0, 1, 2, 3"],
        ),
    ],
)
def test_a_table(project: Path, table: str, old: str, new: str, told: list[str]):
    path = project / "data" / "account" / f"{table}.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    refused(called("run", cwd=project), *told)
    assert not any((project / folder).exists() for folder in ("executed", "results"))
    report = called("check", cwd=project)
    assert (report.returncode, "Traceback" in report.stderr) == (1, False)
    assert [part for part in told if part not in report.stderr] == []


def test_a_file_that_is_no_notebook(project: Path):
    (project / "notebooks" / "01_tiny.ipynb").write_text(json.dumps({"cells": 3}))
    refused(called("run", cwd=project), "notebooks/01_tiny.ipynb", "is not a notebook")


def test_a_stale_codebook_is_told_and_mended(project: Path):
    path = project / "data" / "README.md"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("# Codebook", "# Kodebook", 1), encoding="utf-8")
    report = called("check", cwd=project)
    assert (report.returncode, "data/README.md: is stale" in report.stderr) == (1, True)
    assert "deadletter data describe" in report.stderr
    assert called("data", "describe", cwd=project).returncode == 0
    assert path.read_text(encoding="utf-8") == text
