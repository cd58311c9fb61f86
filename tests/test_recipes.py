"""CONTRIBUTING.md, followed to the letter in a copy of the project: each recipe gives what it promises."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pandas as pd
import pytest

from tests.commands import ROOT, copy_project
from tests.faults.river import ROWS
from tests.faults.tiny import KERNEL

PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Block:
    """A fenced block: its kind, the file that its first line names, and the lines after that."""

    recipe: str
    kind: str
    text: str

    @property
    def file(self) -> str:
        return self.text.splitlines()[0].removeprefix("# ")

    @property
    def body(self) -> str:
        return self.text.split("\n", 1)[1]


def blocks() -> list[Block]:
    found = []
    for part in re.split(r"^### ", PAGE, flags=re.M)[1:]:
        title = part.splitlines()[0]
        found += [Block(title, kind, text) for kind, text in re.findall(r"```(\w+)\n(.*?)```", part, flags=re.S)]
    return found


def follow(block: Block, root: Path) -> None:
    path = root / block.file
    match block.kind:
        case "python" | "yaml":
            path.write_text(block.body, encoding="utf-8")
        case "rows":
            path.write_text(path.read_text(encoding="utf-8") + block.body, encoding="utf-8")
        case "diff":
            path.write_text(with_added(path.read_text(encoding="utf-8"), block.body), encoding="utf-8")
        case "replace":
            old, new = (line[1:] for line in block.body.splitlines())
            text = path.read_text(encoding="utf-8")
            assert text.count(old) == 1, old
            path.write_text(text.replace(old, new), encoding="utf-8")
        case "notebook":
            new = nbformat.v4.new_code_cell
            cells = [new('regime, coding, settings = "CSTO", "baseline", []', id="parameters")]
            cells.append(new(block.body.strip(), id="breadth"))
            for cell in cells:
                cell.metadata["tags"] = [cell.id]
            metadata = {"deadletter": {"per": "regime"}, "kernelspec": KERNEL}
            nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), path)


def with_added(text: str, diff: str) -> str:
    """A text with the lines marked + inserted after the context above them, which occurs in it once."""
    lines = diff.splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith("+"))
    context = "".join(f"{line[1:]}\n" for line in lines[:first])
    added = "".join(f"{line[1:]}\n" for line in lines if line.startswith("+"))
    assert text.count(context) == 1, f"{context!r} occurs {text.count(context)} times"
    return text.replace(context, context + added)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with every recipe followed, in the order of the page."""
    root = copy_project(tmp_path_factory.mktemp("recipes") / "project")
    shutil.copytree(ROOT / "analysis", root / "analysis", ignore=shutil.ignore_patterns("__pycache__"))
    for block in blocks():
        if block.kind != "sh":
            follow(block, root)
    return root


def python(copy: Path, *words: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(copy / "analysis"), "NO_COLOR": "1"}
    command = [sys.executable, *words]
    done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, (words, done.stdout, done.stderr)
    return done.stdout


def test_every_command_of_the_page_succeeds(copy: Path):
    commands = [line for block in blocks() if block.kind == "sh" for line in block.text.splitlines()]
    said = {line: python(copy, "-m", *line.split()) for line in commands}
    assert len(said) == 4
    boycotts = pd.read_csv(copy / "data/account/events.csv").query("type == 'boycott'")
    told = " ".join(said["deadletter why c901"].split())
    assert f"number of sections with events (type boycott): {boycotts['section'].nunique()}" in told, told
    assert "mine/CSTO/07_breadth" in said["deadletter run mine --dry-run"]


INDEX = """
from deadletter.chapter import open_chapter
from deadletter.charts.breadth_chart import breadth_chart
chapter = open_chapter("CSTO", "baseline")
rows = chapter.indices[(chapter.indices["index"] == "breadth") & (chapter.indices["component"] == "all")]
print(rows.sort_values("period").iloc[-1]["value"], rows.iloc[-1]["n"])
print(breadth_chart(chapter.indices).title)
"""


def test_the_index_is_a_row_of_the_table_and_the_chart_shows_it(copy: Path):
    value, title = python(copy, "-c", INDEX).splitlines()
    share, members = value.split()
    outlook = pd.read_csv(copy / "data/account/outlook.csv")
    assert 0 < float(share) <= 1
    assert float(share) * float(members) == pytest.approx(round(float(share) * float(members)))
    assert round(float(share) * float(members)) <= outlook["state"].nunique()
    assert title.startswith(f"{float(share):.0%} of members have an outlook in ")


def test_the_notebook_is_executed(copy: Path):
    source = nbformat.read(copy / "notebooks" / "07_breadth.ipynb", as_version=4)
    python(copy, "-c", "regime, coding, settings = 'CSTO', 'baseline', []\n" + source.cells[1].source)


def test_an_index_takes_two_files():
    files = {block.file for block in blocks() if block.recipe == "Add an index"}
    assert files == {"analysis/deadletter/indices/breadth.py", "analysis/deadletter/results.py"}


def test_the_recipe_of_a_regime_names_the_tables_that_the_journey_fills():
    part = PAGE.split("### Add a regime")[1]
    assert set(re.findall(r"`(\w+)`", part)) == {*ROWS, "ratings"}
