"""Charts of what states expect, whether norms are kept, which functions and roles a regime serves, and figures."""

import altair as alt
import pandas as pd

from deadletter.charts.channels import TOP, UPRIGHT, hues, row_height, rows_of, stacked, whole
from deadletter.charts.figure import Figure
from deadletter.charts.theme import BLUE, GREY, ORANGE, PURPLE, WIDTH, enough
from deadletter.frames import records
from deadletter.indices.compliance import TESTED
from deadletter.labels import dashed

KINDS = ["strategic", "both", "communicative"]
KIND = hues("kind", KINDS, [BLUE, GREY, ORANGE], sort=KINDS)


def wishes_chart(wishes: pd.DataFrame) -> Figure | str:
    """Wishes by state and outcome, coloured by kind; those whose outcome is not reported are apart."""
    if wishes.empty:
        return "No wish is coded for this lineage."
    met = {0.0: "not met", 0.5: "met in part", 1.0: "met"}
    data = wishes.assign(outcome=wishes["met"].map(lambda share: met.get(share, "not reported")))
    counts = data.groupby(["state", "outcome", "kind"], as_index=False).size().rename(columns={"size": "wishes"})
    known = data[data["outcome"] != "not reported"]
    unmet = int((known["outcome"] == "not met").sum())
    title = f"{unmet} of {len(known)} wishes with a reported outcome went unmet"
    if len(known) < len(data):
        title += f"; the outcome of {len(data) - len(known)} more is not reported"
    outcomes = alt.Column("outcome:N", sort=[*met.values(), "not reported"], title=None)
    chart = alt.Chart(counts).mark_bar().encode(whole("wishes", "wishes"), rows_of("state"), KIND, outcomes)
    chart = chart.properties(width=118, height=alt.Step(22))
    words = f"{title}. {(data['kind'] == 'strategic').mean():.0%} of all {len(data)} wishes are strategic."
    return Figure(chart, title, "Wishes by state, kind and outcome", words)


def compliance_chart(tests: pd.DataFrame) -> Figure | str:
    """Events that test a norm, by period and verdict: columns period and verdict, a row an event."""
    if tests.empty:
        return "No event of this lineage tests a coded norm."
    verdicts = list(TESTED)[::-1]
    counts = tests.groupby(["period", "verdict"], as_index=False).size().rename(columns={"size": "events"})
    counts["period"] = counts["period"].map(dashed)
    once = tests.drop_duplicates("id")
    broken, open_ = (int((once["verdict"] == verdict).sum()) for verdict in ("violated", "ambiguous"))
    title = f"{broken} of {len(once)} events that test a norm breach it"
    if open_:
        title += f"; {open_} {'is' if open_ == 1 else 'are'} ambiguous"
    chart = stacked(counts, whole("events", "events"), alt.Y("period:N", title="period"), "verdict", verdicts)
    chart = chart.properties(width=WIDTH - 70, height=alt.Step(30))
    words = f"{title}. " + " ".join(f"{r.period}, {r.verdict}: {r.events}." for r in counts.itertuples())
    return Figure(chart, title, "Events that test a norm in force, by period and verdict", words)


def functions_chart(rows: pd.DataFrame, period: str) -> Figure | str:
    """Strength of each function at work in a period, coloured by kind."""
    data = rows[rows["strength"] > 0].sort_values(["strength", "id"], ascending=[False, True])
    if data.empty:
        return "No function is at work in this period."
    period = dashed(period)
    s, k = data["strategic"].sum(), data["communicative"].sum()
    title = f"Communicative functions score {k:g}, strategic ones {s:g} (sums of strength)"
    x = alt.X("strength:Q", title="strength (0–3)", scale=alt.Scale(domain=[0, 3]), axis=alt.Axis(tickMinStep=1))
    chart = alt.Chart(data).mark_bar(height=12).encode(x, rows_of("label", data["label"], 380), KIND)
    chart = chart.properties(width=WIDTH - 315, height=alt.Step(row_height(data["label"], 380, 19)))
    words = f"{title} in {period}; the sum of strengths of {len(data)} functions, mixed ones split."
    return Figure(chart, title, f"Functions at work in {period}, by kind", words)


def roles_chart(roles: pd.DataFrame) -> Figure | str:
    """Who plays which role where: a mark for each state and role, its shape the arena, its colour the act."""
    if roles.empty:
        return "No role is coded for this lineage."
    words_only = int((roles["act"] == "words").sum())
    title = f"States enact {words_only} of {len(roles)} roles in words and the others by costly acts"
    counts = roles.groupby(["state", "role", "arena", "act"], as_index=False).size().rename(columns={"size": "times"})
    shapes = alt.Scale(domain=["regime", "bilateral"], range=["circle", "square"])
    base = alt.Chart(counts).mark_point(filled=False, strokeWidth=2.5)
    chart = base.encode(
        alt.X("state:N", title=None, axis=alt.Axis(labelAngle=-40)),
        rows_of("role"),
        alt.Shape("arena:N", title="arena", scale=shapes),
        hues("act", ["costly", "words"], [BLUE, ORANGE], "act"),
        alt.Size("times:O", title="roles", scale=alt.Scale(range=[60, 320])),
        alt.XOffset("act:N"),
        tooltip=["state", "role", "arena", "act", "times"],
    ).properties(width=WIDTH - 150, height=alt.Step(26))
    most = roles["role"].value_counts(sort=True)
    words = f"{title}. Most frequent role: {most.index[0]} ({most.iloc[0]})."
    return Figure(chart, title, "Roles by state; circles in the regime, squares in bilateral relations", words)


def figures_chart(figures: pd.DataFrame, subtitle: str) -> Figure | str:
    """Dated percentages that the article states, a line for each subject: columns year, subject and value.

    subtitle: what is a percentage of what.
    """
    if figures.empty:
        return ""
    data = figures.sort_values(["subject", "year"])
    ordered = records(data.sort_values("value", kind="stable"))
    low, high = (f"{r['value']:g}% ({r['subject']}, {r['year']:.0f})" for r in (ordered[0], ordered[-1]))
    title = f"{subtitle}: from {low} to {high}"
    colour = alt.Color(
        "subject:N",
        title=None,
        scale=alt.Scale(range=enough([BLUE, ORANGE, PURPLE, GREY], set(data["subject"]))),
        legend=TOP,
    )
    x, y = alt.X("year:O", title="year", axis=UPRIGHT), alt.Y("value:Q", title="per cent")
    chart = alt.Chart(data).mark_line(point=alt.OverlayMarkDef(size=70))
    chart = chart.encode(x, y, colour, tooltip=["subject", "year", "value"]).properties(width=WIDTH, height=230)
    words = f"{title}. " + "; ".join(f"{r.subject} {r.year:.0f}: {r.value:g}%" for r in data.itertuples())
    return Figure(chart, title, "Stated figures, by year", words)
