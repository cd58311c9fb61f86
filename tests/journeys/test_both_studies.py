"""What a user asks and mistypes, on the first study and on the example alike."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.commands import called
from tests.journeys.studies import Study


@pytest.fixture
def project(study: Study, tmp_path: Path) -> Path:
    """A copy of data, parameters and notebooks."""
    for folder in ("data", "params", "notebooks"):
        shutil.copytree(study.root / folder, tmp_path / "project" / folder)
    shutil.copy(study.root / "study.yaml", tmp_path / "project")
    return tmp_path / "project"


def test_why_says_what_decides_a_claim(study: Study):
    done = called("why", study.claim, cwd=study.root)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{study.claim} ")
    assert "On the account: " in done.stdout
    assert "Shown in notebooks/" in done.stdout
    assert "“”" not in done.stdout


def test_compare_says_what_moves(study: Study, project: Path):
    done = called("compare", "baseline", "strict", cwd=project)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False)
    page = (project / "results" / "compare" / "baseline_strict" / "index.html").read_text(encoding="utf-8")
    assert "What does not move" in page


def test_check_finds_nothing_wrong(study: Study, project: Path):
    for folder in ("results", "executed"):  # the report is written next to them, and others share those
        shutil.copytree(study.root / folder, project / folder)
    done = called("check", cwd=project)
    assert (done.returncode, done.stderr) == (0, "")
    assert "0 problems" in done.stdout
    assert "results/baseline: current" in done.stdout


def test_a_coding_of_ones_own_is_planned(study: Study, project: Path):
    (project / "params" / "mine.yaml").write_text(
        "extends: baseline\ntitle: Mine\nwhy: A test.\ncompliance: {ambiguous: 0.25}\n", encoding="utf-8"
    )
    done = called("run", "mine", "--dry-run", cwd=project)
    assert done.returncode == 0, done.stderr
    for regime in study.regimes:
        assert f"mine/{regime}/04_prospects: first run" in done.stdout


def test_what_is_mistyped_is_one_line_and_writes_nothing(study: Study, project: Path):
    regime = study.regimes[0]
    for words, told in (
        (["run", "baselin"], "did you mean: baseline"),
        (["run", "--regime", f"{regime}X"], f"did you mean: {regime}"),
        (["run", "--set", "complianse.ambiguous=0"], "did you mean: compliance.ambiguous"),
        (["why", "c9999"], "no such claim"),
        (["compare", "baseline", "strickt"], "did you mean: strict"),
    ):
        done = called(*words, cwd=project)
        assert (done.returncode, told in done.stderr) == (2, True), (words, done)
        assert len([line for line in done.stderr.splitlines() if line.startswith("error: ")]) == 1
    assert not (project / "executed").exists()
    assert list((project / "results").glob("[!.]*")) == []  # a lock may be left


@pytest.mark.parametrize(
    ("table", "old", "new", "told"),
    [
        ("events", ",actors,", ",akteurs,", "rename this column to actors; found: 'akteurs'"),
        ("norms", ",principle,all,", ",princple,all,", "column krasner: is not allowed; found: 'princple'"),
        ("regimes", "lineage", "line", "rename this column to lineage; found: 'line'"),
        ("memberships", ",founding,", ",founder,", "column entry: is not allowed; found: 'founder'"),
    ],
)
def test_a_table_that_will_not_do(project: Path, table: str, old: str, new: str, told: str):
    path = project / "data" / "account" / f"{table}.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    for command, code in (("run", 2), ("check", 1)):
        done = called(command, cwd=project)
        assert (done.returncode, f"account/{table}.csv" in done.stderr) == (code, True), done
        assert told in done.stderr
    assert not (project / "executed").exists()
