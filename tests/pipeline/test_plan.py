"""Which notebooks run, and what each runs once for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deadletter.errors import InputError
from deadletter.pipeline.plan import jobs_of
from deadletter.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "notebooks").mkdir()
    return Project(tmp_path, tmp_path)


def write(project: Project, name: str, metadata: object) -> None:
    parameters = {"cell_type": "code", "source": "", "metadata": {"tags": ["parameters"]}}
    if isinstance(metadata, dict):
        metadata = {"kernelspec": {"language": "python"}, **metadata}
    told = {"nbformat": 4, "cells": [parameters], "metadata": metadata}
    (project.notebooks / f"{name}.ipynb").write_text(json.dumps(told))


def test_a_notebook_runs_once_for_what_its_metadata_says(project: Project):
    write(project, "01_first", {})
    write(project, "05_argument", {"deadletter": {"per": "coding"}})
    write(project, "06_robustness", {"deadletter": {"per": "multiverse"}})
    jobs = list(jobs_of(project, "baseline+12345678", ["a=1"], ["X", "Y"]))
    assert [job.name for job in jobs] == [
        "baseline+12345678/X/01_first",
        "baseline+12345678/Y/01_first",
        "baseline+12345678/05_argument",
    ]
    assert jobs[0].parameters == {"regime": "X", "coding": "baseline", "settings": ["a=1"]}
    assert jobs[2].parameters == {"coding": "baseline", "settings": ["a=1"]}
    assert jobs[2].target(project) == project.executed / "baseline+12345678" / "05_argument.ipynb"


def test_an_unknown_kind_of_notebook_is_refused_by_name(project: Project):
    write(project, "01_first", {"deadletter": {"per": "regmie"}})
    with pytest.raises(InputError, match=r"01_first\.ipynb metadata deadletter\.per.*regmie"):
        list(jobs_of(project, "baseline", [], ["X"]))
