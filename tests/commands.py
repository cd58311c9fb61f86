"""The command line as tests drive it: in a process of its own, or in this one where that tests the same."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from filelock import FileLock

from deadletter.__main__ import main

ROOT = Path(__file__).resolve().parents[1]
# the draws of placebo tests and of votes take most of the time of a run, and a journey asks for no precision
FEW_DRAWS = "argument: {placebo_draws: 19}\ntrade: {placebo_draws: 19}\nintervals: {vote_draws: 19}\n"


@dataclass(frozen=True)
class Ended:
    """How a command ended, named as :class:`subprocess.CompletedProcess` names it."""

    returncode: int
    stdout: str
    stderr: str


def deadletter(*arguments: str, cwd: Path, timeout: int = 300, **variables: str) -> Ended:
    """Run the command line in a folder, with more environment variables; the package is the one under test."""
    environment = {**os.environ, "NO_COLOR": "1", "COLUMNS": "200", **variables}
    command = [sys.executable, "-m", "deadletter", *arguments]
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=timeout)
    return Ended(done.returncode, done.stdout, done.stderr)


def called(*arguments: str, cwd: Path) -> Ended:
    """The same without the cost of another Python: for what is refused or answered before a kernel starts."""
    stdout, stderr = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stderr):
        patch.chdir(cwd)
        patch.setenv("NO_COLOR", "1")
        patch.setenv("COLUMNS", "200")
        patch.setattr(sys, "argv", ["deadletter", *arguments])
        try:
            main()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 0
        else:
            code = 0
    return Ended(code, stdout.getvalue(), stderr.getvalue())


def copy_project(target: Path) -> Path:
    """A copy of data, parameters and notebooks, with few draws, on which a test may do what it likes."""
    for folder in ("data", "params", "notebooks"):
        shutil.copytree(ROOT / folder, target / folder, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    for file in ("study.yaml", "CITATION.cff"):
        shutil.copy(ROOT / file, target)
    with (target / "params" / "baseline.yaml").open("a", encoding="utf-8") as file:
        file.write(FEW_DRAWS)
    return target


def shared_folder(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder that all test processes read: the first that asks for it makes it, the others wait."""
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    done = folder.with_name(f"{name}.done")
    with FileLock(folder.with_name(f"{name}.lock")):
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            make(folder)
            done.touch()
    return folder
