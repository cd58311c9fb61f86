"""Bad input: one clear message, the right exit code, no traceback, nothing written."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import nbformat
import pytest

from tests.journeys.conftest import deadletter


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{path.name} no longer holds {old!r}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def refused(done, *told: str) -> None:
    assert done.returncode == 2, (done.returncode, done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    for part in told:
        assert part in done.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["run", "baselin"], ["unknown coding", "'baselin'", "did you mean: baseline"]),
        (["run", "--regime", "CSTD"], ["unknown regime", "'CSTD'", "did you mean: CSTO", "EEU"]),
        (["run", "--set", "complianse.ambiguous=0"], ["unknown key", "did you mean: compliance.ambiguous"]),
        (["run", "--set", "compliance.ambiguous=2"], ["compliance.ambiguous", "less than or equal to 1", "found: 2"]),
        (["run", "--set", "compliance.ambiguous"], ["has no value", "KEY=VALUE"]),
        (["run", "../baseline"], ["unknown coding", "'../baseline'"]),
        (["run", "--set", "drop_states=[RSU]"], ["key drop_states: unknown state", "did you mean: RUS"]),
        (["run", "--jobs", "0"], ["--jobs"]),
        (["data", "read-sheet", "nowhere.csv", "--coder", "coder-3"], ["nowhere.csv: cannot read the sheet"]),
        (["rnu"], ["No such command 'rnu'"]),
        (["check", "--article", "nowhere.txt"], ["cannot read the article", "nowhere.txt"]),
    ],
)
def test_arguments(project: Path, arguments: list[str], told: list[str]):
    refused(deadletter(*arguments, cwd=project), *told)
    assert not (project / "executed").exists()


def test_a_parameter_file(project: Path):
    (project / "params" / "mine.yaml").write_text(
        "extends: baseline\ntitle: Mine\nwhy: a test\nexpectation: {defnition: met}\n"
    )
    done = deadletter("run", "mine", cwd=project)
    refused(done, "params/mine.yaml: unknown key", "did you mean: expectation.definition")


def test_a_folder_that_is_no_project(tmp_path: Path):
    # the package's own project is found from anywhere; output goes where it is told to
    done = deadletter("run", "nothing", "--output-root", str(tmp_path / "out"), cwd=tmp_path)
    refused(done, "unknown coding")
    assert not (tmp_path / "out").exists() or not any((tmp_path / "out").rglob("*.ipynb"))


def missing_column(coding: Path) -> None:
    edit(coding / "events.csv", ",actors,", ",akteurs,")


def wrong_category(coding: Path) -> None:
    edit(coding / "norms.csv", ",procedure,all,procedure,", ",proceedure,all,procedure,")


def duplicate_id(coding: Path) -> None:
    text = (coding / "roles.csv").read_text(encoding="utf-8")
    (coding / "roles.csv").write_text(text + text.splitlines()[1] + "\n", encoding="utf-8")


def broken_reference(coding: Path) -> None:
    path = coding / "memberships.csv"
    path.write_text(re.sub(r"(?m)^(m001,)[^,]+,", r"\1CTS,", path.read_text(encoding="utf-8")), encoding="utf-8")


def dangling_list(coding: Path) -> None:
    path = coding / "votes.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("2/3", "2/0"), encoding="utf-8")


def wrong_rating(coding: Path) -> None:
    path = coding / "ratings.csv"
    text = re.sub(r"(?m)^(n001,coder-1,obligation,)\d", r"\g<1>7", path.read_text(encoding="utf-8"))
    path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (missing_column, ["account/events.csv", "unknown column", "'akteurs'", "did you mean: actors"]),
        (wrong_category, ["account/norms.csv row", "column krasner", "'proceedure'", "did you mean: procedure"]),
        (duplicate_id, ["account/roles.csv row", "column id", "occurs twice"]),
        (broken_reference, ["account/memberships.csv row 2", "column regime", "refers to no row of regimes", "'CTS'"]),
        (dangling_list, ["account/votes.csv row", "column quota", "'2/0'"]),
        (
            wrong_rating,
            ["account/ratings.csv row", "n001", "is not a value of obligation", "'7'", "allowed: 0, 1, 2, 3"],
        ),
    ],
)
def test_a_table(project: Path, damage, told: list[str]):
    damage(project / "data" / "account")
    refused(deadletter("run", cwd=project), *told)
    assert not (project / "executed").exists()
    report = deadletter("check", cwd=project)
    assert report.returncode == 1
    assert "Traceback" not in report.stderr
    assert all(part in report.stderr for part in told)


def test_a_notebook_that_raises(project: Path, baseline_run: Path):
    shutil.copytree(baseline_run / "executed", project / "executed")
    earlier = (project / "executed" / "baseline" / "CSTO" / "02_normative_framework.ipynb").read_bytes()
    path = project / "notebooks" / "02_normative_framework.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[4].source = "raise ValueError('the river is dry')"
    nbformat.write(notebook, path)
    done = deadletter("run", "--regime", "CSTO", "--jobs", "2", cwd=project)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "baseline/CSTO/02_normative_framework failed" in done.stderr
    assert "ValueError: the river is dry" in done.stderr
    folder = project / "executed" / "baseline" / "CSTO"
    assert "02_normative_framework.failed.ipynb" in done.stderr
    assert "the river is dry" in (folder / "02_normative_framework.failed.ipynb").read_text(encoding="utf-8")
    assert (folder / "02_normative_framework.ipynb").read_bytes() == earlier
    # the others were finished, and the mended notebook runs alone
    assert "baseline/CSTO/04_prospects: done" in done.stdout
    shutil.copy(baseline_run / "notebooks" / path.name, path)
    mended = deadletter("run", "--regime", "CSTO", cwd=project)
    assert (mended.returncode, "1 notebooks executed" in mended.stdout) == (0, True), mended.stderr
    assert not (folder / "02_normative_framework.failed.ipynb").exists()


def test_a_file_that_is_no_notebook(project: Path):
    (project / "notebooks" / "03_expectations.ipynb").write_text(json.dumps({"cells": 3}))
    refused(deadletter("run", cwd=project), "notebooks/03_expectations.ipynb", "is no notebook")
