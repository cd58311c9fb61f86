"""Changes that leave no trace in what is usually looked at: each makes what was computed from it due."""

from __future__ import annotations

import json
import os
import py_compile
import zipfile
from pathlib import Path

import pytest

from deadletter.pipeline.noop import answer
from deadletter.project import Project
from deadletter.report.crate import METADATA, write_crate
from tests.commands import called, deadletter
from tests.faults.test_disturbed_runs import SLOW, printed, waits
from tests.faults.tiny import command, tiny_project

READS = """\
import os, sys
from pathlib import Path

sys.path.insert(0, os.getcwd())
import helper

data = Path("../data")
print(helper.VALUE, (data / ".hidden/a.txt").read_text(), (data / "linked/b.txt").read_text())
print(len(list((data / "texts").glob("*.txt"))))"""
EXECUTED = Path("executed", "baseline", "RIVER", "01_tiny.ipynb")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study that reads hidden files, folders elsewhere, all files of a folder, and a module with bytecode."""
    root = tiny_project(tmp_path_factory.mktemp("unseen") / "project", READS)
    elsewhere = root.parent / "elsewhere"
    (root / "data" / "account").rename(root.parent / "account")
    (root / "data" / "account").symlink_to("../../account")
    for name in (elsewhere / "b.txt", root / "data/.hidden/a.txt", root / "data/texts/1.txt"):
        name.parent.mkdir()
        name.write_text("old", encoding="utf-8")
    (root / "data" / "linked").symlink_to(elsewhere)
    (elsewhere / "round").symlink_to(root / "data")
    helper = root / "notebooks" / "helper.py"
    helper.write_text("VALUE = 1\n", encoding="utf-8")
    py_compile.compile(str(helper), doraise=True)
    written = helper.stat().st_mtime
    helper.write_text("VALUE = 2\n", encoding="utf-8")
    os.utime(helper, (written, written))  # as Git and rsync may leave it: the bytecode passes for that of the source
    assert "1 notebook executed" in deadletter("run", "--jobs", "1", cwd=root).stdout
    return root


def test_a_module_beside_the_notebook_is_its_source_and_not_its_bytecode(project: Path):
    assert printed(project / EXECUTED) == "2 old old\n1\n"


CHANGES = {
    "data/.hidden/a.txt": "baseline/RIVER/01_tiny: file data/.hidden/a.txt changed",
    "data/linked/b.txt": "baseline/RIVER/01_tiny: file data/linked/b.txt changed",
    "data/texts/2.txt": "baseline/RIVER/01_tiny: file data/texts changed",
    "data/account/ratings.csv": "tables baseline/indices: data account/ratings.csv changed",
    "notebooks/helper.py": "baseline/RIVER/01_tiny: file notebooks/helper.py changed",
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_behind_a_link_in_a_hidden_folder_or_under_bytecode_is_seen(
    project: Path, monkeypatch: pytest.MonkeyPatch, name: str
):
    monkeypatch.chdir(project)
    path = project / name
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    assert answer(("run", "--jobs", "1"))
    path.write_text(before.replace("made up", "made up anew", 1) if path.suffix == ".csv" else f"{before}\n")
    try:
        assert answer(("run", "--jobs", "1")) is None
        assert CHANGES[name] in called("run", "--dry-run", cwd=project).stdout
    finally:
        if before:
            path.write_text(before, encoding="utf-8")
        else:
            path.unlink()


def test_a_file_that_is_no_table_and_changes_during_a_run_is_named(tmp_path: Path):
    project = tiny_project(tmp_path / "project", "print(open('../data/note.txt').read())", SLOW)
    (project / "data" / "note.txt").write_text("old", encoding="utf-8")
    running = command("run", "--jobs", "1", cwd=project)
    for _ in waits(project / "notebooks" / "started"):
        assert running.poll() is None, running.communicate()
    (project / "data" / "note.txt").write_text("new", encoding="utf-8")
    (project / "notebooks" / "go on").touch()
    with running:
        _, told = running.communicate(timeout=600)
    assert running.returncode == 1
    assert "baseline/RIVER/01_tiny: data/note.txt changed while it ran: run again" in told


def test_a_crate_holds_all_that_a_rerun_reads(project: Path, tmp_path: Path):
    """Folders elsewhere, modules beside the notebooks, decisions in a file of their own, and what each file is."""
    (project / "params" / "mine.csv").write_text("unit,variable,value,rationale\n", encoding="utf-8")
    (project / "data" / "texts" / "map.png").write_bytes(b"")
    (project / "data" / "texts" / "model.rds").write_bytes(b"")
    try:
        crate = write_crate(Project(project, project), ["baseline"], tmp_path / "crate.zip")
    finally:
        for name in ("params/mine.csv", "data/texts/map.png", "data/texts/model.rds"):
            (project / name).unlink()
    with zipfile.ZipFile(crate) as archive:
        described = {one["@id"]: one for one in json.loads(archive.read(METADATA))["@graph"]}
        held = set(archive.namelist())
    for name, kind in HELD.items():
        assert (name in held, described[name]["encodingFormat"]) == (True, kind), name


HELD = {
    "data/account/ratings.csv": "text/csv",
    "data/linked/b.txt": "text/plain",
    "data/texts/map.png": "image/png",
    "data/texts/model.rds": "application/octet-stream",
    "notebooks/helper.py": "text/x-python",
    "params/mine.csv": "text/csv",
}
