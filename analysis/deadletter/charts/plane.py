"""The plane of formalisation and expectation, with its four cells and the way that regimes took through it; and the
placements as tables."""

from collections.abc import Mapping
from typing import Any

import altair as alt
import pandas as pd

from deadletter.charts.channels import BOTTOM, UNIT, hues, rimmed
from deadletter.charts.figure import Figure
from deadletter.charts.theme import BLUE, GREEN, GREY, ORANGE, PURPLE, WIDTH, periods_from_pale_to_dark
from deadletter.coding.model import Calibration, Coding
from deadletter.frames import records
from deadletter.indices.selection import Scope
from deadletter.labels import CELL_NAMES, MEASURE_NAMES, dashed
from deadletter.results import by_measure

CORNERS = ("dead_letter", "full_blown", "tacit", "none")

# below a value as low as this is the name of a cell, and further to the right than that a name would leave the plane
NEAR, ROOM = 0.2, 0.9


def points_on_plane(indices: pd.DataFrame, basis: str, component: str = "all") -> pd.DataFrame:
    """Formalisation and one basis by period: columns period, formal and basis, each also with _low and _high."""
    chosen = indices[(indices["krasner"] == "all") & (indices["component"] == component)]

    def part(index: str, name: str) -> pd.DataFrame:
        frame = chosen[chosen["index"] == index].set_index("period")[["value", "low", "high"]]
        return frame.set_axis([name, f"{name}_low", f"{name}_high"], axis=1)

    return part("formalisation", "formal").join(part(basis, "basis"), how="inner").reset_index()


def backdrop(cross: tuple[float, float]) -> list[alt.Chart]:
    """The crossover anchors as dashed lines, and the names of the four cells that they separate."""
    lines = alt.Chart(pd.DataFrame({"f": [cross[0]], "b": [cross[1]]}))
    dash = lines.mark_rule(strokeDash=[5, 4], color="#777777")
    named = [CELL_NAMES[cell].replace(", ", ",\n") for cell in CORNERS]
    corners = pd.DataFrame({"f": [0.98, 0.98, 0.02, 0.02], "b": [0.02, 0.98, 0.98, 0.02], "cell": named})
    # the last name has two lines, which grow downwards
    places: list[tuple[Any, int]] = [("right", -6), ("right", 6), ("left", 6), ("left", -22)]
    names = [
        alt.Chart(corners.iloc[[number]])
        .mark_text(align=align, dy=dy, fontSize=13, color="#555555", fontStyle="italic", lineBreak="\n")
        .encode(x="f:Q", y="b:Q", text="cell:N")
        for number, (align, dy) in enumerate(places)
    ]
    return [dash.encode(x="f:Q"), dash.encode(y="b:Q"), *names]


def plane_chart(indices: pd.DataFrame, placement: pd.DataFrame, basis: str, cross: tuple[float, float]) -> Figure | str:
    """Trajectory over periods on the plane of F (across) and one basis (upwards).

    ``cross`` holds the crossover anchors of the two, which separate the four cells.
    """
    data = points_on_plane(indices, basis).dropna(subset=["formal", "basis"])
    if data.empty:
        return f"No period has both formalisation and {basis}."
    placed = placement[(placement["basis"] == basis) & (placement["component"] == "all")].set_index("period")
    labels = placed["label"].map(CELL_NAMES)
    axes = (("formalisation", "formal"), (basis, "basis"))
    last = data.iloc[-1]
    values = [f"{name} {last[c]:.2f} [{last[f'{c}_low']:.2f}–{last[f'{c}_high']:.2f}]" for name, c in axes]
    where = f"{placed['regime'].iloc[-1]} in {dashed(last['period'])} by {basis}"
    title = f"{where}: {labels[last['period']]} ({', '.join(values)})"
    # all periods, so that a colour means the same one in every chart
    periods = sorted(indices["period"].unique())
    years = data["period"].map(dashed)
    # names of neighbours stand on different sides, where there is room
    right = (data["basis"].rank(ascending=False, method="first") % 2 == 1) & (data["formal"] < ROOM)
    base = alt.Chart(data.assign(order=range(len(data)), years=years, right=right))
    x = alt.X("formal:Q", title="formalisation (0–1)", scale=UNIT)
    y = alt.Y("basis:Q", title=f"{basis} (0–1)", scale=UNIT)
    colour = alt.Color(
        "period:O", scale=alt.Scale(domain=periods, range=periods_from_pale_to_dark(len(periods))), legend=None
    )
    path = base.mark_line(color=GREY, strokeWidth=1.5).encode(x=x, y=y, order="order:O")
    dots = base.mark_circle(size=140, opacity=1).encode(x=x, y=y, color=colour, tooltip=["period", "formal", "basis"])
    across = base.mark_rule(color=GREY).encode(x=alt.X("formal_low:Q"), x2="formal_high:Q", y=y)
    up = base.mark_rule(color=GREY).encode(x=x, y=alt.Y("basis_low:Q"), y2="basis_high:Q")
    named = base.encode(x=x, y=y, text="years:N")
    names = [
        *rimmed(named.transform_filter("datum.right"), align="left", dx=10, dy=-8, fontSize=12),
        *rimmed(named.transform_filter("!datum.right"), align="right", dx=-10, dy=-8, fontSize=12),
    ]
    chart = alt.layer(*backdrop(cross), across, up, path, dots, *names).properties(width=WIDTH, height=420)
    wording = " ".join(
        f"{years[i]}: {labels[r['period']]} ({r['formal']:.2f}, {r['basis']:.2f})."
        for i, r in zip(data.index, records(data), strict=True)
    )
    subtitle = f"Formalisation and {basis} by period; bars and brackets: intervals; dashed lines: crossover anchors"
    return Figure(chart, title, subtitle, f"{title}. Coordinates are formalisation and {basis}. {wording}")


def memberships_chart(placement: pd.DataFrame) -> Figure | str:
    """Fuzzy memberships of the four cells over periods, a panel for each basis of placement."""
    data = placement[placement["component"] == "all"].dropna(subset=[*CORNERS])
    if data.empty:
        return "No period can be placed."
    data = data.assign(period=data["period"].map(dashed))
    long = data.melt(["period", "basis"], list(CORNERS), "cell", "membership").replace({"cell": CELL_NAMES})
    last = data[data["period"] == data["period"].max()]
    wording = ", ".join(f"{CELL_NAMES[r.label]} by {r.basis}" for r in last.itertuples())
    title = f"In the last period: {wording}"
    names = [CELL_NAMES[cell] for cell in CORNERS]
    chart = alt.Chart(long).mark_line(point=True).encode(
        alt.X("period:N", title=None, axis=alt.Axis(labelAngle=-35)),
        alt.Y("membership:Q", title="membership (0–1)", scale=UNIT),
        hues("cell", names, [ORANGE, BLUE, PURPLE, GREY], sort=names, legend=BOTTOM),
        alt.StrokeDash("cell:N", sort=names, title=None, scale=alt.Scale(domain=names)),
    )  # fmt: skip
    chart = chart.properties(width=185, height=190).facet(column=alt.Column("basis:N", title=None))
    words = f"{title}. The three bases partly rest on the same acts: they are not three independent witnesses."
    return Figure(chart, title, "Membership of each cell by period, for three bases of placement", words)


def placed_parts(placement: pd.DataFrame) -> pd.DataFrame:
    """Placements of the parts of a regime that have enough rows, with the names of the cells."""
    parts = placement[placement["component"] != "all"].dropna(subset=["dead_letter"])
    return parts.assign(label=parts["label"].map(CELL_NAMES))


def flips(placement: pd.DataFrame, coding: Coding, scope: Scope) -> pd.DataFrame:
    """What would have to change: the crossover anchors in force and those at which each placement would flip."""
    chosen = placement[(placement["component"] == "all") & (placement["period"] == scope.period)]
    return chosen.assign(
        label=chosen["label"].map(CELL_NAMES),
        formal_crossover=chosen["formalisation_crossover"],
        basis_crossover=[getattr(coding.calibration, basis).crossover for basis in chosen["basis"]],
    )


def overview_chart(
    indices: pd.DataFrame, placement: pd.DataFrame, calibration: Calibration, *, narrow: bool = False
) -> Figure:
    """All focal regimes on one plane, by expectation; the large point is the last period.

    ``placement``: rows of one measure of formalisation. ``narrow``: for a telephone, with the last periods' names only.
    """
    regimes = sorted(placement["regime"].unique())
    frames = []
    for regime in regimes:
        points = points_on_plane(indices[indices["regime"] == regime], "expectation").dropna(subset=["formal", "basis"])
        frames.append(points.assign(regime=regime, last=points["period"] == points["period"].max()))
    data = pd.concat(frames, ignore_index=True)
    placed = placement[(placement["component"] == "all") & (placement["basis"] == "expectation")]
    labels = placed.sort_values("period").groupby("regime")["label"].last().map(CELL_NAMES)
    ends = data[data["last"]].set_index("regime")[["basis", "basis_low", "basis_high"]]
    title = "; ".join(
        f"{regime}: {labels[regime]}, expectation {value:.2f} [{low:.2f}–{high:.2f}]"
        for regime, value, low, high in ends.itertuples()
    )
    title = title or "Nothing can be placed by expectation yet"
    colours = hues("regime", regimes, [BLUE, ORANGE, GREEN, PURPLE, GREY], legend=None)
    ends_with = (" " + data["regime"]).where(data["last"], "")
    base = alt.Chart(data.assign(name=data["period"].str[:4] + ends_with)).encode(
        x=alt.X("formal:Q", title="formalisation (0–1)", scale=UNIT),
        y=alt.Y("basis:Q", title="expectation that norms will be kept (0–1)", scale=UNIT),
        color=colours,
    )
    path = base.mark_line(strokeWidth=1.5, opacity=0.7).encode(order="period:O")
    dots = base.mark_circle(opacity=1).encode(
        size=alt.condition("datum.last", alt.value(170), alt.value(50)),
        tooltip=["regime:N", "period:N", "formal:Q", "basis:Q"],
    )
    last = base.transform_filter("datum.last")
    across = last.mark_rule().encode(x="formal_low:Q", x2="formal_high:Q")
    up = last.mark_rule().encode(y="basis_low:Q", y2="basis_high:Q")
    # the name of a last period below its interval, or beside one that ends near the axis
    bold = {"fontSize": 13, "fontWeight": "bold"}
    low, named = f"datum.basis_low < {NEAR}", base.encode(text="name:N")
    below = last.transform_filter(f"!({low})").encode(y="basis_low:Q", text="name:N")
    beside = last.transform_filter(low).encode(x="formal_low:Q", text="name:N")
    texts = [*rimmed(below, dy=12, align="center", **bold), *rimmed(beside, dx=-6, align="right", **bold)]
    if not narrow:
        texts = [*rimmed(named.transform_filter("!datum.last"), align="right", dx=-8, fontSize=12), *texts]
    cross = (float(placed["formalisation_crossover"].iloc[-1]), calibration.expectation.crossover)
    parts = (*backdrop(cross), across, up, path, dots, *texts)
    chart = alt.layer(*parts).properties(width=250 if narrow else WIDTH, height=230 if narrow else 460)
    wording = " ".join(
        f"{r.regime} {dashed(str(r.period))}: ({r.formal:.2f}, {r.basis:.2f})." for r in data.itertuples()
    )
    subtitle = "Years: first of each period; large point: last period, with intervals; dashed lines: crossover anchors"
    return Figure(chart, title, subtitle, f"{title}. Coordinates are formalisation and expectation. {wording}")


def overview_svg(indices: pd.DataFrame, placement: pd.DataFrame, coding: Coding) -> str:
    """The picture as the text of an SVG file, from the tables of results of a coding."""
    return overview_chart(indices, by_measure(placement, coding), coding.calibration).svg() + "\n"


def last_placements(placement: pd.DataFrame, coding: Coding) -> pd.DataFrame:
    """Every regime and part in its last period, under the coding's measure: columns as :func:`placements_table`."""
    placed = by_measure(placement, coding)
    return _told(placed[placed.groupby("regime")["period"].transform("max") == placed["period"]])


def _told(placed: pd.DataFrame) -> pd.DataFrame:
    """Placements with names for labels, bounds as text, and the crossovers at which they flip."""
    return placed.assign(
        part=placed["component"].replace("all", "whole"),
        measure=placed["measure"].map(MEASURE_NAMES),
        label=placed["label"].map(CELL_NAMES),
        formalisation=[_span(row, "formalisation") for row in records(placed)],
        expected=[_span(row, "basis") for row in records(placed)],
        crossover=placed["formalisation_crossover"],
        flips=placed["flips_formalisation"],
    )


def _span(row: Mapping[str, Any], axis: str) -> str:
    """The bounds of an axis, or its value where they coincide."""
    low, high = row[f"{axis}_low"], row[f"{axis}_high"]
    if pd.isna(low):
        return "no value"
    return f"{low:.2f}" if round(low, 2) == round(high, 2) else f"{low:.2f}–{high:.2f}"


def placements_table(placements: pd.DataFrame, period: str) -> pd.DataFrame:
    """Where each measure and basis places a regime in a period: label, bounds and what would flip it.

    Returns the placements, with columns regime, part, measure, basis and label by name, formalisation (its bounds),
    expected (bounds of the basis), crossover, flips and flips_basis.
    """
    return _told(placements[(placements["component"] == "all") & (placements["period"] == period)])
