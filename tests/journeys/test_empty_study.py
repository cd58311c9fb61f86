"""A study without rows, from headers or from a text alone: every command ends in words, and a site comes out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.commands import deadletter

TEXT = "Article I. Aims\nThe parties meet every year.\nArticle II. Bodies\nThere is a council of ministers.\n"


@pytest.fixture(scope="module", params=["--empty", "--from"])
def study(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("new")
    (folder / "text.txt").write_text(TEXT, encoding="utf-8")
    words = [request.param] if request.param == "--empty" else [request.param, "text.txt"]
    assert deadletter("new", "mine", *words, cwd=folder).returncode == 0
    done = deadletter("run", cwd=folder / "mine", timeout=900)
    assert (done.returncode, "5 notebooks executed" in done.stdout) == (0, True), done.stdout + done.stderr
    return folder / "mine"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["run"], "0 notebooks executed"),
        (["check"], "the argument, its verdicts and forecasts: account/claims.csv has no row"),
        (["read", "baseline"], "to read:"),
        (["publish"], "site/index.html"),
        (["data", "sheet", "--out", "sheet.csv"], "0 rows"),
        (["data", "describe"], ""),
    ],
)
def test_commands_in_their_order(study: Path, words: list[str], told: str):
    done = deadletter(*words, cwd=study, timeout=900)
    assert (done.returncode, told in done.stdout) == (0, True), done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert "Warning" not in done.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["why", "c001"], "no such claim"),
        (["multiverse"], "params/multiverse.yaml"),
        (["compare", "baseline", "b"], "b"),
    ],
)
def test_what_there_is_not_is_one_line(study: Path, words: list[str], told: str):
    done = deadletter(*words, cwd=study)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("error: ")
    assert told in done.stderr


def test_no_chart_without_a_row_is_shown(study: Path):
    shown = [
        output["data"]["application/vnd.deadletter.exhibit+json"]
        for path in (study / "executed").rglob("*.ipynb")
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
        for output in cell.get("outputs", [])
        if "application/vnd.deadletter.exhibit+json" in output.get("data", {})
    ]
    charts = [one["spec"]["datasets"] for one in shown if "datasets" in one.get("spec", {})]
    assert charts
    assert all(any(rows.values()) for rows in charts)
