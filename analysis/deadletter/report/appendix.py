"""An executed notebook as one file of HTML for a journal's appendix: no script, nothing loaded, fit to print on A4."""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt

from deadletter import __version__
from deadletter.notebook_files import read_notebook
from deadletter.report.exhibits import ERROR, TEXT, Exhibit, exhibits_of

# scripts, frames and addresses are shut out by the policy even where an output should hold them
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
STYLE = """\
@page { size: A4; margin: 18mm 16mm 20mm; }
:root { color-scheme: light; }
body { margin: 0 auto; max-width: 46rem; padding: 1rem; color: #1b1b1b; background: #fff;
  font: 1rem/1.5 "Source Serif 4", Georgia, "Liberation Serif", "DejaVu Serif", serif; overflow-wrap: break-word; }
h1, h2, h3, table, figcaption, footer, .cell { font-family: Helvetica, Arial, "Liberation Sans", sans-serif; }
h1, h2, h3 { line-height: 1.25; break-after: avoid; }
figure { margin: 1.5rem 0 .3rem; break-inside: avoid; }
figure svg { display: block; max-width: 100%; height: auto; }
figcaption { font-size: .85rem; color: #333; }
.scroll { overflow-x: auto; margin: 1.5rem 0 .3rem; }
table { border-collapse: collapse; width: 100%; font-size: .8rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; padding-bottom: .4rem; font-size: .85rem; }
th, td { text-align: left; vertical-align: top; padding: .2rem .5rem .2rem 0; border-bottom: 1px solid #ccc; }
th { border-bottom: 2px solid #555; }
tr { break-inside: avoid; }
thead { display: table-header-group; }
.cell { font-size: .75rem; color: #595959; margin: .2rem 0 0; }
.error { border-left: 4px solid #c43c00; padding-left: .6rem; }
footer { margin-top: 2rem; border-top: 1px solid #555; font-size: .8rem; }
footer dt { font-weight: bold; } footer dd { margin: 0 0 .3rem; }
@media screen and (max-width: 40rem) { figure { overflow-x: auto; } figure svg { max-width: none; } }
@media print { body { max-width: none; padding: 0; font-size: 10pt; } .scroll { overflow: visible; }
  table { font-size: 7.5pt; } a { color: inherit; } }
"""
# raw HTML of prose stays text; links that run something are no links
MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
# the specification of a chart, which stands beside it as data and is nothing to read
_DATA = re.compile(r'<script type="application/json"[^>]*>[^<]*</script>')
_SCRIPT = re.compile(r"<(script|iframe|object|embed|link|base|meta)\b", flags=re.I)


def single_file(executed: Path) -> str:
    """One page of HTML with the prose, figures, tables and sentences of an executed notebook; code is left out.

    Figures and tables bear the numbers that the report of the replication gives them; each says which cell made it.

    Raises
    ------
    InputError: the file cannot be read as a notebook.
    """
    notebook = read_notebook(executed)
    body = "\n".join(_body(notebook, executed.stem))
    heading = re.search(r"<h1>(.*?)</h1>", body)
    name = re.sub(r"<[^>]+>", "", heading[1]) if heading else html.escape(executed.stem)
    title = f"{name} ({html.escape(_told(_parameters(notebook)) or executed.stem)})"
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
{STYLE}</style>
</head>
<body>
<main>
{body}
</main>
{_footer(notebook, executed)}
</body>
</html>
"""


def _body(notebook: dict[str, Any], name: str) -> Iterator[str]:
    counts: Counter[str] = Counter()
    for cell in notebook["cells"]:
        if cell.get("cell_type") == "markdown":
            yield MARKDOWN.render("".join(cell["source"]))
        for exhibit in exhibits_of(cell, name, counts):
            yield _exhibit(exhibit, name)


def _exhibit(exhibit: Exhibit, name: str) -> str:
    made = f'<p class="cell">Cell {html.escape(exhibit.cell)} of {html.escape(name)}</p>'
    if exhibit.kind == TEXT:
        return MARKDOWN.render(exhibit.body)
    if exhibit.kind == ERROR:
        return f'<p class="error">{html.escape(exhibit.title)}</p>{made}'
    body = _SCRIPT.sub(r"&lt;\1", _DATA.sub("", exhibit.body))
    label, anchor = f"<b>{exhibit.label}.</b> ", re.sub(r"[ .]", "-", exhibit.label.lower())
    for opening in ("<figcaption>", "<caption>"):
        body = body.replace(opening, opening + label, 1)
    if "<table" in body:
        about = html.escape(f"{exhibit.label}: {exhibit.title}")
        headed = body.replace("<th>", '<th scope="col">')
        body = f'<div class="scroll" role="region" aria-label="{about}" tabindex="0">{headed}</div>'
    return f'<div id="{anchor}">{body}{made}</div>'


def _footer(notebook: dict[str, Any], executed: Path) -> str:
    """How the page was made: what was executed, with which parameters, and by which version of the package."""
    parameters = _parameters(notebook)
    settings = json.dumps(parameters.get("settings", []))
    facts = {
        "Notebook": executed.stem,
        "Parameters": _told(parameters) or "none",
        "Settings of the coding": f"sha256 {hashlib.sha256(settings.encode()).hexdigest()}",
        "Executed notebook": f"sha256 {hashlib.sha256(executed.read_bytes()).hexdigest()}",
        "Package": f"deadletter {__version__}",
    }
    items = "\n".join(f"<dt>{html.escape(key)}</dt><dd>{html.escape(value)}</dd>" for key, value in facts.items())
    return f"<footer>\n<dl>\n{items}\n</dl>\n</footer>"


def _parameters(notebook: dict[str, Any]) -> dict[str, Any]:
    return notebook.get("metadata", {}).get("papermill", {}).get("parameters", {})


def _told(parameters: dict[str, Any]) -> str:
    return ", ".join(f"{key} {value}" for key, value in sorted(parameters.items()) if key != "settings")
