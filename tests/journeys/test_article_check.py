"""`deadletter check --article` against a copy of the article: skipped where there is none beside the checkout."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pandas as pd
import pytest

from tests.commands import ROOT, Ended, called

COPY = Path(os.environ.get("DEADLETTER_ARTICLE", ROOT.parent / "shared" / "article" / "troitskiy-2020.txt"))
pytestmark = pytest.mark.skipif(not COPY.is_file(), reason="no copy of the article: set DEADLETTER_ARTICLE")


def check(project: Path) -> Ended:
    return called("check", "--article", str(COPY), cwd=project)


def change(path: Path, pattern: str, replacement: str) -> None:
    text, count = re.subn(pattern, replacement, path.read_text(encoding="utf-8"), count=1, flags=re.M)
    assert count == 1
    path.write_text(text, encoding="utf-8")


def test_the_coding_traces_back_to_the_article(project: Path):
    report = check(project)
    assert report.returncode == 0, report.stderr
    assert report.stderr == ""
    lines = report.stdout.splitlines()
    assert "0 problems" in lines
    counts = dict(line.split(": ", 1) for line in lines if line.startswith("account/"))
    assert int(counts["account/events.csv"].split()[0]) > 300
    assert counts["account/figures.csv"] == "67 rows"


# what is wrong with the damaged copy below, all of it found by one check
TOLD = [
    ("account/norms.csv row 2 (n001) column anchor", "anchor is not in section"),
    ("account/claims.csv row", "anchor occurs", "times in section csto-decline"),
    ("account/ratings.csv row", "column rationale", "shares 7 words in a row with this copy"),
    ("argument/tests.csv row", "column why", "shares 7 words in a row with this copy"),
    ("account/figures.csv row", "column value", "the anchor does not state this value", "-26.4"),
    ("no row accounts for “7600”",),
    ("footnote 58: supports no row",),
]


def test_every_departure_from_the_article_is_told(project: Path):
    account = project / "data/account"
    words = " ".join(COPY.read_text(encoding="utf-8").split("Throughout the 1990s")[1].split()[:8])
    for path in account.glob("*.csv"):
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
        if path.stem == "claims":
            table.loc[table["section"] == "csto-decline", "anchor"] = "Kazakhstan and Belarus"
        if "footnotes" in table:
            table["footnotes"] = table["footnotes"].str.replace(r"\b58\b", "57", regex=True)
            table.to_csv(path, index=False, lineterminator="\n")
    change(account / "norms.csv", r"^(n001,[^,]*,[^,]*,)[^,]*,", r"\1no such words anywhere,")
    change(account / "ratings.csv", r"^(n001,coder-1,obligation,\d,).*$", rf'\1"{words}"')
    change(project / "data/argument/tests.csv", r"Outcome of Kyrgyz wishes", words.replace(",", ""))
    change(account / "figures.csv", r",-25\.4,", ",-26.4,")
    change(account / "figures.csv", r"^f\d+,[^\n]*7600[^\n]*\n", "")
    report = check(project)
    assert (report.returncode, "Traceback" in report.stderr) == (1, False)
    lines = report.stderr.splitlines()
    assert [parts for parts in TOLD if not any(all(part in line for part in parts) for line in lines)] == []


def test_stale_places_are_told_and_mended(project: Path):
    change(project / "data/argument/places.csv", r"^(c174,[^,]*,).*$", r"\g<1>0")
    report = check(project)
    assert report.returncode == 1
    assert "argument/places.csv: is stale" in report.stderr
    assert "deadletter data places --article FILE" in report.stderr
    mended = called("data", "places", "--article", str(COPY), cwd=project)
    assert (mended.returncode, mended.stdout) == (0, "wrote data/argument/places.csv\n")
    assert (project / "data/argument/places.csv").read_bytes() == (ROOT / "data/argument/places.csv").read_bytes()
