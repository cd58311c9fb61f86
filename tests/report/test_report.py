"""The report of a replication: nothing that a notebook shows is left out, and the verdict follows from the facts."""

from __future__ import annotations

import csv
import dataclasses
import json
import re
import shutil
from pathlib import Path

import pytest

from deadletter.charts.bundle import FIGURE, SENTENCE, TABLE
from deadletter.coding import load_coding
from deadletter.dataset.codebook import describe_data
from deadletter.files import write_atomically
from deadletter.notebook_files import read_notebook
from deadletter.pipeline.steps import compute
from deadletter.project import Project
from deadletter.report.audit import (
    BROKEN,
    FAIL,
    FAILED,
    FULL,
    MINOR,
    NOT_YET,
    PARTIAL,
    Facts,
    Output,
    gather,
    verdict_of,
)
from deadletter.report.exhibits import ERROR, Exhibit, exhibits
from deadletter.report.render import render, replication_report
from deadletter.templating import plain
from tests.commands import called
from tests.conftest import ROOT
from tests.faults.tiny import tiny_project


def test_exhibits_are_numbered_by_kind_and_know_their_cell(by_hand: Path):
    shown = exhibits(read_notebook(by_hand), by_hand.stem)
    assert [(e.label, e.cell) for e in shown] == [
        ("Sentence 7.1", "opening"),
        ("Figure 7.1", "charts"),
        ("Figure 7.2", "charts"),
        ("Table 7.1", "rows"),
        ("Table 7.2", "rows"),
        ("Sentence 7.2", "closing"),
    ]
    assert shown[0].numbers == ["12", "−3.5", "2014-05-29"]
    assert shown[4].title == "Two & more"
    assert shown[4].rows == (("<b>",), ("<script>alert(1)</script>",))


def outputs(*reasons: tuple[str, ...]) -> tuple[Output, ...]:
    return tuple(Output(f"baseline/{n}", (f"executed/baseline/{n}.ipynb",), True, r) for n, r in enumerate(reasons))


STALE = ("data, parameters or code changed",)
INDICES = ("results/baseline/indices.csv",)
PROJECT = Project(ROOT, ROOT)
SOUND = Facts(PROJECT, (), ("baseline",), outputs(*[()] * 8), {"results/baseline/indices.csv": True})


@pytest.mark.parametrize(
    ("change", "grade"),
    [
        ({}, FULL),
        # what is wrong with the content is not a minor issue
        ({"problems": ("account/events.csv: is broken",)}, PARTIAL),
        ({"unplaced": ("c001: shows nothing",)}, PARTIAL),
        ({"shown": {"baseline/0": (Exhibit(ERROR, "1.1", "a", "ValueError: x", ""),)}}, PARTIAL),
        ({"outputs": outputs(STALE, STALE, *[()] * 6)}, MINOR),  # a quarter, not more
        ({"outputs": outputs(STALE, STALE, STALE, *[()] * 5)}, PARTIAL),
        ({"outputs": outputs(*[STALE] * 6, (), ())}, PARTIAL),
        ({"outputs": outputs(*[STALE] * 7, ())}, FAILED),
        ({"outputs": outputs(*[STALE] * 8)}, NOT_YET),
        ({"outputs": outputs(*[(FAIL,)] * 8)}, FAILED),
        ({"outputs": (Output("tables baseline/indices", INDICES, False, ("missing",)),)}, NOT_YET),
        ({"outputs": (), "codings": ()}, NOT_YET),
        ({"outputs": (Output(BROKEN, (), True, ("data or parameters cannot be used",)),)}, FAILED),
        ({"outputs": outputs(("output executed/baseline/0.ipynb changed since it was written",), *[()] * 7)}, PARTIAL),
        # a table that is not reproduced costs the output that it belongs to
        (
            {
                "outputs": (Output("tables baseline/indices", INDICES, True, ()), *outputs((), ())),
                "recomputed": {"results/baseline/indices.csv": False},
            },
            PARTIAL,
        ),
    ],
)
def test_the_verdict_follows_from_the_facts(change: dict[str, object], grade: str):
    verdict = verdict_of(dataclasses.replace(SOUND, **change))
    assert verdict.grade == grade
    assert verdict.reasons


def test_the_reasons_count_what_the_facts_hold():
    verdict = verdict_of(dataclasses.replace(SOUND, outputs=outputs(STALE, (FAIL,), (FAIL,), *[()] * 5)))
    told = "; ".join(verdict.reasons)
    assert "5 of 8 outputs are up to date" in told
    assert f"1 is not: {STALE[0]}" in told
    assert f"2 are not: {FAIL}" in told


@pytest.mark.parametrize("text", ["a|b", "<script>alert(1)</script>", "[x](javascript:y)", "![i](http://a.b)", "*x*"])
def test_text_from_data_stays_text(text: str):
    from markdown_it import MarkdownIt

    page = MarkdownIt("commonmark", {"html": True}).enable("table").render(f"| h |\n|---|\n| {plain(text)} |\n")
    assert re.findall(r"<(\w+)", page) == ["table", "thead", "tr", "th", "tbody", "tr", "td"]
    cell = re.search(r"<td>(.*)</td>", page)[1]
    assert cell.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") == text
    assert "\n" not in plain("two\nlines")


@pytest.fixture(scope="module")
def reported(baseline_run: Path) -> tuple[Project, Facts, str]:
    project = Project(baseline_run, baseline_run)
    facts = gather(project)
    return project, facts, render(facts)


def rows_of(report: str, heading: str) -> list[list[str]]:
    """Cells of the first table under a heading, without its head."""
    section = re.split(r"^#+ ", report.split(heading, 1)[1], maxsplit=1, flags=re.M)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def test_a_full_run_is_a_full_reproduction(reported):
    _, facts, report = reported
    assert facts.faults == []
    assert verdict_of(facts).grade == FULL
    assert f"- [x] {FULL}\n" in report
    assert report.count("- [x]") == 1
    assert set(facts.recomputed) >= {f"results/baseline/{n}" for n in ("indices.csv", "claims.csv", "argument.json")}


def test_every_figure_and_table_of_every_notebook_is_listed(reported):
    project, _, report = reported
    texts = [path.read_text(encoding="utf-8") for path in (project.executed / "baseline").rglob("*.ipynb")]
    for heading, opening in (("### Figures", "<figure"), ("### Tables (", "<table")):
        rows = rows_of(report, heading)
        assert len(rows) == sum(text.count(opening) for text in texts) > 20
        assert all(row[2] and row[4] and row[5] == "up to date" for row in rows)
        assert all((project.root / row[3]).is_file() and (project.executed.parent / row[0]).is_file() for row in rows)
        assert len({(row[0], row[1]) for row in rows}) == len(rows)


def test_every_number_of_claims_and_statements_has_a_notebook_and_a_cell(reported):
    project, facts, report = reported
    tags = {}
    for path in (project.executed / "baseline").rglob("*.ipynb"):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        tags[path.relative_to(project.executed).with_suffix("").as_posix()] = {
            tag for cell in cells for tag in cell["metadata"].get("tags", [])
        }
    with (project.results / "baseline" / "claims.csv").open(encoding="utf-8", newline="") as file:
        wanted = {r["id"] for r in csv.DictReader(file) if re.search(r"\d", r["article_value"] + r["computed_value"])}
    claims = rows_of(report, "### Numbers of claims, coding baseline")
    assert {row[0] for row in claims} == wanted
    assert all(any(name.endswith(row[6]) and row[7] in cells for name, cells in tags.items()) for row in claims)
    with (project.results / "baseline" / "trade.csv").open(encoding="utf-8", newline="") as file:
        judged = {row["id"] for row in csv.DictReader(file) if row["verdict"]}
    statements = rows_of(report, "### Statements on trade and output, coding baseline")
    assert {row[0] for row in statements} == judged
    assert all(row[6] in tags[row[5]] for row in statements)
    told = [e.body for shown in facts.shown.values() for e in shown if e.kind == SENTENCE]
    sentences = [body for body in told if re.search(r"(?<![a-z\d])\d", body)]  # digits of an id are not a number
    assert len(rows_of(report, "### Numbers in sentences")) == len(sentences) > 0
    assert {e.kind for shown in facts.shown.values() for e in shown} == {FIGURE, TABLE, SENTENCE}


def test_rights_seeds_and_versions_come_from_the_files(reported):
    _, _, report = reported
    package = json.loads((ROOT / "data" / "datapackage.json").read_text(encoding="utf-8"))
    tables = {row[0]: row for row in rows_of(report, "### Details on each table")}
    assert set(tables) == {f"data/{resource['path']}" for resource in package["resources"]}
    assert {row[2] for row in tables.values()} == {"yes"}
    bilateral = next(r for r in package["resources"] if r["path"] == "trade/bilateral.csv")
    assert tables["data/trade/bilateral.csv"][3:] == [
        bilateral["rights"]["use"],
        bilateral["rights"]["redistribute"],
        bilateral["licenses"][0]["name"],
    ]
    seed = load_coding(ROOT / "params", "baseline").intervals.seed
    assert ["baseline", f"intervals.seed={seed}"] in rows_of(report, "### Controlled randomness")
    locked = re.search(r"^pandas==(\S+)", (ROOT / "requirements.lock").read_text(), flags=re.M)[1]
    assert locked in next(row for row in rows_of(report, "### Software") if row[0] == "pandas")[2]


def test_equal_results_have_equal_reports_without_path_or_day(reported):
    project, facts, report = reported
    # what is made for publication says the same, but computes no table
    assert replication_report(project) == render(dataclasses.replace(facts, recomputed={})) != report
    assert str(project.root) not in report
    assert str(ROOT) not in report
    started = json.loads((project.results / "baseline" / "run.json").read_text())["started"]
    assert started[:10] not in report


def test_a_table_changed_by_hand_and_a_notebook_that_is_gone_are_found(tiny_run: Path, tmp_path: Path):
    root = shutil.copytree(tiny_run, tmp_path / "project")
    path = root / "results" / "baseline" / "placement.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",full_blown,0", ",none,0"), encoding="utf-8")
    (root / "executed" / "baseline" / "RIVER" / "01_tiny.ipynb").unlink()
    done = called("check", cwd=root)
    assert done.returncode == 1
    assert "results/baseline/placement.csv is not reproduced" in done.stderr
    assert "output results/baseline/placement.csv changed since it was written" in done.stderr
    report = (root / "results" / "REPLICATION.md").read_text(encoding="utf-8")
    again = rows_of(report, "### Tables computed once more")
    assert ["results/baseline/placement.csv", "DIFFERS"] in again
    # what takes long is not computed for a report
    assert not {"results/baseline/trade.csv", "results/baseline/placebo.csv"} & {path for path, *_ in again}
    assert ["baseline/RIVER/01_tiny", "missing"] in rows_of(report, "### Outputs")
    assert "verdict: full reproduction:" not in done.stdout


def test_a_coding_that_decides_cells_otherwise_is_reproduced(tmp_path: Path):
    root = tiny_project(tmp_path / "project")
    project = Project(root, root)
    mine = "extends: baseline\ntitle: Mine\nwhy: Otherwise.\nratings: mine.csv\n"
    (root / "params" / "mine.yaml").write_text(mine, encoding="utf-8")
    rows = "unit,variable,value,rationale\ne901,compliance,violated,Made up.\n"
    (root / "params" / "mine.csv").write_text(rows, encoding="utf-8")
    baseline, other = (
        compute(project.data, load_coding(project.params, name), ["indices"])[0].texts for name in ("baseline", "mine")
    )
    assert baseline != other
    for name, text in other.items():
        write_atomically(project.results / "mine" / name, text)
    assert gather(project).recomputed == {f"results/mine/{name}": True for name in ("indices.csv", "placement.csv")}


def test_without_results_the_check_says_so_and_succeeds(tmp_path: Path):
    project = tiny_project(tmp_path / "project")
    done = called("check", cwd=project)
    assert done.returncode == 0, done.stderr
    assert f"verdict: {NOT_YET}" in done.stdout
    assert f"- [x] {NOT_YET}" in (project / "results" / "REPLICATION.md").read_text(encoding="utf-8")


def test_a_report_of_an_earlier_state_is_not_published(tmp_path: Path):
    root = tiny_project(tmp_path / "project")
    project = Project(root, root)
    first = replication_report(project)
    assert "1O93" not in first
    (root / "results" / "REPLICATION.md").write_text("# Made up before\n", encoding="utf-8")
    assert replication_report(project) == first
    path = root / "data" / "account" / "events.csv"
    sound = path.read_bytes()
    path.write_bytes(sound.replace(b",1993,", b",1O93,", 1))
    assert "1O93" in replication_report(project)
    path.write_bytes(sound)
    assert replication_report(project) == first


def test_a_claim_that_names_no_notebook_is_a_problem(tmp_path: Path):
    project = tiny_project(tmp_path / "project")
    path = project / "data" / "argument" / "tests.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(",01_tiny,", ",01_tin,", 1), encoding="utf-8")
    describe_data(project / "data")
    done = called("check", cwd=project)
    assert done.returncode == 1
    assert "column notebook: is not a notebook; found: '01_tin'; did you mean: 01_tiny" in done.stderr
    report = (project / "results" / "REPLICATION.md").read_text(encoding="utf-8")
    assert "is not a notebook" in report.split("### Data, parameters and claims")[1].split("###")[0]
