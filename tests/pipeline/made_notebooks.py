"""Small notebooks and the folders that executing one wants."""

from __future__ import annotations

from pathlib import Path

import nbformat

from deadletter.pipeline.execution import Outcome, Task, execute
from deadletter.pipeline.kernels import start_server


def notebook(*cells: str) -> str:
    """The text of a notebook: a cell of parameters, then these."""
    made = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})
    for number, source in enumerate(("word = 'before'", *cells)):
        cell = nbformat.v4.new_code_cell(source, id=f"cell-{number}")
        cell.metadata["tags"] = ["parameters" if number == 0 else f"cell_{number}"]
        made.cells.append(cell)
    return nbformat.writes(made)


def executed(folder: Path, *cells: str, fork: bool, timeout: float = 60, word: str = "after") -> Outcome:
    """Execute such a notebook in a project without anything."""
    for name in ("data", "params", "notebooks", "tables"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    if fork:  # from a server that has loaded nothing for another test
        start_server()
    return execute(Task("made", notebook(*cells), {"word": word}, timeout, fork), folder, folder / "tables")


def outputs(outcome: Outcome) -> list:
    """All outputs of the executed notebook's cells, in order."""
    code = [cell for cell in nbformat.reads(outcome.text, as_version=4).cells if cell.cell_type == "code"]
    return [output for cell in code for output in cell.outputs]
