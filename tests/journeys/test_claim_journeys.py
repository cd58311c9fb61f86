"""A user asks why a claim stands, adds one by rows alone, and is told what is wrong with a test."""

from __future__ import annotations

import csv
from pathlib import Path

from deadletter.dataset.codebook import describe_data
from deadletter.project import Project
from deadletter.report.check import check_project
from tests.faults.tiny import errors
from tests.journeys.conftest import deadletter

ARGUMENTS = (
    '{""of"": {""measure"": ""count"", ""rows"": {""table"": ""events"", ""where"": {""type"": [""boycott""]}}}, '
    '""criterion"": {""relation"": "">="", ""value"": %s}}'
)
CLAIM = "c901,CSTO,intro,some made up words,,Members boycott summits,finding,,"


def append(project: Path, claim: str, test: str) -> None:
    for path, line in (("account/claims.csv", claim), ("argument/tests.csv", test)):
        file = project / "data" / path
        file.write_text(file.read_text(encoding="utf-8") + (line + "\n" if line else ""), encoding="utf-8")


def test_a_claim_is_added_by_rows_alone_and_decided(project: Path):
    with (project / "data/account/events.csv").open(encoding="utf-8") as file:
        boycotts = sum(row["type"] == "boycott" for row in csv.DictReader(file))
    append(project, CLAIM, f'c901,account,meets,"{ARGUMENTS % boycotts}",,,Boycotts,05_argument,ledger')
    done = deadletter("why", "c901", cwd=project)
    assert (done.returncode, done.stderr) == (0, "")
    assert "c901 finding: Members boycott summits — consistent with (account)" in done.stdout
    assert "in the account; the claim requires at least" in " ".join(done.stdout.split())
    assert "On the article's own account: consistent with" in done.stdout
    assert problems(project) == ""


def problems(project: Path) -> str:
    describe_data(project / "data")
    return "\n".join(map(str, check_project(Project(project, project), None).problems))


def test_check_refuses_claims_without_a_test_and_tests_that_say_nothing(project: Path):
    append(project, CLAIM, "")
    assert "account/claims.csv (c901): has no row in argument/tests.csv" in problems(project)
    append(project, "", f'c901,account,meet,"{ARGUMENTS % 1}",,,Boycotts,05_argument,ledger')
    assert "(c901) column kind: no such kind of test; found: 'meet'; did you mean: meets" in problems(project)


def test_check_refuses_a_test_of_no_claim_and_a_cell_that_is_not_there(project: Path):
    tests = project / "data/argument/tests.csv"
    text = tests.read_text(encoding="utf-8")
    tests.write_text(text.replace("04_prospects,plane_expectation", "04_prospects,plain_expectation"), encoding="utf-8")
    assert "column cell: is no cell of 04_prospects; found: 'plain_expectation'; did you mean: plane" in problems(
        project
    )
    append(project, "", f'c902,account,meets,"{ARGUMENTS % 1}",,,Boycotts,05_argument,ledger')
    assert "column claim: refers to no row of claims; found: 'c902'" in problems(project)


def test_compare_writes_the_verdicts_that_flip(project: Path):
    done = deadletter("compare", "baseline", "strict", cwd=project)
    assert (done.returncode, errors(done.stderr)) == (0, "")
    with (project / "results/compare/baseline_strict/verdicts.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    flipped = [row for row in rows if row["base_verdict"] != row["other_verdict"]]
    assert [row["id"] for row in rows if row["flipped"] == "True"] == [row["id"] for row in flipped]
    assert flipped
    assert f"{len(flipped)} of {len(rows)} verdicts on claims flip" in done.stdout
