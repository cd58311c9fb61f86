"""`deadletter check` names the files of a folder that nothing reads, for their name or place."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
import pytest

from deadletter.dataset.new_study import new_study
from tests.commands import called
from tests.faults.tiny import tiny_project


@pytest.mark.parametrize(
    ("file", "told"),
    [
        ("params/My Reading.yaml", "params/My Reading.yaml: is not read, for its name; allowed: a name that ends in"),
        ("params/mine.yml", "params/mine.yml: is not read, for its name"),
        ("data/account/nroms.csv", "account/nroms.csv: is not read: data/datapackage.json does not describe it; "
         "allowed: account/norms.csv, if that is meant"),
        ("data/mine.csv", "mine.csv: is not read"),
        ("data/record/tourism.csv", "record/tourism.csv: is not read: data/datapackage.json does not describe it; "
         "allowed: run `deadletter data describe`"),
    ],
)  # fmt: skip
def test_a_file_that_nothing_reads_is_a_problem(tmp_path: Path, file: str, told: str):
    project = tmp_path / "project"
    new_study(project, empty=True)
    path = project / file
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(project / ("params/baseline.yaml" if "params" in file else "data/account/norms.csv"), path)
    done = called("check", cwd=project)
    assert done.returncode == 1
    assert f"problem: {told}" in done.stderr


@pytest.mark.parametrize(
    ("tags", "told"),
    [
        (["cell-1"], "is the first tag of several cells of 01_tiny; found: 'cell-1'"),
        # its page has no place of that name
        (["hide-input", "cell-1"], "is not a cell of 01_tiny; found: 'cell-1'"),
    ],
)
def test_a_claim_names_one_cell_by_its_first_tag(tmp_path: Path, tags: list[str], told: str):
    project = tiny_project(tmp_path / "project")
    path = project / "notebooks" / "01_tiny.ipynb"
    notebook = nbformat.read(path, as_version=4)
    changed = nbformat.v4.new_code_cell("1 + 1", metadata={"tags": tags})
    notebook.cells[1:] = [*(notebook.cells[1:] if len(tags) == 1 else []), changed]
    nbformat.write(notebook, path)
    done = called("check", cwd=project)
    assert (done.returncode, f"argument/tests.csv row 2 (c901) column cell: {told}" in done.stderr) == (1, True), done
