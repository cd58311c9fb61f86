"""What an executed notebook shows, cell by cell: numbered figures, tables and sentences; and as one file of HTML."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from deadletter import __version__
from deadletter.charts.bundle import FIGURE, MIME, SENTENCE, SVG, TABLE
from deadletter.errors import InputError
from deadletter.notebook_files import read_notebook
from deadletter.templating import prose, relinked, render

ERROR, OTHER = "error", "other"
# dates and periods are one number each
NUMBER = re.compile(r"\d{4}-\d{2}-\d{2}|\d{4}/\d{4}|(?<![\w.])[-−+]?\d(?:[\d,]*\d)?(?:\.\d+)?(?:e[-+]?\d+)?")
# what an output that is not of this package may be shown as: images first, else its words
IMAGES = ("image/png", "image/jpeg", "image/gif", "image/webp")
_PASTED = re.compile(r"(?P<before>\(<?|\]:\s*<?)attachment:(?P<name>[^)>\n]+?)(?=[>)\n]|\s+[\"'(]|$)")
_PASTED_TAG = re.compile(r"<img\b[^>]*\battachment:[^>]*>", re.IGNORECASE)


@dataclass(frozen=True)
class Exhibit:
    """One output of one cell.

    ``kind``: ``figure``, ``table``, ``sentence``, ``error``, or ``other`` for an output without the package's JSON.
    ``number`` such as ``3.2``: the notebook's own, and that of the kind in it. ``title``: the finding of a figure, the
    caption of a table, or the text itself; ``words``: all that is to be read in it. ``columns`` and ``rows`` of a
    table, ``spec`` and ``svg`` of a figure; ``body``: Markdown of a sentence, and of ``other`` the address of an image;
    ``under``: the line from which a page opens a sentence; ``folded``: whether a page opens a figure on demand.
    """

    kind: str
    number: str
    cell: str
    title: str
    words: str
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    spec: Mapping[str, Any] = field(default_factory=dict)
    svg: str = ""
    body: str = ""
    under: str = ""
    folded: bool = False

    @property
    def label(self) -> str:
        return f"{self.kind.capitalize()} {self.number}"

    @property
    def name(self) -> str:
        """The id of a figure or table on a page."""
        return f"{self.kind}-{self.number.replace('.', '-')}"

    @property
    def numbers(self) -> list[str]:
        """Numbers in the title or the text, as printed."""
        return NUMBER.findall(self.title)


def exhibits(notebook: Mapping[str, Any], name: str) -> list[Exhibit]:
    """Everything that the cells of an executed notebook show, in order.

    name: of the notebook; its number is the first part of the exhibits' numbers.
    """
    counts: Counter[str] = Counter()
    return [exhibit for cell in notebook["cells"] for _, exhibit in exhibits_of(cell, name, counts)]


def exhibits_of(cell: Mapping[str, Any], name: str, counts: Counter[str]) -> Iterator[tuple[dict[str, Any], Exhibit]]:
    """What one cell shows: each output with its exhibit; ``counts``, the last number of each kind, is counted up."""
    chapter = name.partition("_")[0].lstrip("0") or "0"
    tag = next(iter(cell.get("metadata", {}).get("tags", [])), "")
    for output in cell.get("outputs", []):
        found = _read(output)
        if found is not None:
            counts[found["kind"]] += 1
            yield output, Exhibit(number=f"{chapter}.{counts[found['kind']]}", cell=tag, **found)


def _read(output: Mapping[str, Any]) -> dict[str, Any] | None:
    """The fields of an exhibit; None for an output that shows nothing."""
    if output.get("output_type") == "error":
        message = f"{output.get('ename', '')}: {output.get('evalue', '')}"
        return {"kind": ERROR, "title": message, "words": message}
    data = output.get("data") or {}
    part = data.get(MIME)
    if part is None:
        image = next((f"data:{kind};base64,{_joined(data[kind])}" for kind in IMAGES if kind in data), "")
        words = _joined(data.get("text/plain", ""))
        return {"kind": OTHER, "title": "", "words": words, "body": image} if image or words else None
    found = {"kind": part["kind"], "title": part["title"], "words": part["alternative"]}
    if part["kind"] == FIGURE:
        return {**found, "spec": part["spec"], "svg": _joined(data[SVG]), "folded": part.get("folded", False)}
    if part["kind"] == TABLE:
        return {**found, "columns": tuple(part["columns"]), "rows": tuple(map(tuple, part["rows"]))}
    if part["kind"] == SENTENCE:
        return {**found, "body": _joined(data["text/markdown"]), "under": part.get("under", "")}
    return None


def _joined(text: str | list[str]) -> str:
    return (text if isinstance(text, str) else "".join(text)).rstrip("\n")


def heading(notebook: Mapping[str, Any]) -> str:
    """The first heading of a notebook, as Markdown without its sign; empty where it has none."""
    cells = (_joined(cell["source"]) for cell in notebook["cells"] if cell.get("cell_type") == "markdown")
    found = (re.search(r"^# +(.+)$", source, flags=re.MULTILINE) for source in cells)
    return next((one[1].strip() for one in found if one), "")


def with_images(cell: Mapping[str, Any], where: str) -> str:
    """The Markdown of a cell with the images that were pasted into it in place of their names.

    Raises InputError: it names an image that the notebook does not hold, or of a kind that pages do not show, or names
    it in HTML, which pages show as text.
    """
    pasted, source = cell.get("attachments", {}), _joined(cell["source"])
    if tag := _PASTED_TAG.search(source):
        allowed = "Markdown such as ![what it shows](attachment:name.png)"
        raise InputError("the pasted image is shown by HTML", where=where, found=tag[0], allowed=allowed)

    def image(found: re.Match[str]) -> str:
        name = unquote(found["name"])
        if name not in pasted:
            raise InputError("the pasted image is missing", where=where, found=name, allowed=list(pasted) or "paste it")
        for kind, content in pasted[name].items():
            if kind in IMAGES:
                return f"{found['before']}data:{kind};base64,{''.join(_joined(content).split())}"
        raise InputError("the pasted image has another type", where=where, found=list(pasted[name]), allowed=IMAGES)

    return _PASTED.sub(image, source)


def copies(folder: Path) -> list[Path]:
    """The executed notebooks below a folder, sorted, without those that failed and the copies that editors keep."""
    return [
        path
        for path in sorted(folder.rglob("*.ipynb"))
        if not path.stem.endswith(".failed")
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    ]


def single_file(executed: Path, stale: Sequence[str] = ()) -> str:
    """One page of HTML with the prose, figures, tables and sentences of an executed notebook; code is left out.

    Figures and tables have the numbers that the report of the replication gives them; each says which cell made it.
    ``stale`` says why it is out of date.

    Raises InputError: the file cannot be read as a notebook, or a pasted image is not in it.
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
        chapters=[(executed.stem, "", stale, list(_parts(notebook, executed.stem)))],
        facts=facts,
    )


def reading_copy(executed: Path, coding: str, asked: Mapping[str, Sequence[str]] | None = None) -> str:
    """All executed notebooks of a coding as one page of HTML, regime by regime, for readers without Jupyter.

    asked: the notebooks that a run of the coding executes, by name, with why they are out of date; others are left out.

    Raises InputError: nothing was executed, or see :func:`single_file`.
    """
    if Path(coding).name != coding or coding in ("", ".."):
        raise InputError("unknown coding", found=coding, allowed="the name of a folder in executed/")
    folder = executed / coding
    found = {path.relative_to(executed).with_suffix("").as_posix(): path for path in copies(folder)}
    shown = {job: path for job, path in found.items() if asked is None or job in asked}
    paths = sorted(shown.items(), key=lambda one: (one[1].parent == folder, one[1]))
    if not paths:
        raise InputError("no executed notebooks", where=str(folder), allowed=f"run `deadletter run {coding}` first")
    chapters = []
    for job, path in paths:
        name = path.relative_to(folder).with_suffix("").as_posix()
        parts = list(_parts(read_notebook(path), path.stem))
        chapters.append((name, f"{name.replace('/', '-')}-", (asked or {}).get(job, ()), parts))
    facts = {"Coding": coding, "Notebooks": str(len(paths)), "Package": f"deadletter {__version__}"}
    return render("report/templates/appendix.html", title=f"Reading copy: {coding}", chapters=chapters, facts=facts)


def _parts(notebook: dict[str, Any], name: str) -> Iterator[Any]:
    """Prose as HTML, and exhibits, in order."""
    counts: Counter[str] = Counter()
    for number, cell in enumerate(notebook["cells"], start=1):
        if cell.get("cell_type") == "markdown":
            yield prose(relinked(with_images(cell, f"{name} cell {number}")))
        yield from (exhibit for _, exhibit in exhibits_of(cell, name, counts))
