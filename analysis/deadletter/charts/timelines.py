"""Charts of how a regime came about: spells, events, plans and their survival."""

import altair as alt
import pandas as pd

from deadletter.charts.channels import PERCENT, UNIT, hues, row_height, rows_of
from deadletter.charts.figure import Figure
from deadletter.charts.theme import BLUE, CATEGORIES, GREY, VERMILION, WIDTH, enough
from deadletter.frames import records
from deadletter.indices.emergence import to_day
from deadletter.labels import counted

ENDS = {
    "none": "still a member",
    "succession": "carried over into the next regime",
    "termination": "regime ended",
    "non_renewal": "did not renew",
    "suspension": "suspended",
    "withdrawal": "withdrew",
}


def genealogy_chart(lineage: pd.DataFrame, horizon: str) -> Figure:
    """The lineage of regimes as bars along time, each with how it comes from the one before."""
    data = lineage.assign(
        start=to_day(lineage["from"]), end=to_day(lineage["to"]).fillna(pd.Timestamp(horizon)), note=lineage["relation"]
    )
    base = alt.Chart(data).encode(rows_of("regime", data["regime"]))
    bars = base.mark_bar(height=18, color=BLUE).encode(x=alt.X("start:T", title="year"), x2="end:T", tooltip=["name"])
    notes = base.mark_text(align="left", dx=4, dy=17, fontSize=11, color="#444444").encode(x="start:T", text="note:N")
    first, last = data.iloc[0], data.iloc[-1]
    years = last["start"].year - first["start"].year
    title = f"The {last['regime']} has no predecessor in the account"
    if len(data) > 1:
        title = f"The {last['regime']} followed {counted(len(data) - 1, 'earlier regime')} within {years} years"
    wording = "; ".join(f"{r['name']} from {r['start'].year}: {r['relation']}" for r in records(data))
    chart = (bars + notes).properties(width=WIDTH, height=44 * len(data))
    return Figure(chart, title, "Treaties and organisations of the lineage", f"{title}. {wording}.")


def membership_chart(spells: pd.DataFrame, names: pd.Series, lineage: list[str]) -> Figure:
    """Gantt chart of membership spells by state, coloured by regime, with the ends that members chose marked.

    ``names`` maps codes of states to names; ``lineage`` orders the regimes.
    """
    data = spells.assign(name=spells["state"].map(names), how=spells["exit"].map(ENDS))
    order = data.groupby("name")["start"].min().sort_values(kind="stable").index.tolist()
    base = alt.Chart(data).encode(rows_of("name", order))
    offset = alt.YOffset("regime:N", sort=lineage)
    colour = hues("regime", lineage, CATEGORIES[: len(lineage)], "regime", sort=lineage)
    x, facts = alt.X("start:T", title="year"), ["name", "regime", "label", "how"]
    bars = base.mark_bar(height=13).encode(x, colour, offset, x2="end:T", tooltip=facts)
    marks = base.transform_filter("datum.left").mark_point(shape="cross", size=90, filled=True, color="black", angle=45)
    marks = marks.encode(offset, x="end:T")
    left, members = data[data["left"]], data["state"].nunique()
    title = f"None of {members} members left of its own accord"
    if len(left):
        leaving = left["state"].nunique()
        title = f"{leaving} of {members} members left of {'its' if leaving == 1 else 'their'} own accord"
    leavers = "; ".join(f"{r['name']} {r['how']} ({r['regime']}, {r['end'].year})" for r in records(left))
    words = f"{title}. {counted(len(data), 'spell')} of {members} states in {', '.join(lineage)}."
    height = 26 * len(order) + 10 * data["regime"].nunique()
    chart = (bars + marks).properties(width=WIDTH - 40, height=height)
    return Figure(chart, title, "Membership spells; a cross marks an exit", f"{words} {leavers}".strip())


def timeline_chart(events: pd.DataFrame, lineage: list[str]) -> Figure | str:
    """Events as dots along time, a row for each kind of event, coloured by regime."""
    if events.empty:
        return "No dated event is coded for this lineage."
    data = events.assign(kind=events["type"].str.replace("_", " "))
    order = data["kind"].value_counts(sort=True).sort_index().sort_values(ascending=False, kind="stable").index.tolist()
    by_year = data["year"].value_counts().sort_index()
    peak = by_year.sort_values(ascending=False, kind="stable").index[0]
    scale = alt.Scale(domain=lineage, range=enough(CATEGORIES[: len(lineage)], lineage))
    x, colour = alt.X("day:T", title="year"), alt.Color("regime:N", sort=lineage, scale=scale)
    chart = alt.Chart(data).mark_circle(size=80, opacity=0.75)
    chart = chart.encode(x, rows_of("kind", order), colour, tooltip=["date", "label", "regime"])
    chart = chart.properties(width=WIDTH - 60, height=20 * len(order))
    title = f"{counted(len(data), 'dated event')}; the busiest year is {peak} with {by_year.max()}"
    top = ", ".join(f"{kind} {n}" for kind, n in data["kind"].value_counts().head(4).items())
    return Figure(chart, title, "Dated events, by kind", f"{title}. Most frequent kinds: {top}.")


def plans_chart(plans: pd.DataFrame) -> Figure | str:
    """Each plan as a line from announcement to execution, or to the horizon where it was never carried out."""
    if plans.empty:
        return "No plan is coded for this lineage."
    fates = {True: "carried out", False: "not carried out"}
    data = plans.assign(fate=plans["carried_out"].map(fates)).sort_values(["start", "id"])
    colour = hues("fate", fates.values(), [BLUE, VERMILION])
    base = alt.Chart(data).encode(rows_of("label", data["label"], 380))
    rules = base.mark_rule(strokeWidth=2).encode(x=alt.X("start:T", title="year"), x2="end:T", color=colour)
    dots = base.transform_filter("datum.carried_out").mark_circle(size=80).encode(x="end:T", color=colour)
    done, unknown = int(data["carried_out"].sum()), int((data["outcome_known"] != "yes").sum())
    title = f"{done} of {counted(len(data), 'plan')} were carried out"
    if unknown:
        title += f"; the outcome of {unknown} is not reported"
    median = data.loc[data["carried_out"], "years"].median()
    words = f"{title}" + (f"; half of those within {median:.1f} years." if done else ".")
    chart = (rules + dots).properties(width=WIDTH - 380, height=alt.Step(row_height(data["label"], 380, 19)))
    return Figure(chart, title, "From announcement to execution (dot) or to the horizon", words)


def survival_chart(curves: pd.DataFrame, title: str, subtitle: str, y_title: str, words: str) -> Figure:
    """Kaplan–Meier steps with a band of ± 1.96 Greenwood errors: columns years, share and se."""
    low, high = ((curves["share"] + z * curves["se"]).clip(0, 1) for z in (-1.96, 1.96))
    base = alt.Chart(curves.assign(low=low, high=high)).encode(x=alt.X("years:Q", title="years since the start"))
    y = alt.Y("low:Q", title=y_title, scale=UNIT, axis=PERCENT)
    band = base.mark_area(interpolate="step-after", opacity=0.18, color=GREY).encode(y, y2="high:Q")
    line = base.mark_line(interpolate="step-after", color=BLUE).encode(y="share:Q")
    return Figure((band + line).properties(width=WIDTH, height=220), title, subtitle, words)


def plans_survival_chart(curve: pd.DataFrame, plans: pd.DataFrame) -> Figure | str:
    """Share of plans still not carried out by the years since they were announced."""
    if plans.empty:
        return "No plan is coded for this lineage."
    share, years = curve[["share", "years"]].iloc[-1]
    title = f"{share:.0%} of plans are not carried out within {years:.0f} years of their announcement"
    done = int(plans["carried_out"].sum())
    words = f"Kaplan–Meier estimate over {len(plans)} plans, {done} of them carried out. {title}."
    return survival_chart(curve, title, "Plans not yet carried out (Kaplan–Meier)", "plans not carried out", words)


def attrition_chart(curve: pd.DataFrame, spells: pd.DataFrame) -> Figure:
    """Share of membership spells that still run by the years since they began."""
    share, left = curve["share"].iloc[-1], int(spells["left"].sum())
    title = f"{left} of {len(spells)} membership spells {'was' if left == 1 else 'were'} ended by the member"
    words = f"{title}; the Kaplan–Meier estimate of those that last falls to {share:.0%}."
    return survival_chart(curve, title, "Membership spells that last (Kaplan–Meier)", "spells that last", words)
