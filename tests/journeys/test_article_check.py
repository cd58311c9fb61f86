"""`deadletter check --article` against a copy of the article: skipped where there is none beside the checkout."""

from __future__ import annotations

import csv
import os
import re
from pathlib import Path

import pandas as pd
import pytest

from tests.journeys.conftest import ROOT, deadletter

COPY = Path(os.environ.get("DEADLETTER_ARTICLE", ROOT.parent / "shared" / "article" / "troitskiy-2020.txt"))
pytestmark = pytest.mark.skipif(not COPY.is_file(), reason="no copy of the article: set DEADLETTER_ARTICLE")


def check(project: Path):
    return deadletter("check", "--article", str(COPY), cwd=project)


def change(path: Path, pattern: str, replacement: str) -> None:
    text, count = re.subn(pattern, replacement, path.read_text(encoding="utf-8"), count=1, flags=re.M)
    assert count == 1
    path.write_text(text, encoding="utf-8")


def failed(report, *told: str) -> None:
    assert report.returncode == 1, report.stdout
    assert "Traceback" not in report.stderr
    for part in told:
        assert part in report.stderr


def test_the_coding_traces_back_to_the_article(project: Path):
    report = check(project)
    assert (report.returncode, report.stderr) == (0, "")
    lines = report.stdout.splitlines()
    assert "0 problems" in lines
    counts = dict(line.split(": ", 1) for line in lines if line.startswith("account/"))
    assert int(counts["account/events.csv"].split()[0]) > 300
    assert counts["account/figures.csv"] == "70 rows"


def test_a_changed_anchor(project: Path):
    change(project / "data/account/norms.csv", r"^(n001,[^,]*,[^,]*,)[^,]*,", r"\1no such words anywhere,")
    failed(check(project), "account/norms.csv row 2 (n001) column anchor", "anchor is not in section")


def test_an_anchor_that_is_not_unique(project: Path):
    path = project / "data/account/claims.csv"
    claims = pd.read_csv(path, dtype=str, keep_default_na=False)
    claims.loc[claims["section"] == "csto-decline", "anchor"] = "Kazakhstan and Belarus"
    claims.to_csv(path, index=False, lineterminator="\n")
    failed(check(project), "anchor occurs", "times in section csto-decline")


def test_a_copied_sentence(project: Path):
    words = " ".join(COPY.read_text(encoding="utf-8").split("Throughout the 1990s")[1].split()[:8])
    change(project / "data/account/ratings.csv", r"^(n001,coder-1,obligation,\d,).*$", rf'\1"{words}"')
    failed(check(project), "account/ratings.csv row", "column rationale", "shares 7 words in a row with the article")


def test_a_copied_sentence_among_the_tests_of_claims(project: Path):
    words = " ".join(COPY.read_text(encoding="utf-8").split("Throughout the 1990s")[1].split()[:8])
    change(project / "data/argument/tests.csv", r"What became of the plan", words.replace(",", ""))
    failed(check(project), "argument/tests.csv row 175 column why", "shares 7 words in a row with the article")


def test_stale_places_are_told_and_mended(project: Path):
    change(project / "data/argument/places.csv", r"^(c174,[^,]*,).*$", r"\g<1>0")
    failed(check(project), "argument/places.csv: is stale", "deadletter data places --article FILE")
    mended = deadletter("data", "places", "--article", str(COPY), cwd=project)
    assert (mended.returncode, mended.stdout) == (0, "wrote data/argument/places.csv\n")
    assert (project / "data/argument/places.csv").read_bytes() == (ROOT / "data/argument/places.csv").read_bytes()


def test_a_dangling_reference(project: Path):
    path = project / "data/account/claims.csv"
    with path.open(encoding="utf-8", newline="") as file:
        used = next(row["supports"].split(";")[0] for row in csv.DictReader(file) if row["supports"])
    change(path, rf"(?<!^){used}(?=[;,])", "c999")
    failed(check(project), "account/claims.csv row", "column supports", "refers to a row that is not there", "'c999'")


def test_a_figure_that_the_anchor_does_not_state(project: Path):
    change(project / "data/account/figures.csv", r",-25\.4,", ",-26.4,")
    failed(check(project), "account/figures.csv row", "column value", "the anchor does not state this value", "-26.4")


def test_a_number_left_out(project: Path):
    change(project / "data/account/figures.csv", r"^f\d+,[^\n]*7600[^\n]*\n", "")
    failed(check(project), "no row accounts for “7600”")


def test_a_footnote_that_supports_nothing(project: Path):
    for path in (project / "data/account").glob("*.csv"):
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
        if "footnotes" in table:
            table["footnotes"] = table["footnotes"].str.replace(r"\b58\b", "57", regex=True)
            table.to_csv(path, index=False, lineterminator="\n")
    failed(check(project), "footnote 58: supports no row")


def test_a_stale_codebook(project: Path):
    change(project / "data/README.md", r"^# Codebook$", "# Kodebook")
    report = deadletter("check", cwd=project)
    failed(report, "data/README.md: is stale", "deadletter data describe")
    assert deadletter("data", "describe", cwd=project).returncode == 0
    assert deadletter("check", cwd=project).returncode == 0
