"""A third regime, by rows and parameters alone, goes through all four notebooks."""

from __future__ import annotations

import csv
from pathlib import Path

import nbformat
import pytest

from tests.journeys.conftest import deadletter

ROWS = {
    "regimes": ["RIVER,River Commission,general,yes,yes,rivers"],
    "lineage": ["l90,RIVER,RIVER,1990,,1,origin,intro,some made up words,"],
    "memberships": [
        "m901,RIVER,intro,some made up words,,Moldova belongs,MDA,1990,,founding,none",
        "m902,RIVER,intro,some made up words,,Ukraine belongs for a time,UKR,1990,2005,founding,withdrawal",
    ],
    "instruments": ["i901,RIVER,River Treaty,treaty,yes,1991,1991,,MDA;UKR,,,,yes,,made up,,text,yes,made up"],
    "norms": [
        f"n9{i:02d},RIVER,intro,some made up words,,Norm {i} on the river,{kind},all,substance,1991,,{carrier},adopted"
        for i, kind in enumerate(["principle", "norm", "norm", "rule", "rule", "procedure"], start=1)
        for carrier in ["i901" if kind != "procedure" else ""]
    ],
    "events": [
        f"e9{i:02d},RIVER,intro,some made up words,,Event {i} on the river,{1990 + 3 * i},,MDA;UKR,decision,n902,,"
        for i in range(1, 8)
    ],
    "plans": ["p901,RIVER,intro,some made up words,,A lock is planned,1993,e903,1999,yes"],
    "expectations": ["x901,RIVER,intro,some made up words,,Water all year,MDA,1990,"],
    "outlook": [
        f"o9{i:02d},RIVER,intro,some made up words,,Outlook {i},{state},all,{first},{first + 9},e901,stated"
        for i, (state, first) in enumerate([("MDA", 1990), ("UKR", 1990), ("MDA", 2000), ("UKR", 2000)], start=1)
    ],
    "functions": ["u901,RIVER,intro,some made up words,,Keeps the river open,all,1990,,e901"],
    "roles": ["r901,RIVER,intro,some made up words,,Moldova goes between,MDA,regime,1990,"],
    "claims": ["c901,RIVER,intro,some made up words,,The river will be shared,forecast,,e901"],
}
VALUES = {
    "n": {"obligation": "2", "precision": "2", "delegation": "1", "implementation": "partly"},
    "e": {"compliance": "complied"},
    "x": {"expectation_kind": "strategic", "met": "1", "norm_related": "yes"},
    "o": {"outlook": "2"},
    "u": {"function_kind": "communicative", "strength": "2"},
    "r": {"role": "bridge", "act": "words"},
}


def append(path: Path, lines: list[str]) -> None:
    path.write_text(path.read_text(encoding="utf-8") + "".join(f"{line}\n" for line in lines), encoding="utf-8")


@pytest.fixture
def with_river(project: Path) -> Path:
    for table, lines in ROWS.items():
        folder = "instruments" if table == "instruments" else "account"
        append(project / "data" / folder / f"{table}.csv", lines)
    units = [line.split(",")[0] for lines in ROWS.values() for line in lines]
    ratings = [
        f"{unit},coder-1,{variable},{value},made up"
        for unit in units
        for variable, value in VALUES.get(unit[0], {}).items()
    ]
    append(project / "data" / "account" / "ratings.csv", ratings)
    (project / "params" / "with_river.yaml").write_text(
        "extends: baseline\ntitle: With a third regime\nwhy: a test\nperiods: {rivers: [1990/1999, 2000/2009]}\n"
    )
    return project


def test_third_regime_by_rows_and_parameters_alone(with_river: Path):
    done = deadletter("run", "with_river", "--regime", "RIVER", "--jobs", "2", cwd=with_river, timeout=600)
    assert done.returncode == 0, done.stderr
    executed = sorted((with_river / "executed" / "with_river" / "RIVER").glob("*.ipynb"))
    assert len(executed) == 4
    for path in executed:
        outputs = [o for cell in nbformat.read(path, as_version=4).cells for o in cell.get("outputs", [])]
        assert outputs
        assert all(output.output_type == "display_data" for output in outputs)
    with (with_river / "results" / "with_river" / "indices.csv").open(encoding="utf-8", newline="") as file:
        rows = [r for r in csv.DictReader(file) if r["regime"] == "RIVER" and r["period"] == "2000/2009"]
    by_index = {(r["index"], r["krasner"]): r for r in rows}
    # six norms, each rated 2, 2 and 1 of 3: the mean over dimensions is 5/9 for every kind of norm
    assert float(by_index["legalisation", "all"]["value"]) == pytest.approx(5 / 9)
    # a treaty in force carries three of the four kinds at the highest level, and no instrument carries the procedure
    assert float(by_index["codification", "all"]["value"]) == pytest.approx(3 / 4)
    assert by_index["formalisation", "all"]["value"] == by_index["codification", "all"]["value"]
    assert by_index["output", "all"]["value"] == "0.5"
    # three events fall into the period, fewer than five: an interval, no value
    assert (by_index["compliance", "all"]["n"], by_index["compliance", "all"]["note"]) == ("3", "insufficient")


def test_a_regime_without_votes_says_so(with_river: Path):
    for notebook in ("01_emergence", "03_expectations", "04_prospects"):
        (with_river / "notebooks" / f"{notebook}.ipynb").unlink()
    done = deadletter("run", "with_river", "--regime", "RIVER", cwd=with_river)
    assert done.returncode == 0, done.stderr
    text = (with_river / "executed" / "with_river" / "RIVER" / "02_normative_framework.ipynb").read_text()
    assert "No voting rule is coded for this line." in text


def test_a_coding_without_its_periods_leaves_only_this_regime_out(with_river: Path):
    done = deadletter("run", "baseline", "--regime", "RIVER", cwd=with_river)
    assert done.returncode == 2
    assert "the coding names no periods for this lineage; found: 'rivers'" in done.stderr
    told = deadletter("run", "baseline", "--dry-run", cwd=with_river).stdout
    assert "baseline/RIVER: left out: the coding names no periods for its lineage" in told
    assert "baseline/CSTO/01_emergence: first run" in told
    assert "RIVER/01_emergence" not in told
