"""An executed notebook as one file of HTML for a journal's appendix: no script, nothing loaded, fit to print on A4."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from deadletter import __version__
from deadletter.errors import InputError
from deadletter.notebook_files import read_notebook
from deadletter.report.exhibits import exhibits_of, heading, with_images
from deadletter.templating import prose, render


def single_file(executed: Path) -> str:
    """One page of HTML with the prose, figures, tables and sentences of an executed notebook; code is left out.

    Figures and tables have the numbers that the report of the replication gives them; each says which cell made it.

    Raises
    ------
    InputError: the file cannot be read as a notebook, or a pasted image is not in it.
    """
    notebook = read_notebook(executed)
    parameters = notebook["metadata"].get("papermill", {}).get("parameters", {})
    wording = ", ".join(f"{key} {value}" for key, value in sorted(parameters.items()) if key != "settings")
    settings = json.dumps(parameters.get("settings", []))
    facts = {
        "Notebook": executed.stem,
        "Parameters": wording or "none",
        "Settings of the coding": f"sha256 {hashlib.sha256(settings.encode()).hexdigest()}",
        "Executed notebook": f"sha256 {hashlib.sha256(executed.read_bytes()).hexdigest()}",
        "Package": f"deadletter {__version__}",
    }
    return render(
        "report/templates/appendix.html",
        title=f"{heading(notebook) or executed.stem} ({wording or executed.stem})",
        chapters=[(executed.stem, "", list(_parts(notebook, executed.stem)))],
        facts=facts,
    )


def reading_copy(executed: Path, coding: str) -> str:
    """All executed notebooks of a coding as one page of HTML, regime by regime, for readers without Jupyter.

    Raises
    ------
    InputError: nothing was executed, or see :func:`single_file`.
    """
    folder = executed / coding
    paths = sorted(folder.rglob("*.ipynb"), key=lambda path: (path.parent == folder, path))
    if not paths:
        raise InputError("no executed notebooks", where=str(folder), allowed=f"run `deadletter run {coding}` first")
    chapters = []
    for path in paths:
        name = path.relative_to(folder).with_suffix("").as_posix()
        chapters.append((name, f"{name.replace('/', '-')}-", list(_parts(read_notebook(path), path.stem))))
    facts = {"Coding": coding, "Notebooks": str(len(paths)), "Package": f"deadletter {__version__}"}
    return render("report/templates/appendix.html", title=f"Reading copy: {coding}", chapters=chapters, facts=facts)


def _parts(notebook: dict[str, Any], name: str) -> Iterator[Any]:
    """Prose as HTML, and exhibits, in order."""
    counts: Counter[str] = Counter()
    for number, cell in enumerate(notebook["cells"], start=1):
        if cell.get("cell_type") == "markdown":
            yield prose(with_images(cell, f"{name} cell {number}"))
        yield from (exhibit for _, exhibit in exhibits_of(cell, name, counts))
