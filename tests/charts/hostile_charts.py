"""A chart with words in its data that would run, were they taken for anything but words."""

from __future__ import annotations

import altair as alt
import pandas as pd

from deadletter.charts.figure import Figure

HOSTILE = "</script><script>window.hacked=1</script>"


def hostile_figure() -> Figure:
    frame = pd.DataFrame({"name": [HOSTILE, "x", "<!-- y"], "value": [1.0, 2.0, 3.0]})
    axis = alt.Axis(labelLimit=600)
    chart = alt.Chart(frame).mark_bar().encode(x="value:Q", y=alt.Y("name:N", axis=axis)).properties(width=300)
    return Figure(chart, f"Title {HOSTILE}", "made up", f"Words {HOSTILE}, made up")
