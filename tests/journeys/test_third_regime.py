"""A third regime, by rows and parameters alone, goes through all four notebooks."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import nbformat
import pytest

from tests.commands import called, deadletter
from tests.faults.river import ROWS, VALUES


def append(path: Path, lines: list[str]) -> None:
    path.write_text(path.read_text(encoding="utf-8") + "".join(f"{line}\n" for line in lines), encoding="utf-8")


@pytest.fixture(scope="module")
def with_river(baseline_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with the rows of a third regime; what they do not bear on stands as it was computed."""
    project = shutil.copytree(baseline_run, tmp_path_factory.mktemp("river") / "project")
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
    assert "No voting rule is coded for this lineage." in executed[1].read_text(encoding="utf-8")
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


def test_a_coding_without_its_periods_leaves_only_this_regime_out(with_river: Path):
    done = called("run", "baseline", "--regime", "RIVER", cwd=with_river)
    assert done.returncode == 2
    assert "the coding names no periods for this lineage; found: 'rivers'" in done.stderr
    told = called("run", "baseline", "--dry-run", cwd=with_river).stdout
    assert "baseline/RIVER: left out: the coding names no periods for its lineage" in told
    assert "baseline/CSTO/01_emergence: data account/" in told
    assert "RIVER/01_emergence" not in told
