"""What the tests of publishing share: the one full run of the baseline, and an executed notebook made by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.conftest import baseline_run

__all__ = ["baseline_run"]


def markdown(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": source}


def code(tag: str, *outputs: dict[str, str]) -> dict[str, Any]:
    shown = [{"output_type": "display_data", "metadata": {}, "data": data} for data in outputs]
    return {"cell_type": "code", "metadata": {"tags": [tag]}, "source": "show()", "outputs": shown}


def figure(title: str) -> dict[str, str]:
    body = f'<figure class="chart" role="group" aria-label="{title}"><svg viewBox="0 0 9 9" width="9" height="9"></svg>'
    data = '<script type="application/json" class="vega-lite">{"title":"\\u003cb>"}</script>'
    return {"text/html": f"{body}<figcaption>{title}</figcaption>{data}</figure>", "text/plain": f"{title}\n{title}"}


def table(caption: str, *cells: str) -> dict[str, str]:
    row = "".join(f"<td>{cell}</td>" for cell in cells)
    head = "<thead><tr><th>name</th></tr></thead>"
    return {"text/html": f"<table><caption>{caption}</caption>{head}<tbody><tr>{row}</tr></tbody></table>"}


@pytest.fixture
def by_hand(tmp_path: Path) -> Path:
    """Two figures, two tables and two sentences, one with hostile text in each kind of output."""
    hostile = table("Two &amp; more", "&lt;b&gt;", "<script>alert(1)</script>")
    cells = [
        markdown("# By hand\n\n<script>alert(2)</script> and [a link](javascript:alert(3))"),
        code("opening", {"text/markdown": "Of 12 claims -3.5 hold since 2014-05-29."}),
        code("charts", figure("One of 2"), figure("The second")),
        code("rows", table("First", "c001"), hostile),
        code("closing", {"text/markdown": "No number here."}),
    ]
    parameters = {"coding": "baseline", "regime": "<i>R</i>", "settings": ["a=1"]}
    notebook = {"cells": cells, "metadata": {"papermill": {"parameters": parameters}}, "nbformat": 4}
    path = tmp_path / "07_by_hand.ipynb"
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path
