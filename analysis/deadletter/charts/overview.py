"""The finding in one picture: every focal regime's way through the plane of formalisation and expectation."""

from __future__ import annotations

import altair as alt
import pandas as pd

from deadletter.charts.channels import UNIT, hues
from deadletter.charts.figure import Figure
from deadletter.charts.plane import backdrop, points_on_plane
from deadletter.charts.theme import BLUE, GREEN, GREY, ORANGE, PURPLE, WIDTH
from deadletter.coding.model import Calibration, Coding
from deadletter.labels import CELL_NAMES, dashed
from deadletter.results import by_measure


def overview_chart(
    indices: pd.DataFrame, placement: pd.DataFrame, calibration: Calibration, *, narrow: bool = False
) -> Figure:
    """All focal regimes on one plane, by expectation; the large point is the last period.

    ``placement``: rows of one measure of formalisation. ``narrow``: for a telephone, with the last periods' names only.
    """
    regimes = sorted(indices["regime"].unique())
    frames = []
    for regime in regimes:
        points = points_on_plane(indices[indices["regime"] == regime], "expectation").dropna(subset=["formal", "basis"])
        frames.append(points.assign(regime=regime, last=points["period"] == points["period"].max()))
    data = pd.concat(frames, ignore_index=True)
    placed = placement[(placement["component"] == "all") & (placement["basis"] == "expectation")]
    labels = placed.sort_values("period").groupby("regime")["label"].last().map(CELL_NAMES)
    ends = data[data["last"]].set_index("regime")[["basis", "basis_low", "basis_high"]]
    found = [
        f"{regime}: {labels[regime]}, expectation {value:.2f} [{low:.2f}–{high:.2f}]"
        for regime, (value, low, high) in zip(ends.index, ends.to_numpy(), strict=True)
    ]
    title = "; ".join(found)
    colours = hues("regime", regimes, [BLUE, ORANGE, GREEN, PURPLE, GREY], legend=None)
    ends_with = (" " + data["regime"]).where(data["last"], "")
    base = alt.Chart(data.assign(name=data["period"].str[:4] + ends_with)).encode(
        x=alt.X("formal:Q", title="formalisation (0–1)", scale=UNIT),
        y=alt.Y("basis:Q", title="expectation that norms will be kept (0–1)", scale=UNIT),
        color=colours,
    )
    path = base.mark_line(strokeWidth=1.5, opacity=0.7).encode(order="period:O")
    dots = base.mark_circle(opacity=1).encode(
        size=alt.condition("datum.last", alt.value(170), alt.value(50)), tooltip=["regime", "period", "formal", "basis"]
    )
    last = base.transform_filter("datum.last")
    across = last.mark_rule().encode(x="formal_low:Q", x2="formal_high:Q")
    up = last.mark_rule().encode(y="basis_low:Q", y2="basis_high:Q")
    # the name of the higher one above its point, those of the others below
    texts = [
        base.transform_filter(f"datum.last && {sign}(datum.regime == '{ends['basis'].idxmax()}')").mark_text(
            align="right", dx=-12, dy=dy, fontSize=13, fontWeight="bold"
        )
        for sign, dy in (("", -14), ("!", 22 if narrow else 46))
    ]
    earlier = base.transform_filter("!datum.last").mark_text(align="right", dx=-8, fontSize=12)
    texts += [] if narrow else [earlier]
    cross = (float(placed["formalisation_crossover"].iloc[-1]), calibration.expectation.crossover)
    parts = (*backdrop(cross), across, up, path, dots, *(text.encode(text="name:N") for text in texts))
    chart = alt.layer(*parts).properties(width=250 if narrow else WIDTH, height=230 if narrow else 460)
    wording = " ".join(
        f"{r.regime} {dashed(str(r.period))}: ({r.formal:.2f}, {r.basis:.2f})." for r in data.itertuples()
    )
    subtitle = "Years: first of each period; large point: last period, with intervals; dashed lines: crossover anchors"
    return Figure(chart, title, subtitle, f"{title}. Coordinates are formalisation and expectation. {wording}")


def overview_svg(indices: pd.DataFrame, placement: pd.DataFrame, coding: Coding) -> str:
    """The picture as the text of an SVG file, from the tables of results of a coding."""
    return overview_chart(indices, by_measure(placement, coding), coding.calibration).svg() + "\n"
