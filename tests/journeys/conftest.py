"""The program as a user drives it: a copy of the project, and the command line in a process of its own."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def deadletter(*arguments: str, cwd: Path, timeout: int = 300) -> subprocess.CompletedProcess[str]:
    """Run the command line in a folder; the package is the one under test."""
    environment = {**os.environ, "NO_COLOR": "1", "COLUMNS": "200"}
    command = [sys.executable, "-m", "deadletter", *arguments]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=timeout)


def copy_project(target: Path) -> Path:
    """A copy of data, parameters and notebooks, on which a test may do what it likes."""
    for folder in ("data", "params", "notebooks"):
        shutil.copytree(ROOT / folder, target / folder, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    for file in ("study.yaml", "CITATION.cff"):
        shutil.copy(ROOT / file, target)
    return target


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return copy_project(tmp_path / "project")


@pytest.fixture(scope="session")
def baseline_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Output of one full run of the baseline for every focal regime, shared by the tests that only look at it.

    Processes that test in parallel share one run: the first that needs it makes it, the others wait.
    """
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    project = shared / "baseline" / "project"
    with (shared / "baseline.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (project.parent / "done").is_file():
            shutil.rmtree(project, ignore_errors=True)
            done = deadletter("run", "--jobs", "2", cwd=copy_project(project), timeout=600)
            assert done.returncode == 0, done.stderr
            (project.parent / "done").touch()
    return project
