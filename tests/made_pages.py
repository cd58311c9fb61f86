"""What the tests of publishing share: an executed notebook made by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from deadletter.charts.bundle import figure_bundle, sentence_bundle, table_bundle


def markdown(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": source}


def code(tag: str, *outputs: dict[str, Any]) -> dict[str, Any]:
    shown = [{"output_type": "display_data", "metadata": {}, "data": data} for data in outputs]
    return {"cell_type": "code", "metadata": {"tags": [tag]}, "source": "show()", "outputs": shown}


def figure(title: str) -> dict[str, Any]:
    drawing = '<svg viewBox="0 0 9 9" width="9" height="9"></svg>'
    return figure_bundle(title, title, {"title": {"text": "<b>"}}, drawing)


def table(caption: str, *cells: str) -> dict[str, Any]:
    return table_bundle(pd.DataFrame({"name": cells}), caption, {"name": "name"})


@pytest.fixture
def by_hand(tmp_path: Path) -> Path:
    """Two figures, two tables and two sentences, one with hostile text in each kind of output."""
    hostile = table("Two & more", "<b>", "<script>alert(1)</script>")
    cells = [
        markdown("# By hand\n\n<script>alert(2)</script> and [a link](javascript:alert(3))"),
        code("opening", sentence_bundle("Of 12 claims -3.5 hold since 2014-05-29.")),
        code("charts", figure("One of 2"), figure("The second")),
        code("rows", table("First", "c001"), hostile),
        code("closing", sentence_bundle("No number here.")),
    ]
    parameters = {"coding": "baseline", "regime": "<i>R</i>", "settings": ["a=1"]}
    notebook = {"cells": cells, "metadata": {"papermill": {"parameters": parameters}}, "nbformat": 4}
    path = tmp_path / "07_by_hand.ipynb"
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path
