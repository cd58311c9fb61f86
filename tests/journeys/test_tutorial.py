"""Every command and every output of docs/tutorial.md, in the order of the page."""

from __future__ import annotations

import csv
import re
import shlex
from pathlib import Path

from tests.commands import ROOT, deadletter

PAGE = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", PAGE, flags=re.M | re.S)


def fill(blank: Path, target: Path, changed: dict[str, str]) -> None:
    """Fill a blank sheet as the page says: norms by its table, a year by whether a summit was held."""
    head, *rows = (line.strip("| ").split(" | ") for line in PAGE.splitlines() if line.startswith(("| unit", "| n0")))
    ratings = {(row[0], variable): value for row in rows for variable, value in zip(head[1:], row[1:], strict=True)}
    with blank.open(encoding="utf-8-sig", newline="") as file:
        sheet = list(csv.DictReader(file))
    for row in sheet:
        held = "complied" if row["label"].startswith("Summit in") else "violated"
        row["value"] = changed.get(row["unit"]) or ratings.get((row["unit"], row["variable"]), held)
        row["rationale"] = "as the page says"
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(sheet[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(sheet)


def test_the_page_from_an_empty_folder_to_a_site(tmp_path: Path):
    told, study = "", tmp_path / "saarc"
    for kind, name, text in BLOCKS:
        if kind == "file":
            (study / name).write_text(text, encoding="utf-8")
        elif kind == "output":
            assert [line for line in text.splitlines() if line not in told] == [], told
        elif kind == "sh":
            told = ""
            for line in text.splitlines():
                if "read-sheet ratings.csv" in line:
                    fill(study / "ratings.csv", study / "second.csv", {"e009": "ambiguous"})
                    fill(study / "ratings.csv", study / "ratings.csv", {})
                done = deadletter(*shlex.split(line)[1:], cwd=study if study.is_dir() else tmp_path, timeout=900)
                assert done.returncode == 0, (line, done.stdout, done.stderr)
                told += done.stdout
    home = (study / "site" / "index.html").read_text(encoding="utf-8")
    assert "Do South Asian leaders meet?" in home
    beside = (study / "results" / "compare" / "baseline_second" / "verdicts.csv").read_text(encoding="utf-8")
    assert beside.splitlines()


def test_every_block_is_one_that_the_test_runs():
    assert {kind for kind, _, _ in BLOCKS} == {"sh", "output", "file"}
    assert len(BLOCKS) == PAGE.count("```") // 2
