"""A whole project so small that a run takes a second or two: one made-up regime, one notebook."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import nbformat

from deadletter.dataset.codebook import describe_data
from tests.commands import ROOT, called
from tests.faults.river import ROWS, VALUES

# tables that say what others may hold; all others keep their header and the rows of the made-up regime alone
FRAMES = {"sections", "states", "coders", "variables", "scale", "economies", "acts", "reference"}
CODING = """title: Tiny
why: a small project for tests that run it many times
periods: {rivers: [1990/1999, 2000/2009]}
"""
SOURCE = """\
from deadletter.chapter import open_chapter

chapter = open_chapter(regime, coding, settings)
print(chapter.title, len(chapter.indices))"""


def tiny_project(root: Path, *cells: str, name: str = "01_tiny", per: str = "regime") -> Path:
    """Write the project and a notebook of these cells (else one that opens a chapter)."""
    package = json.loads((ROOT / "data" / "datapackage.json").read_text(encoding="utf-8"))
    for resource in package["resources"]:
        table, path = resource["name"], root / "data" / resource["path"]
        lines = (ROOT / "data" / resource["path"]).read_text(encoding="utf-8").splitlines()
        if table == "ratings":
            lines = [lines[0], *RATINGS]
        elif table == "tests":
            lines = [lines[0], TEST]
        elif table not in FRAMES:
            lines = [lines[0], *ROWS.get(table, [])]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    for file in ("datapackage.json", "sources.bib", "LICENSE.md"):
        shutil.copy(ROOT / "data" / file, root / "data")
    describe_data(root / "data")
    (root / "params").mkdir()
    (root / "params" / "baseline.yaml").write_text(CODING, encoding="utf-8")
    (root / "notebooks").mkdir()
    write_notebook(root, *(cells or [SOURCE]), name=name, per=per)
    return root


# why the claim has no test, and the cell of the notebook that says so
TEST = "c901,account,,,,own sentence,,01_tiny,cell-1"
RATINGS = [
    f"{unit},coder-1,{variable},{value},made up"
    for unit in (line.split(",")[0] for lines in ROWS.values() for line in lines)
    for variable, value in VALUES.get(unit[0], {}).items()
]


def write_notebook(root: Path, *cells: str, name: str, per: str = "regime") -> Path:
    """A notebook with a cell of parameters and these cells of code."""
    new = nbformat.v4.new_code_cell
    sources = ['regime, coding, settings = "RIVER", "baseline", []', *cells]
    made = [new(source, id=f"cell-{number}") for number, source in enumerate(sources)]
    for cell in made:
        cell.metadata["tags"] = [cell.id if cell is not made[0] else "parameters"]
    notebook = nbformat.v4.new_notebook(cells=made, metadata={"deadletter": {"per": per}, "kernelspec": KERNEL})
    path = root / "notebooks" / f"{name}.ipynb"
    nbformat.write(notebook, path)
    return path


KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}


def errors(told: str) -> str:
    """Standard error without the lines that say what is being done."""
    return "".join(line for line in told.splitlines(keepends=True) if not line.endswith(" …\n"))


def refused(*arguments: str, cwd: Path) -> tuple[int, str]:
    """Exit code and errors of a command that ends before a kernel starts, in this process."""
    done = called(*arguments, cwd=cwd)
    return done.returncode, errors(done.stderr)


def command(*arguments: str, cwd: Path, **options) -> subprocess.Popen[str]:
    """The command line, started in a session of its own so that all that it started can be ended with it."""
    environment = {**os.environ, "NO_COLOR": "1", "COLUMNS": "200"}
    words = [sys.executable, "-m", "deadletter", *arguments]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "start_new_session": True}
    # tests started in the background ignore interrupts, and their children would too
    options.setdefault("preexec_fn", lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    return subprocess.Popen(words, cwd=cwd, env=environment, **pipes, **options)
