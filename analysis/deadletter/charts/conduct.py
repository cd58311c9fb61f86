"""Charts of what states expect, whether norms are kept, which functions and roles a regime serves, and figures."""

from __future__ import annotations

import altair as alt
import pandas as pd

from deadletter.charts.figure import Figure
from deadletter.charts.theme import BLUE, GREY, ORANGE, PURPLE, WIDTH, colours
from deadletter.indices.compliance import TESTED

KINDS = ["strategic", "both", "communicative"]
KIND_COLOURS = {"domain": KINDS, "range": [BLUE, GREY, ORANGE]}


def wishes_chart(wishes: pd.DataFrame) -> Figure | str:
    """Each wish as a dot: state by how far it was met, coloured by kind; wishes of unknown fate stand apart."""
    if wishes.empty:
        return "No wish is coded for this lineage."
    met = {0.0: "not met", 0.5: "met in part", 1.0: "met"}
    data = wishes.assign(fate=wishes["met"].map(met).fillna("not told"))
    counts = data.groupby(["state", "fate", "kind"], as_index=False).size().rename(columns={"size": "wishes"})
    known = data[data["fate"] != "not told"]
    share = (known["fate"] == "not met").mean() if len(known) else 0
    title = f"{share:.0%} of {len(known)} wishes whose fate is told were not met"
    chart = (
        alt.Chart(counts)
        .mark_bar()
        .encode(
            x=alt.X("wishes:Q", title="wishes", axis=alt.Axis(tickMinStep=1)),
            y=alt.Y("state:N", title=None),
            color=alt.Color("kind:N", sort=KINDS, title=None, scale=alt.Scale(**KIND_COLOURS)),
            column=alt.Column("fate:N", sort=[*met.values(), "not told"], title=None),
        )
        .properties(width=120, height=alt.Step(20))
    )
    strategic = (data["kind"] == "strategic").mean()
    words = f"{title}. {strategic:.0%} of all {len(data)} wishes are strategic."
    return Figure(chart, title, "Wishes by state, kind and fate", words)


def compliance_chart(tests: pd.DataFrame) -> Figure | str:
    """Events that test a norm, by period and verdict: columns period and verdict, a row an event."""
    if tests.empty:
        return "No event of this lineage tests a coded norm."
    verdicts = list(TESTED)[::-1]
    counts = tests.groupby(["period", "verdict"], as_index=False).size().rename(columns={"size": "events"})
    once = tests.drop_duplicates("id")
    violated, n = int((once["verdict"] == "violated").sum()), len(once)
    title = f"{violated} of {n} events that test a norm violate it"
    chart = (
        alt.Chart(counts)
        .mark_bar()
        .encode(
            x=alt.X("events:Q", title="events", axis=alt.Axis(tickMinStep=1)),
            y=alt.Y("period:N", title="period"),
            color=alt.Color("verdict:N", sort=verdicts, title=None, scale=alt.Scale(**colours(verdicts))),
            order=alt.Order("rank:Q"),
        )
        .transform_calculate(rank=f"indexof({verdicts!r}, datum.verdict)")
        .properties(width=WIDTH, height=alt.Step(30))
    )
    words = f"{title}. " + " ".join(f"{r.period}, {r.verdict}: {r.events}." for r in counts.itertuples())
    return Figure(chart, title, "Events by verdict; one that lasts counts in each of its periods", words)


def functions_chart(rows: pd.DataFrame, period: str) -> Figure | str:
    """Strength of each function at work in a period, coloured by kind."""
    data = rows[rows["strength"] > 0].sort_values(["strength", "id"], ascending=[False, True])
    if data.empty:
        return "No function is at work in this period."
    s, k = data["strategic"].sum(), data["communicative"].sum()
    title = f"Communicative functions weigh {k:g}, strategic ones {s:g}"
    chart = (
        alt.Chart(data)
        .mark_bar(height=12)
        .encode(
            x=alt.X("strength:Q", title="strength (0–3)", scale=alt.Scale(domain=[0, 3]), axis=alt.Axis(tickMinStep=1)),
            y=alt.Y("label:N", sort=list(data["label"]), title=None, axis=alt.Axis(labelLimit=380)),
            color=alt.Color("kind:N", sort=KINDS, title=None, scale=alt.Scale(**KIND_COLOURS)),
        )
        .properties(width=WIDTH - 240, height=alt.Step(19))
    )
    words = f"{title} in {period}; the sum of strengths of {len(data)} functions, mixed ones split."
    return Figure(chart, title, f"Functions at work in {period}, by kind", words)


def roles_chart(roles: pd.DataFrame) -> Figure | str:
    """Who plays which role where: a mark for each state and role, its shape the arena, its colour the act."""
    if roles.empty:
        return "No role is coded for this lineage."
    words_only = (roles["act"] == "words").mean()
    title = f"{words_only:.0%} of {len(roles)} roles are played in words, the others at a cost"
    counts = roles.groupby(["state", "role", "arena", "act"], as_index=False).size().rename(columns={"size": "times"})
    shapes = alt.Scale(domain=["regime", "bilateral"], range=["circle", "square"])
    chart = (
        alt.Chart(counts)
        .mark_point(filled=False, strokeWidth=2.5)
        .encode(
            x=alt.X("state:N", title=None, axis=alt.Axis(labelAngle=0)),
            y=alt.Y("role:N", title=None),
            shape=alt.Shape("arena:N", title="arena", scale=shapes),
            color=alt.Color("act:N", title="act", scale=alt.Scale(domain=["costly", "words"], range=[BLUE, ORANGE])),
            size=alt.Size("times:O", title="roles", scale=alt.Scale(range=[60, 320])),
            xOffset=alt.XOffset("act:N"),
            tooltip=["state", "role", "arena", "act", "times"],
        )
        .properties(width=WIDTH - 150, height=alt.Step(26))
    )
    most = roles["role"].value_counts(sort=True)
    words = f"{title}. Most frequent role: {most.index[0]} ({most.iloc[0]})."
    return Figure(chart, title, "Roles by state; circles in the regime, squares in bilateral relations", words)


def figures_chart(figures: pd.DataFrame, subtitle: str) -> Figure | str:
    """Dated percentages that the article states, a line for each subject: columns year, subject and value."""
    if figures.empty:
        return "The article states no dated percentage of this kind for this lineage."
    data = figures.sort_values(["subject", "year"])
    low = data.loc[data["value"].idxmin()]
    title = f"The lowest figure is {low['value']:g} % ({low['subject']}, {low['year']:.0f})"
    chart = (
        alt.Chart(data)
        .mark_line(point=alt.OverlayMarkDef(size=70))
        .encode(
            x=alt.X("year:O", title="year", axis=alt.Axis(labelAngle=0)),
            y=alt.Y("value:Q", title="per cent"),
            color=alt.Color("subject:N", title=None, scale=alt.Scale(range=[BLUE, ORANGE, PURPLE, GREY])),
            tooltip=["subject", "year", "value"],
        )
        .properties(width=WIDTH, height=230)
    )
    words = f"{title}. " + "; ".join(f"{r.subject} {r.year:.0f}: {r.value:g} %" for r in data.itertuples())
    return Figure(chart, title, subtitle, words)
