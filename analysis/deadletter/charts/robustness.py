"""How firm a placement is over all declared codings: shares, the specification curve, and the choices that decide."""

import itertools

import altair as alt
import numpy as np
import pandas as pd

from deadletter.charts.channels import BOTTOM, PERCENT, UNIT, rows_of
from deadletter.charts.figure import Figure
from deadletter.charts.plane import CELL_NAMES
from deadletter.charts.theme import BLUE, GREY, ORANGE, PURPLE, SKY, VERMILION, WIDTH, YELLOW
from deadletter.frames import records
from deadletter.labels import share_in_words
from deadletter.multiverse.evaluate import Multiverse
from deadletter.multiverse.report_sentences import in_words

CELL_COLOURS = {
    "dead_letter": VERMILION,
    "full_blown": BLUE,
    "tacit": SKY,
    "none": "#d9d9d9",
    "undecided": YELLOW,
    "not_identified": "#5f5f5f",
    "missing": "#8c8c8c",
}
# bars of the panel under the curve, and how many of the most decisive branches it shows
BINS, SHOWN = 30, 5


def shares_chart(multiverse: Multiverse, component: str = "all") -> Figure:
    """Share of universes by placement, for each whole regime and basis."""
    shares = multiverse["shares"]
    data = shares[(shares["component"] == component) & (shares["basis"] != "all")]
    data = data.assign(cell=data["label"].map(CELL_NAMES), order=data["label"].map(list(CELL_NAMES).index))
    present = [label for label in CELL_NAMES if data.loc[data["label"] == label, "share"].gt(0).any()]
    names, shades = [CELL_NAMES[label] for label in present], [CELL_COLOURS[label] for label in present]
    chart = alt.Chart(data[data["share"] > 0][["regime", "basis", "cell", "order", "share"]]).mark_bar(stroke="white")
    chart = chart.encode(
        alt.X("share:Q", stack="normalize", axis=PERCENT, title="share of universes"),
        rows_of("basis"),
        alt.Color("cell:N", scale=alt.Scale(domain=names, range=shades), legend=BOTTOM),
        alt.Row("regime:N", title=None, header=alt.Header(labelAngle=0, labelAlign="left")),
        order="order:Q",
    ).properties(width=WIDTH - 165, height=96)
    dead = records(data[data["label"] == "dead_letter"].sort_values("share", ascending=False, kind="stable"))
    lines = [f"{r['regime']} by {r['basis']}: dead letter in {share_in_words(r['share'])}" for r in dead]
    top, least = dead[0], dead[-1]["share"]
    often = f"most often {top['regime']} by {top['basis']}"
    title = f"A dead letter in {share_in_words(least)} to {share_in_words(top['share'])} of universes, {often}"
    subtitle = f"Placements over {multiverse.meta['universes']:,} universes"
    return Figure(chart, title, subtitle, f"Shares: {'; '.join(lines)}.")


def curve_chart(multiverse: Multiverse, regime: str, basis: str) -> Figure | str:
    """Specification curve of one placement: memberships in the dead-letter cell in order, the choices taken below.

    The panel shows the branches with the largest total index; a tile is darker where more of the universes of that
    stretch of the curve take the option.
    """
    universes = multiverse["universes"]
    column = f"{regime} dead_letter by {basis}"
    placed = universes[universes[f"{regime} label by {basis}"] != "missing"]
    if placed.empty:
        return f"{regime} is placed by {basis} in no universe."
    ordered = placed.sort_values(column, kind="stable", ignore_index=True)
    ordered["bin"] = np.minimum((np.arange(len(ordered)) * BINS) // len(ordered), BINS - 1)
    step = max(1, len(ordered) // 200)
    points = ordered.iloc[::step].reset_index()
    points = points.assign(share=points["index"] / len(ordered), value=points[column])[["share", "value"]]
    x = alt.X("share:Q", axis=PERCENT, title="universes, in order", scale=UNIT)
    y = alt.Y("value:Q", title="membership in the dead letter", scale=UNIT)
    curve = alt.Chart(points).mark_line(color=VERMILION, interpolate="step-after").encode(x, y)
    curve = curve.properties(width=WIDTH - 200, height=160)
    half = alt.Chart(pd.DataFrame({"y": [0.5]})).mark_rule(strokeDash=[5, 4], color=GREY).encode(y="y:Q")
    shades = alt.Scale(domain=[0, 1], range=["#f4f2f8", "#3f007d"], interpolate="rgb")
    legend = alt.Legend(title="share taking the option", format="%", orient="bottom")
    taken = alt.Color("share:Q", scale=shades, legend=legend)
    options = alt.Y("option:N", sort=None, title=None, axis=alt.Axis(labelFontSize=11, labelLimit=320, ticks=False))
    panel = alt.Chart(_panel(multiverse, ordered, regime, basis)).mark_rect()
    panel = panel.encode(alt.X("bin:O", axis=None), options, taken)
    panel = panel.properties(width=WIDTH - 200, height=alt.Step(13))
    leading = int((ordered[f"{regime} label by {basis}"] == "dead_letter").sum())
    share = leading / len(ordered)
    title = f"{regime} by {basis}: the dead letter leads in {share_in_words(share)} of the universes that place it"
    low, middle, high = ordered[column].quantile([0.05, 0.5, 0.95])
    words = (
        f"Membership in the dead letter by {basis}, ordered, over {len(ordered)} universes: median {middle:.2f}, "
        f"from {low:.2f} (5%) to {high:.2f} (95%); it leads in {share_in_words(share)}."
    )
    chart = alt.vconcat(curve + half, panel, spacing=6).resolve_scale(color="independent", x="independent")
    return Figure(chart, title, "Specification curve, with the most decisive choices below", words)


def _panel(multiverse: Multiverse, ordered: pd.DataFrame, regime: str, basis: str) -> pd.DataFrame:
    """Share of universes of each stretch that take each option of the decisive branches."""
    sobol = multiverse["sobol"]
    wanted = (sobol["regime"] == regime) & (sobol["basis"] == basis) & (sobol["output"] == "membership")
    factors = sobol[wanted & (sobol["cell"] == "dead_letter")].sort_values("total", ascending=False)["factor"]
    rows = []
    for branch in [name for factor in factors[:SHOWN] for name in factor.split(" × ")]:
        declared = multiverse.meta["branches"][branch]
        taken = ordered[branch]
        if "range" in declared:
            low, high = declared["range"]
            edges = np.linspace(low, high, 4)
            names = [f"{a:.2f}–{b:.2f}" for a, b in itertools.pairwise(edges)]
            taken = pd.Series(np.array(names)[np.clip(np.digitize(taken, edges[1:-1]), 0, 2)], index=ordered.index)
        else:
            names = list(declared["options"])
        shares = pd.crosstab(ordered["bin"], taken, normalize="index").reindex(columns=names, fill_value=0.0)
        for name in names:
            label = f"{in_words(multiverse, branch)}: {in_words(multiverse, branch, name)}"
            taken_here = zip(shares.index, shares[name], strict=True)
            rows += [{"bin": int(b), "option": label, "share": round(float(s), 3)} for b, s in taken_here]
    return pd.DataFrame(rows)


def sobol_chart(multiverse: Multiverse, basis: str, cell: str = "dead_letter") -> Figure:
    """First-order and total Sobol indices of the membership in one cell, with intervals, by regime."""
    sobol = multiverse["sobol"]
    chosen = sobol[(sobol["basis"] == basis) & (sobol["output"] == "membership") & (sobol["cell"] == cell)]
    chosen = chosen[chosen.groupby("factor")["total"].transform("max") > 0.005]
    chosen = chosen.assign(factor=[in_words(multiverse, name) for name in chosen["factor"]])
    order = list(chosen.groupby("factor")["total"].max().sort_values(ascending=False).index)
    kinds = {"first": "alone (first order)", "total": "with all others (total)"}
    parts = [
        chosen[["regime", "factor"]].assign(
            kind=kind, value=chosen[n], low=chosen[f"{n}_low"], high=chosen[f"{n}_high"]
        )
        for n, kind in kinds.items()
    ]
    long = pd.concat(parts, ignore_index=True)
    colour = alt.Color("kind:N", scale=alt.Scale(range=[ORANGE, PURPLE]), legend=BOTTOM)
    factors = rows_of("factor", order, 180)
    base = alt.Chart(long).encode(factors, colour, yOffset="kind:N")
    x = alt.X("value:Q", title="share of the variance", axis=PERCENT)
    marks = base.mark_point(size=45).encode(x=x) + base.mark_rule().encode(x="low:Q", x2="high:Q")
    panels = marks.properties(width=(WIDTH - 120) // 2, height=alt.Step(10))
    chart = panels.facet(column=alt.Column("regime:N", title=None))
    name = CELL_NAMES[cell]
    most = chosen[chosen["factor"] == order[0]].sort_values("regime")
    found = ", ".join(f"{r.regime} {r.total:.0%}" for r in most.itertuples())
    leading = chosen.sort_values("total", ascending=False).groupby("regime").head(3)
    leading = leading.sort_values("regime", kind="stable")
    lines = "; ".join(
        f"{r.regime}, {r.factor}: alone {r.first:.2f}, with all others {r.total:.2f}" for r in leading.itertuples()
    )
    title = f"The {name} by {basis} depends most on {order[0]} ({found})"
    subtitle = "Sobol indices of the membership: shares of its variance; lines are 95% intervals"
    words = f"The three largest shares of the variance of the membership in the cell {name}: {lines}."
    return Figure(chart, title, subtitle, words)
