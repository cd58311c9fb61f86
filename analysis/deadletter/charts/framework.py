"""Charts of the normative framework: legalisation, formalisation over periods, voting power, execution."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd

from deadletter.charts.channels import UNIT, UPRIGHT, hues, light_on, row_height, rows_of, stacked, whole
from deadletter.charts.figure import Figure
from deadletter.charts.theme import BLUE, GREY, ORANGE, WIDTH
from deadletter.frames import records
from deadletter.indices.codification import COMPONENTS
from deadletter.indices.formalisation import DIMENSIONS
from deadletter.indices.selection import ALL
from deadletter.labels import WHOLE, dashed

LEVELS = ("not written or ended", "written, not binding", "binding, not for all members", "in force for all members")
TWO_COLUMNS = alt.Legend(title=None, orient="bottom", columns=2)
SHADES = ["#f2f0f7", "#cbc9e2", "#9e9ac8", "#54278f"]
STATUSES = ["carried out", "carried out in part", "not carried out", "not reported"]


def legalisation_chart(norms: pd.DataFrame) -> Figure | str:
    """Heat map of mean obligation, precision and delegation (0–3) by Krasner component, a panel for each component.

    ``norms`` are the norms in force with ratings in [0, 1], as :func:`norms_in_force` gives them.
    """
    if norms.empty:
        return "No norm is in force in this period."
    long = norms.melt(["id", "krasner", "component"], list(DIMENSIONS), "dimension", "rating")
    grouped = long.groupby(["component", "krasner", "dimension"], as_index=False)
    cells = grouped.agg(rating=("rating", "mean"), n=("rating", "count"))
    cells = cells.assign(rating=cells["rating"] * 3, component=cells["component"].replace(ALL, WHOLE))
    parts = sorted(cells["component"].unique(), key=lambda part: (part != WHOLE, part))
    means = long.groupby("dimension")["rating"].mean() * 3
    high, low = str(means.idxmax()), str(means.idxmin())
    title = f"{high.capitalize()} is highest ({means[high]:.1f} of 3), {low} lowest ({means[low]:.1f})"
    x = alt.X("dimension:N", sort=list(DIMENSIONS), title=None, axis=UPRIGHT)
    base = alt.Chart(cells).encode(x, rows_of("krasner", COMPONENTS))
    shades = alt.Scale(domain=[0, 3], range=["#f2f0f7", "#9e9ac8", "#3f007d"])
    tiles = base.mark_rect().encode(alt.Color("rating:Q", title="mean rating", scale=shades))
    text = base.transform_calculate(label="format(datum.rating, '.1f') + ' (' + datum.n + ')'").mark_text(fontSize=11)
    text = text.encode(text="label:N", color=light_on("datum.rating > 1.8"))
    chart = alt.layer(tiles, text).properties(width=250, height=104)
    chart = chart.facet(facet=alt.Facet("component:N", title=None, sort=parts), columns=2)
    wording = "; ".join(f"{d} {means[d]:.2f}" for d in DIMENSIONS)
    words = f"{title}. Mean ratings of {len(norms)} norms on a scale from 0 to 3: {wording}."
    return Figure(chart, title, "Mean rating (number of norms) by kind of norm and component", words)


def _course(known: Sequence[Mapping[str, Any]]) -> str:
    """How an index moves from its first to its last value, by way of a period that differs from both.

    A verb of change needs intervals that do not overlap.
    """
    first, last = known[0], known[-1]
    start, end = (f"{row['value']:.2f} ({row['period']})" for row in (first, last))
    apart = [row for row in known[1:-1] if {_way(first, row), _way(row, last)} == {"rises", "falls"}]
    if apart:
        between = max(apart, key=lambda row: abs(row["value"] - first["value"]) + abs(row["value"] - last["value"]))
        there, back = ("rises", "falls") if between["value"] > last["value"] else ("falls", "rises")
        return f"{there} from {start} to {between['value']:.2f} ({between['period']}) and {back} to {end}"
    if way := _way(first, last):
        return f"{way} from {start} to {end}"
    return f"in the last period cannot be distinguished from that in the first: {start}, {end}"


def _way(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """Whether a value lies beyond the interval of an earlier one and the other way round; empty where they overlap."""
    return "rises" if after["low"] > before["high"] else "falls" if after["high"] < before["low"] else ""


def trajectory_lines(indices: pd.DataFrame, index: str, axis: str) -> Figure | str:
    """One index over periods with its interval, for the whole regime; a hollow point has too few rows for a value."""
    data = indices[(indices["index"] == index) & (indices["krasner"] == "all") & (indices["component"] == "all")]
    if data.empty:
        return f"No row of this lineage enters the index of {axis}."
    data = data.assign(period=data["period"].map(dashed))
    base = alt.Chart(data).encode(x=alt.X("period:N", title="period", axis=UPRIGHT))
    y = alt.Y("low:Q", title=f"{axis} (0–1)", scale=UNIT)
    bars = base.mark_rule(strokeWidth=2, color=GREY).encode(y, y2="high:Q")
    line = base.mark_line(point=alt.OverlayMarkDef(size=80), color=BLUE).encode(y="value:Q")
    known = data.dropna(subset="value")
    if len(known) < 2:
        only = "".join(
            f": {r['value']:.2f} in {r['period']} (interval {r['low']:.2f}–{r['high']:.2f}, n = {r['n']})"
            for r in records(known)
        )
        few = f"{axis.capitalize()} has a value in {len(known)} of {len(data)} periods{only}"
        return f"{few}; the other periods have too few rows."
    title = f"{axis.capitalize()} {_course(records(known))}"
    words = f"{title}. " + " ".join(
        f"{r['period']}: {'too few rows' if pd.isna(r['value']) else format(r['value'], '.2f')} "
        f"({r['low']:.2f}–{r['high']:.2f}, n = {r['n']})."
        for r in records(data)
    )
    chart = (bars + line).properties(width=WIDTH, height=230)
    return Figure(chart, title, "Index by period; bars: intervals over rows", words)


def voting_chart(power: pd.DataFrame) -> Figure | str:
    """Share of votes, and Shapley–Shubik and Banzhaf power, a panel for each body that does not need unanimity."""
    weighted = power[power["quota"] != "1/1"]
    if power.empty:
        return "No voting rule is coded for this lineage."
    if weighted.empty:
        members = power["state"].nunique()
        return f"Every body of this lineage decides unanimously: each of {members} members has a veto and equal power."
    measures = {"vote_share": "share of votes", "shapley_shubik": "Shapley–Shubik", "banzhaf": "Banzhaf"}
    long = weighted.melt(["body", "state", "quota"], list(measures), "measure", "share").replace({"measure": measures})
    leader = weighted.sort_values("shapley_shubik", ascending=False, kind="stable").iloc[0]
    veto = "can block alone" if leader["veto"] else "cannot block alone"
    title = f"{leader['state']}, with {leader['vote_share']:.0%} of votes in the {leader['body']}, {veto}"
    names = list(measures.values())
    chart = alt.Chart(long).mark_bar().encode(
        alt.X("share:Q", title="share of power", axis=alt.Axis(format="%", tickCount=4)),
        rows_of("state", dict.fromkeys(weighted["state"])),
        alt.YOffset("measure:N", sort=names),
        alt.Color("measure:N", sort=names, title=None, scale=alt.Scale(range=[GREY, BLUE, ORANGE])),
    )  # fmt: skip
    chart = chart.properties(width=220, height=alt.Step(11)).facet(facet=alt.Facet("body:N", title=None), columns=2)
    chart = chart.resolve_scale(y="independent")
    wording = "; ".join(f"{r.body}, {r.state}: {r.shapley_shubik:.3f}" for r in weighted.itertuples())
    words = f"{title}. Shapley–Shubik index: {wording}."
    return Figure(chart, title, "Voting weight against voting power, by body", words)


def execution_chart(carried: pd.DataFrame) -> Figure | str:
    """Norms and bodies by what became of them, substance and procedure apart."""
    data = carried[carried["status"] != ""]
    if data.empty:
        return "No norm is in force in this period."
    counts = data.groupby(["aspect", "status"], as_index=False).size().rename(columns={"size": "norms"})
    reported = data[data["status"] != "not reported"]
    done = reported[reported["status"] == "carried out"].groupby("aspect").size()
    total = reported.groupby("aspect").size()
    parts = [f"{int(done.get(aspect, 0))} of {int(n)} norms of {aspect}" for aspect, n in total.items()]
    title = f"Carried out in full: {' and '.join(parts)}; {len(data) - len(reported)} are not reported" if parts else (
        "No outcome of a norm is reported"
    )  # fmt: skip
    chart = stacked(counts, alt.X("norms:Q", title="norms and bodies"), rows_of("aspect"), "status", STATUSES)
    chart = chart.properties(width=WIDTH - 80, height=80)
    words = f"{title}. " + " ".join(f"{r.aspect}, {r.status}: {r.norms}." for r in counts.itertuples())
    return Figure(chart, title, "Norms and bodies in force, by their reported outcome", words)


def codification_chart(norms: pd.DataFrame, instruments: pd.DataFrame) -> Figure | str:
    """Adopted norms by the instrument that carries them and its level on the last day of the period.

    norms: of :func:`deadletter.indices.codification.adopted_norms`. instruments: the table of instruments.
    """
    if norms.empty:
        return "No adopted norm is in force in this period."
    names = instruments.set_index("id")["name"]
    level = (norms["low"] * 3).round().astype(int)
    data = norms.assign(
        instrument=norms["instrument"].map(lambda one: names.get(one, "no instrument")),
        level=level.map(dict(enumerate(LEVELS))),
        rank=level,
    )
    counts = data.groupby(["instrument", "level", "rank"], as_index=False).size()
    firm = int((level == len(LEVELS) - 1).sum())
    unseen = int((norms["high"] > norms["low"]).sum())
    title = f"{firm} of {len(norms)} adopted norms rest on an instrument in force for all members"
    if unseen:
        title += f"; for {unseen} the day of entry into force was not found"
    order = counts.groupby("instrument")["size"].sum().sort_values(ascending=False, kind="stable").index.tolist()
    chart = alt.Chart(counts).mark_bar(stroke="#444444", strokeWidth=0.5)
    x, colour = whole("size", "adopted norms"), hues("level", LEVELS, SHADES, sort=list(LEVELS), legend=TWO_COLUMNS)
    facts = ["instrument", "level", "size"]
    chart = chart.encode(x, rows_of("instrument", order, 360), colour, order="rank:Q", tooltip=facts)
    chart = chart.properties(width=WIDTH - 270, height=alt.Step(row_height(order, 360, 20)))
    wording = "; ".join(f"{row.instrument}: {row.size} ({row.level})" for row in counts.itertuples(index=False))
    subtitle = "Adopted norms by instrument and its status on the last day of the period"
    return Figure(chart, title, subtitle, f"{title}. {wording}.")
