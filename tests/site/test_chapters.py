"""Pages of notebooks that somebody else wrote: their heading, outputs that need a script; a damaged cache."""

from __future__ import annotations

from pathlib import Path

import altair as alt
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

from deadletter.charts.figure import Figure
from deadletter.site.chapters import heading_first, needs_script, without_script
from deadletter.site.figures import drawing, exhibit_of
from deadletter.site.kept import kept
from tests.made_pages import figure, table


def sources(*cells: str) -> list[str]:
    made = [new_markdown_cell(one) if one.startswith(("#", "_")) else new_code_cell(one) for one in cells]
    return [cell.source for cell in heading_first(made, "07 own")]


def test_the_heading_comes_first_wherever_it_stands():
    assert sources("# Own", "x = 1") == ["# Own", "x = 1"]
    assert sources("x = 1", "_Before_", "# Own", "y = 2") == ["# Own", "x = 1", "_Before_", "y = 2"]
    assert sources("x = 1", "## Only a part") == ["# 07 own", "x = 1", "## Only a part"]


@pytest.mark.parametrize(
    ("data", "left"),
    [
        (alt.Chart(pd.DataFrame({"a": [1]})).mark_bar().encode(x="a")._repr_mimebundle_(), ["text/plain"]),
        ({"text/html": ["<b>a</b>", "<SCRIPT>1</SCRIPT>"], "image/png": "iVBO"}, ["image/png"]),
        ({"application/javascript": "1", "text/plain": "x"}, ["text/plain"]),
        ({"text/html": "<script>1</script>"}, ["text/plain"]),
    ],
)
def test_an_output_that_needs_a_script_becomes_its_image_or_words(data: dict[str, str], left: list[str]):
    assert needs_script({"data": data})
    assert sorted(without_script({"data": data})) == left
    assert all(without_script({"data": data}).values())


def test_other_outputs_need_none():
    styled = pd.DataFrame({"a": ["<script>"]})
    harmless = ({"text/html": styled.to_html()}, figure("<script>"), table("<script>", "<script>"), {}, None)
    assert not [data for data in harmless if needs_script({"data": data})]
    assert not needs_script({"output_type": "stream", "text": "<script>"})


@pytest.mark.parametrize("damage", ["", "{", "<svg", "\x00"])
def test_what_was_damaged_in_the_cache_is_made_anew(tmp_path: Path, damage: str):
    place = tmp_path / "compare-1.json"
    place.write_text(damage)
    assert kept(place, lambda: {"a": 1}) == {"a": 1}
    assert kept(place, lambda: {"a": 2}) == {"a": 1}
    chart = alt.Chart(alt.Data(values=[{"a": 1}])).mark_bar().encode(x="a:Q")
    exhibit = exhibit_of(Figure(chart, "One", "one", "One."), "1")
    first = drawing(exhibit, tmp_path)
    for path in (tmp_path / "figures").iterdir():
        path.write_text(damage if path.suffix == ".svg" else "")
    assert drawing(exhibit, tmp_path) == first
