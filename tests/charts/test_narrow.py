"""Charts for a telephone: no plot is wider than it, and the words of rows stand above them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import altair as alt
import pandas as pd
import pytest

from deadletter.charts.channels import rows_of
from deadletter.charts.drawing import draw
from deadletter.charts.narrow import ABOVE, NARROW, narrow

LONG = "A norm whose words take more room than a telephone has beside a plot"
DATA = pd.DataFrame({"row": [LONG, "Another norm in some words"], "value": [1.0, 2.0], "of": ["x", "y"]})


def spec_of(chart: Any) -> dict[str, Any]:
    return chart.to_dict(format="vega-lite", validate=False)


@pytest.fixture
def bars() -> alt.Chart:
    return alt.Chart(DATA).mark_bar().encode(rows_of("row", DATA["row"], 350), x="value:Q")


def test_long_words_of_rows_stand_above_them(bars: alt.Chart):
    made = narrow(spec_of(bars.properties(width=300, height=alt.Step(31))))
    assert made is not None
    y = made["encoding"]["y"]
    # as wide as the words above its rows may be
    assert made["width"] == ABOVE
    assert y["axis"]["labelAlign"] == "left"
    # both have as many lines, the last one next to the row
    assert '["", "Another norm in some words"]' in y["axis"]["labelExpr"]
    # two rows of 12 pixels, each below two lines of words
    assert made["height"] == pytest.approx(2 * (12 + 31) + 31)
    assert y["scale"]["paddingInner"] == pytest.approx(31 / 43)
    drawn = draw(made)
    assert ">Another norm in some words</" in drawn


PROGRAM = """
import json, sys
from deadletter.charts.narrow import narrow
print(json.dumps(narrow(json.load(sys.stdin))))
"""


def test_one_chart_is_narrowed_alike_in_every_process(bars: alt.Chart):
    """Else its drawing is never found again, and two sites of the same results differ."""
    rows = pd.concat([DATA, DATA.assign(row=[f"{LONG} {number}" for number in range(len(DATA))])])
    given = json.dumps(spec_of(bars.properties(data=rows, height=alt.Step(31))))
    made = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM], input=given, capture_output=True, text=True, check=True, timeout=60,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in "123"
    }  # fmt: skip
    assert len(made) == 1


@pytest.mark.parametrize("layered", [False, True])
def test_short_words_stay_beside_a_plot_made_narrower(bars: alt.Chart, layered: bool):
    chart = bars.encode(rows_of("of"))
    chart = (chart + chart.mark_text().encode(text="of:N")) if layered else chart
    made = narrow(spec_of(chart.properties(width=620, height=alt.Step(20))))
    assert made is not None
    assert (made["width"], made["height"]) == (NARROW, {"step": 20})
    assert "labelAlign" not in str(made)
    assert narrow(spec_of(chart.properties(width=200, height=alt.Step(20)))) is None


def test_panels_beside_each_other_come_below_each_other(bars: alt.Chart):
    short = bars.encode(rows_of("of"))
    facets = spec_of(short.properties(width=185, height=90).facet(column="of:N"))
    made = narrow(facets)
    assert made is not None
    assert (made["columns"], made["facet"], made["spec"]["width"]) == (1, facets["facet"]["column"], NARROW)
    columns = narrow(spec_of(short.encode(column="of:N").properties(width=118, height=alt.Step(20))))
    assert columns is not None
    assert columns["encoding"]["facet"]["columns"] == 2
    rows = narrow(spec_of(alt.vconcat(short.properties(width=500, height=80), short.properties(width=100, height=80))))
    assert rows is not None
    assert [one["width"] for one in rows["vconcat"]] == [NARROW, 100]
    tiles = bars.properties(width=500, height=alt.Step(13))
    aligned = narrow(spec_of(alt.vconcat(short.properties(width=500, height=80), tiles)))
    assert aligned is not None
    assert [one["width"] for one in aligned["vconcat"]] == [NARROW, NARROW]
    for one in (made, columns, rows):
        draw(one)
