"""Channels and layers that many charts share."""

import itertools
import json
import math
import textwrap
from collections.abc import Iterable, Mapping
from typing import Any

import altair as alt
import pandas as pd

from deadletter.charts.theme import STATUS_COLOURS, enough

# pixels that a character of a label takes, at the upper end of what sentences average, and a line of them
CHARACTER, LINE = 6.2, 14
UNIT = alt.Scale(domain=[0, 1])
UPRIGHT, PERCENT = alt.Axis(labelAngle=0), alt.Axis(format="%")
# whole years along a continuous axis
YEARS = alt.Axis(format="d", tickMinStep=1)
TOP, BOTTOM = alt.Legend(orient="top"), alt.Legend(title=None, orient="bottom")


def rows_of(field: str, order: Iterable[str] | None = None, width: int | None = None) -> alt.Y:
    """A row for each name in a column, in an order, with room for so many pixels of label; longer ones are wrapped."""
    rows: list[str] | None = None if order is None else list(dict.fromkeys(order))
    axis: Any = alt.Undefined
    if width is not None:
        axis = alt.Axis(labelLimit=width, **in_lines(wrapped(rows or (), width)))
    return alt.Y(f"{field}:N", title=None, sort=alt.Undefined if rows is None else rows, axis=axis)


def row_height(labels: Iterable[str], width: int, least: int) -> int:
    """Pixels of a row whose labels have so much room: more than the least where one of them is wrapped."""
    lines = max(map(len, wrapped(labels, width).values()), default=1)
    return max(least, LINE * lines + 3)


def in_lines(broken: Mapping[str, list[str]]) -> dict[str, Any]:
    """What an axis needs to draw some of its labels as lines, centred at their rows; nothing where none is broken."""
    if not broken:
        return {}
    lines = f"({json.dumps(broken, ensure_ascii=False)})[datum.label] || datum.label"
    raised = []
    for count in sorted({len(found) for found in broken.values()}):
        labels = json.dumps([label for label, found in broken.items() if len(found) == count], ensure_ascii=False)
        raised.append({"test": f"indexof({labels}, datum.label) >= 0", "value": -LINE * (count - 1) / 2})
    return {"labelExpr": lines, "labelOffset": {"condition": raised, "value": 0}}


def wrapped(labels: Iterable[str], width: int) -> dict[str, list[str]]:
    """The labels that are wider than their room, each as lines of nearly equal length, broken between words."""
    fitting, broken = int(width / CHARACTER), {}
    for label in labels:
        if len(label) > fitting:
            count = len(textwrap.wrap(label, fitting))
            even = range(min(math.ceil(len(label) / count), fitting), fitting + 1)
            broken[label] = next(lines for size in even if len(lines := textwrap.wrap(label, size)) == count)
    return broken


def whole(field: str, title: str) -> alt.X:
    """Whole numbers along the horizontal axis."""
    return alt.X(f"{field}:Q", title=title, axis=alt.Axis(tickMinStep=1))


def hues(field: str, values: Iterable[str], colours: Iterable[str], title: str | None = None, **more: Any) -> alt.Color:
    """The colour of each value of a column."""
    domain = list(values)
    return alt.Color(
        f"{field}:N", title=title, scale=alt.Scale(domain=domain, range=enough([*colours], domain)), **more
    )


def light_on(dark: Any) -> Any:
    """The colour of letters on tiles, white where these are dark."""
    return alt.condition(dark, alt.value("white"), alt.value("black"))


def stacked(data: pd.DataFrame, x: alt.X, y: alt.Y, field: str, statuses: list[str]) -> alt.Chart:
    """Bars of a column of statuses that have colours of their own, in their order."""
    colour = hues(field, statuses, [STATUS_COLOURS[status] for status in statuses], sort=statuses)
    chart = alt.Chart(data).mark_bar().encode(x, y, colour, order=alt.Order("rank:Q"))
    return chart.transform_calculate(rank=f"indexof({statuses!r}, datum.{field})")


def spread_apart(values: pd.Series, gap: float) -> pd.Series:
    """Heights of labels near their values, at least a gap apart; in the order of the values."""
    placed = values.sort_values(kind="stable")
    for before, this in itertools.pairwise(placed.index):
        placed[this] = max(placed[this], placed[before] + gap)
    return placed.reindex(values.index)


def rimmed(base: alt.Chart, **mark: Any) -> list[alt.Chart]:
    """Words with a pale rim, so that no line behind strikes them through."""
    return [base.mark_text(**mark, stroke="white", strokeWidth=4), base.mark_text(**mark)]


def zero() -> alt.Chart:
    """A dashed line at zero of the vertical axis."""
    return alt.Chart(pd.DataFrame({"zero": [0.0]})).mark_rule(strokeDash=[4, 3]).encode(y="zero:Q")
