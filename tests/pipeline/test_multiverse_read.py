"""A notebook that reads the multiverse, or finds none, depends on it: on this machine and on a cluster alike."""

from __future__ import annotations

from pathlib import Path

from deadletter.chapter.opened import MULTIVERSE, multiverse_shares
from deadletter.pipeline.execution import _named
from deadletter.pipeline.records import Present, read_record, write_record
from deadletter.project import Project
from tests.faults.tiny import tiny_project

TABLE = "regime,component,basis,label,universes,share\n"


def test_shares_of_universes_are_an_input_of_the_notebook(tmp_path: Path) -> None:
    root = tiny_project(tmp_path)
    tables, shares = root / "results" / "baseline", root / "results" / MULTIVERSE
    tables.mkdir(parents=True)
    (tables / "indices.csv").write_text("a\n", encoding="utf-8")
    assert multiverse_shares(tables) is None
    opened = frozenset({("file", str(shares), ""), ("file", str(tables / "indices.csv"), "")})
    reads = _named(opened, root, tables)
    assert {name for _, name, _ in reads} == {"tables/../multiverse/shares.csv", "tables/indices.csv"}
    present = Present(Project(root, root))
    record = present.record({}, reads, tables, [])
    assert record.tables["../multiverse/shares.csv"] == ""  # none yet: its coming will be a change
    write_record(tmp_path / "record.json", record)
    assert read_record(tmp_path / "record.json") == record
    shares.parent.mkdir()
    shares.write_text(TABLE, encoding="utf-8")
    again = Present(Project(root, root)).record({}, reads, tables, [])
    assert again.tables["../multiverse/shares.csv"]
    found = multiverse_shares(tables)
    assert found is not None
    assert list(found.columns) == TABLE.strip().split(",")
