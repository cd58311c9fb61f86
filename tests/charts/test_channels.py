"""Labels of rows: whole, on as many lines as they need."""

from __future__ import annotations

import re

import altair as alt
import pandas as pd

from deadletter.charts.channels import row_height, rows_of
from deadletter.charts.figure import Figure
from deadletter.charts.framework import codification_chart

LONG = "Treaty on the single customs territory and the formation of the customs union"


def drawn(labels: list[str], width: int) -> list[str]:
    """The texts of a chart with a bar for each label."""
    data = pd.DataFrame({"label": labels, "n": 1})
    chart = alt.Chart(data).mark_bar().encode(rows_of("label", labels, width), x="n:Q")
    svg = Figure(chart, "", "", "").svg(titled=False)
    return re.findall(r"<(?:text|tspan)[^>]*>([^<]+)<", svg)


def test_a_label_longer_than_its_room_is_broken_between_words():
    found = drawn(["Charter", LONG], 300)
    assert "Charter" in found
    lines = [text for text in found if len(text) > 20]
    assert " ".join(lines) == LONG
    assert len(lines) == 2
    assert abs(len(lines[0]) - len(lines[1])) < 12


def test_rows_are_higher_where_a_label_is_wrapped():
    assert row_height(["Charter"], 300, 20) == 20
    assert row_height(["Charter", LONG], 300, 20) > 28
    assert row_height(["Charter", LONG], 150, 20) > 42


def test_the_chart_of_instruments_shows_their_names_whole():
    norms = pd.DataFrame({"instrument": ["i1", "i1"], "low": [1.0, 1.0], "high": [1.0, 1.0]})
    figure = codification_chart(norms, pd.DataFrame({"id": ["i1"], "name": [LONG]}))
    assert isinstance(figure, Figure)
    assert LONG in figure.words
