"""A user asks why a claim stands, adds one by rows alone, and is told what is wrong with a test."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from deadletter.dataset.codebook import describe_data
from deadletter.project import Project
from deadletter.report.check import check_project
from tests.commands import called
from tests.faults.tiny import tiny_project

ARGUMENTS = (
    '{""of"": {""measure"": ""count"", ""rows"": {""table"": ""events"", ""where"": {""type"": [""boycott""]}}}, '
    '""criterion"": {""relation"": "">="", ""value"": %s}}'
)
CLAIM = "{claim},{regime},intro,some made up words,,Members boycott summits,finding,,"


def append(project: Path, claim: str, test: str) -> None:
    for path, line in (("account/claims.csv", claim), ("argument/tests.csv", test)):
        file = project / "data" / path
        file.write_text(file.read_text(encoding="utf-8") + (line + "\n" if line else ""), encoding="utf-8")


def test_a_claim_is_added_by_rows_alone_and_decided(project: Path):
    with (project / "data/account/events.csv").open(encoding="utf-8") as file:
        boycotts = sum(row["type"] == "boycott" for row in csv.DictReader(file))
    append(
        project,
        CLAIM.format(claim="c901", regime="CSTO"),
        f'c901,account,meets,"{ARGUMENTS % boycotts}",,,Boycotts,05_argument,ledger',
    )
    done = called("why", "c901", cwd=project)
    assert (done.returncode, done.stderr) == (0, "")
    assert "c901 finding: Members boycott summits — consistent with (account)" in done.stdout
    assert "in the account; the claim requires at least" in " ".join(done.stdout.split())
    assert "On the text's own account: consistent with" in done.stdout
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
            f'c902,account,meet,"{ARGUMENTS % 1}",,,Boycotts,01_tiny,cell-1',
            "found: 'meet'; did you mean: meets",
        ),
        (
            "c902",
            f'c902,account,meets,"{ARGUMENTS % 1}",,,Boycotts,01_tiny,cell-l',
            "is not a cell of 01_tiny; found: 'cell-l'",
        ),
        (
            "",
            f'c903,account,meets,"{ARGUMENTS % 1}",,,Boycotts,01_tiny,cell-1',
            "refers to no row of claims; found: 'c903'",
        ),
    ],
    ids=["no test", "no kind", "no cell", "no claim"],
)
def test_check_refuses_a_claim_without_a_test_and_a_test_that_says_nothing(
    tmp_path: Path, claim: str, test: str, told: str
):
    project = tiny_project(tmp_path / "project")
    assert problems(project) == ""
    append(project, CLAIM.format(claim=claim, regime="RIVER") if claim else "", test)
    assert told in problems(project)
