"""A user asks why a claim stands, adds one by rows alone, and is told what is wrong with a test."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from deadletter.dataset.codebook import describe_data
from deadletter.project import Project
from deadletter.report.check import check_project
from tests.commands import called
from tests.faults.river import ROWS
from tests.faults.tiny import tiny_project

ARGUMENTS = (
    '{""of"": {""measure"": ""count"", ""rows"": {""table"": ""events"", ""where"": {""type"": [""decision""]}}}, '
    '""criterion"": {""relation"": "">="", ""value"": %s}}'
)
CLAIM = "{claim},{regime},intro,some made up words,,Members decide,finding,,"


def append(project: Path, claim: str, test: str) -> None:
    for path, line in (("account/claims.csv", claim), ("argument/tests.csv", test)):
        file = project / "data" / path
        file.write_text(file.read_text(encoding="utf-8") + (line + "\n" if line else ""), encoding="utf-8")


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project without a problem, which tests copy."""
    project = tiny_project(tmp_path_factory.mktemp("sound") / "project")
    assert problems(project) == ""
    return project


@pytest.fixture
def project(sound: Path, tmp_path: Path) -> Path:
    return shutil.copytree(sound, tmp_path / "project")


def test_a_claim_is_added_by_rows_alone_and_decided(project: Path):
    decisions = sum(line.split(",")[9] == "decision" for line in ROWS["events"])
    append(
        project,
        CLAIM.format(claim="c902", regime="RIVER"),
        f'c902,account,meets,"{ARGUMENTS % decisions}",,,Decisions,01_tiny,cell-1',
    )
    done = called("why", "c902", cwd=project)
    assert (done.returncode, done.stderr) == (0, "")
    assert "c902 finding: Members decide — consistent with (account)" in done.stdout
    assert "in the account; the claim requires at least" in " ".join(done.stdout.split())
    assert "On the account: consistent with" in done.stdout
    assert problems(project) == ""


def problems(project: Path) -> str:
    describe_data(project / "data")
    return "\n".join(map(str, check_project(Project(project, project), None).problems))


@pytest.mark.parametrize(
    ("claim", "test", "told"),
    [
        ("c902", "", "account/claims.csv (c902): has no row in argument/tests.csv"),
        (
            "c902",
            f'c902,account,meet,"{ARGUMENTS % 1}",,,Decisions,01_tiny,cell-1',
            "found: 'meet'; did you mean: meets",
        ),
        (
            "c902",
            f'c902,account,meets,"{ARGUMENTS % 1}",,,Decisions,01_tiny,cell-l',
            "is not a cell of 01_tiny; found: 'cell-l'",
        ),
        (
            "",
            f'c903,account,meets,"{ARGUMENTS % 1}",,,Decisions,01_tiny,cell-1',
            "refers to no row of claims; found: 'c903'",
        ),
    ],
    ids=["no test", "no kind", "no cell", "no claim"],
)
def test_check_refuses_a_claim_without_a_test_and_a_test_that_says_nothing(
    project: Path, claim: str, test: str, told: str
):
    append(project, CLAIM.format(claim=claim, regime="RIVER") if claim else "", test)
    assert told in problems(project)
