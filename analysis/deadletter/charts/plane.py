"""The plane of formalisation and expectation, with its four cells and the way a regime took through it."""

from __future__ import annotations

from typing import Literal

import altair as alt
import pandas as pd

from deadletter.charts.channels import BOTTOM, UNIT, hues
from deadletter.charts.figure import Figure
from deadletter.charts.theme import BLUE, GREY, ORANGE, PERIODS, PURPLE, WIDTH
from deadletter.coding.model import Coding
from deadletter.frames import records
from deadletter.indices.selection import Scope
from deadletter.labels import CELL_NAMES, dashed

# further to the right a name would leave the plane
ROOM = 0.9


def points_on_plane(indices: pd.DataFrame, basis: str, component: str = "all") -> pd.DataFrame:
    """Formalisation and one basis by period: columns period, formal and basis, each also with _low and _high."""
    chosen = indices[(indices["krasner"] == "all") & (indices["component"] == component)]

    def part(index: str, name: str) -> pd.DataFrame:
        frame = chosen[chosen["index"] == index].set_index("period")[["value", "low", "high"]]
        return frame.set_axis([name, f"{name}_low", f"{name}_high"], axis=1)

    return part("formalisation", "formal").join(part(basis, "basis"), how="inner").reset_index()


def backdrop(cross: tuple[float, float]) -> list[alt.Chart]:
    """The crossover anchors as dashed lines, and the names of the four cells that they part."""
    lines = alt.Chart(pd.DataFrame({"f": [cross[0]], "b": [cross[1]]}))
    dash = lines.mark_rule(strokeDash=[5, 4], color="#777777")
    corners = pd.DataFrame(
        {
            "f": [0.98, 0.98, 0.02, 0.02],
            "b": [0.02, 0.98, 0.98, 0.02],
            "cell": [CELL_NAMES[cell].replace(", ", ",\n") for cell in ("dead_letter", "full_blown", "tacit", "none")],
        }
    )
    aligned: tuple[tuple[Literal["left", "right"], int], ...] = (
        ("right", -6),
        ("right", 6),
        ("left", 6),
        ("left", -22),
    )
    names = [
        alt.Chart(corners.iloc[[number]])
        .mark_text(align=align, dy=dy, fontSize=13, color="#555555", fontStyle="italic", lineBreak="\n")
        .encode(x="f:Q", y="b:Q", text="cell:N")
        # the last name has two lines, which grow downwards
        for number, (align, dy) in enumerate(aligned)
    ]
    return [dash.encode(x="f:Q"), dash.encode(y="b:Q"), *names]


def plane_chart(indices: pd.DataFrame, placement: pd.DataFrame, basis: str, cross: tuple[float, float]) -> Figure | str:
    """Trajectory over periods on the plane of F (across) and one basis (upwards).

    ``cross`` holds the crossover anchors of the two, which part the four cells.
    """
    data = points_on_plane(indices, basis).dropna(subset=["formal", "basis"])
    if data.empty:
        return f"No period has both formalisation and {basis}."
    placed = placement[(placement["basis"] == basis) & (placement["component"] == "all")].set_index("period")
    labels = placed["label"].map(CELL_NAMES)
    axes = (("formalisation", "formal"), (basis, "basis"))
    last = data.iloc[-1]
    values = [(f"{name} {last[c]:.2f} [{last[f'{c}_low']:.2f}–{last[f'{c}_high']:.2f}]") for name, c in axes]
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
    colour = alt.Color("period:O", scale=alt.Scale(domain=periods, range=PERIODS), legend=None)
    path = base.mark_line(color=GREY, strokeWidth=1.5).encode(x=x, y=y, order="order:O")
    dots = base.mark_circle(size=140, opacity=1).encode(x=x, y=y, color=colour, tooltip=["period", "formal", "basis"])
    across = base.mark_rule(color=GREY).encode(x=alt.X("formal_low:Q"), x2="formal_high:Q", y=y)
    up = base.mark_rule(color=GREY).encode(x=x, y=alt.Y("basis_low:Q"), y2="basis_high:Q")
    named = base.encode(x=x, y=y, text="years:N")
    names = [
        named.transform_filter("datum.right").mark_text(align="left", dx=10, dy=-8, fontSize=12),
        named.transform_filter("!datum.right").mark_text(align="right", dx=-10, dy=-8, fontSize=12),
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
    cells = ["dead_letter", "full_blown", "tacit", "none"]
    data = placement[(placement["component"] == "all")].dropna(subset=cells)
    if data.empty:
        return "No period can be placed."
    data = data.assign(period=data["period"].map(dashed))
    long = data.melt(["period", "basis"], cells, "cell", "membership").replace({"cell": CELL_NAMES})
    last = data[data["period"] == data["period"].max()]
    wording = ", ".join(f"{CELL_NAMES[r.label]} by {r.basis}" for r in last.itertuples())
    title = f"In the last period: {wording}"
    names = [CELL_NAMES[cell] for cell in cells]
    chart = (
        alt.Chart(long)
        .mark_line(point=True)
        .encode(
            alt.X("period:N", title=None, axis=alt.Axis(labelAngle=-35)),
            alt.Y("membership:Q", title="membership (0–1)", scale=UNIT),
            hues("cell", names, [ORANGE, BLUE, PURPLE, GREY], sort=names, legend=BOTTOM),
            alt.StrokeDash("cell:N", sort=names, title=None, scale=alt.Scale(domain=names)),
        )
    )
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
    calibration = coding.calibration
    return chosen.assign(
        label=chosen["label"].map(CELL_NAMES),
        formal_crossover=chosen["formalisation_crossover"],
        basis_crossover=[getattr(calibration, basis).crossover for basis in chosen["basis"]],
    )
