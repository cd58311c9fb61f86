"""Labels of rows are whole, on as many lines as they need; colours of values differ, however many there are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import altair as alt
import pandas as pd
import pytest

from deadletter.charts.channels import CHARACTER, LINE, row_height, rows_of, wrapped
from deadletter.charts.conduct import figures_chart
from deadletter.charts.figure import Figure
from deadletter.charts.framework import codification_chart
from deadletter.charts.plane import plane_chart
from deadletter.charts.theme import PERIODS, periods_from_pale_to_dark
from deadletter.charts.timelines import timeline_chart

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


def test_a_label_that_fills_its_lines_is_broken():
    assert wrapped([" ".join(["twentynine letters are a line"] * 4)], 29 * CHARACTER)


def test_lines_are_centred_at_their_row():
    data = pd.DataFrame({"label": ["Charter", LONG], "n": 1})
    bars = alt.Chart(data).mark_bar().encode(rows_of("label", data["label"], 300), x="n:Q")
    svg = Figure(bars.properties(height=alt.Step(40)), "", "", "").svg(titled=False)
    found = re.findall(r"translate\([-\d.]+,([-\d.]+)\)[^>]*>(?:<tspan>)?([^<]+)<", svg)
    heights = {text: float(y) for y, text in found}
    first = next(text for text in heights if LONG.startswith(text))
    # the second row is 40 pixels below the first; its first line stands half a line above the middle of the row
    assert heights[first] - heights["Charter"] == pytest.approx(40 - LINE / 2)


def test_rows_are_higher_where_a_label_is_wrapped():
    assert row_height(["Charter"], 300, 20) == 20
    assert row_height(["Charter", LONG], 300, 20) > 28
    assert row_height(["Charter", LONG], 150, 20) > 42


def test_the_chart_of_instruments_shows_their_names_whole():
    norms = pd.DataFrame({"instrument": ["i1", "i1"], "low": [1.0, 1.0], "high": [1.0, 1.0]})
    figure = codification_chart(norms, pd.DataFrame({"id": ["i1"], "name": [LONG]}))
    assert isinstance(figure, Figure)
    assert LONG in figure.words


@pytest.mark.parametrize("count", [3, 9, 20])
def test_no_two_values_of_a_chart_have_one_colour(count: int):
    names = [f"number {n:02}" for n in range(count)]
    year, value = 2000, 1.0
    figures = figures_chart(pd.DataFrame({"subject": names, "year": year, "value": value}), "a share of a whole")
    events = pd.DataFrame({"type": "visit", "regime": names, "day": pd.Timestamp("2000-01-01"), "year": year})
    index = {"krasner": "all", "component": "all", "period": names, "value": value, "low": value, "high": value}
    indices = pd.concat(pd.DataFrame({**index, "index": one}) for one in ("formalisation", "output"))
    placed = {"basis": "output", "component": "all", "period": names, "label": "dead_letter", "regime": "R"}
    charts = (
        figures,
        timeline_chart(events.assign(date="", label=""), names),
        plane_chart(indices, pd.DataFrame(placed), "output", (0.5, 0.5)),
    )
    for chart in charts:
        scales = [one["scale"]["range"] for one in encodings(chart.spec) if "range" in one.get("scale", {})]
        assert scales
        assert all(len(set(colours[:count])) == count for colours in scales), scales


def encodings(spec: Any) -> Iterator[dict[str, Any]]:
    """The colours of a specification, of its layers, too."""
    if "color" in spec.get("encoding", {}):
        yield spec["encoding"]["color"]
    for layer in spec.get("layer", []):
        yield from encodings(layer)


def test_periods_go_from_pale_to_dark():
    shades = periods_from_pale_to_dark(7)
    light = [sum(int(one[i : i + 2], 16) for i in (1, 3, 5)) for one in shades]
    assert (shades[0], shades[-1]) == (PERIODS[0], PERIODS[-1])
    assert light == sorted(light, reverse=True)
