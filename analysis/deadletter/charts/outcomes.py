"""Forecasts over the years that followed, and the model of the last period compared with later conduct."""

import altair as alt
import pandas as pd

from deadletter.argument.forecast_rules import last_day
from deadletter.argument.forecasts import NOT_SUPPORTED, OPEN, PARTLY, SUPPORTED
from deadletter.charts.channels import UNIT, YEARS, hues, row_height, rows_of
from deadletter.charts.figure import Figure
from deadletter.charts.theme import BAD, BLACK, GOOD, MIDDLE, UNKNOWN, WIDTH
from deadletter.frames import split_ids
from deadletter.labels import day_in_words

COLOURS = {SUPPORTED: GOOD, PARTLY: MIDDLE, NOT_SUPPORTED: BAD, OPEN: UNKNOWN}
SIDES = {"facts_for": "for", "facts_against": "against"}


def tally(forecasts: pd.DataFrame) -> str:
    """How many verdicts of each kind, in words."""
    counts = forecasts["verdict"].value_counts()
    return ", ".join(f"{counts[verdict]} {verdict}" for verdict in COLOURS if verdict in counts)


def deciding_facts(forecasts: pd.DataFrame, facts: pd.DataFrame) -> pd.DataFrame:
    """The facts that met a rule: columns forecast, side, id, date, label, source, page, by date."""
    rows = [
        {"claim": row["claim"], "side": side, "id": fact}
        for row in forecasts[["claim", *SIDES]].fillna("").to_dict("records")
        for column, side in SIDES.items()
        for fact in split_ids(row[column])
    ]
    named = pd.DataFrame(rows, columns=["claim", "side", "id"])
    merged = named.merge(facts[["id", "date", "label", "source", "page"]], on="id")
    return merged.sort_values(["date", "id", "claim"], ignore_index=True)


def forecasts_chart(history: pd.DataFrame, forecasts: pd.DataFrame, facts: pd.DataFrame) -> Figure | str:
    """Each forecast's verdict as it stood at the end of each year, with the facts that met its rules.

    history: verdicts by ``year``; forecasts: verdicts on the last known day; facts: with ``date`` and ``label``.
    """
    if forecasts.empty:
        return "No forecast is coded for this lineage."
    as_of = forecasts["as_of"].iloc[0]
    if history.empty:
        known = f"Known up to {day_in_words(as_of)}: no later fact"
        return f"{known}, so each of its {len(forecasts)} forecasts is open."
    title = f"{len(forecasts)} forecasts by {day_in_words(as_of)}: {tally(forecasts)}"
    bands = history.assign(start=history["year"].astype(float), end=history["year"] + 1.0)
    span = alt.Scale(domain=[int(bands["start"].min()), int(bands["end"].max())], nice=False, zero=False)
    years = alt.X("start:Q", title="year", axis=YEARS, scale=span)
    rows = rows_of("claim", forecasts["claim"], 330)
    colour = hues("verdict", COLOURS, COLOURS.values(), "verdict", sort=list(COLOURS))
    strips = alt.Chart(bands).mark_bar(height=18, opacity=0.55, stroke="white")
    strips = strips.encode(years, rows, colour, x2="end:Q", tooltip=["claim", "year", "verdict"])
    dots = deciding_facts(forecasts, facts)
    day = pd.to_datetime(dots["date"].map(last_day))
    dots = dots.assign(at=day.dt.year + (day.dt.day_of_year - 1) / 366)
    sides = alt.Scale(domain=["for", "against"], range=["triangle-up", "cross"])
    marks = alt.Chart(dots).mark_point(size=60, filled=True, opacity=1, color=BLACK)
    shape = alt.Shape("side:N", title="fact", scale=sides)
    marks = marks.encode(rows, shape, x="at:Q", tooltip=["date", "label", "side"])
    chart = (strips + marks).properties(width=WIDTH - 300, height=alt.Step(row_height(forecasts["claim"], 330, 30)))
    wording = " ".join(f"{r.claim}: {r.verdict}." for r in forecasts.itertuples())
    subtitle = "Shade: the verdict at the end of each year; marks: facts that met a rule, on their last possible day"
    return Figure(chart, title, subtitle, f"{title}. {wording}")


def model_chart(checks: pd.DataFrame) -> Figure | str:
    """Expectation and compliance of the last coded period and the share of norms kept in later tests."""
    data = checks[checks["check"].isin(["expectation", "compliance"])]
    known = data[data["verdict"] != OPEN]
    if known.empty:
        return "Too few later tests of norms are known to judge what the last coded period led one to expect."
    spans = {"check": "of", "expected": "value", "expected_low": "least", "expected_high": "most"}
    later = known.iloc[:1].assign(of="kept later").rename(columns={"later": "value", "low": "least", "high": "most"})
    drawn = pd.concat([known.rename(columns=spans), later])[["of", "value", "least", "most"]]
    drawn = drawn.assign(value=pd.to_numeric(drawn["value"]))
    kept = {"value": drawn["value"].iloc[-1], "n": known["n"].iloc[0]}
    title = f"{kept['value']:.0%} of {kept['n']:.0f} later tests count as kept: " + ", ".join(
        f"{row.check} {row.verdict}" for row in known.itertuples()
    )
    base = alt.Chart(drawn).encode(rows_of("of", drawn["of"]))
    spans = base.mark_rule(strokeWidth=2).encode(x=alt.X("least:Q", title="share (0–1)", scale=UNIT), x2="most:Q")
    dots = base.mark_circle(size=110, opacity=1, color=GOOD).encode(x="value:Q", tooltip=list(drawn))
    chart = (spans + dots).properties(width=WIDTH - 160, height=alt.Step(34))
    wording = " ".join(f"{reason[:1].upper()}{reason[1:]}." for reason in known["reason"].astype(str))
    subtitle = "Last coded period against later facts, with intervals; the facts are a selection, so descriptive only"
    return Figure(chart, title, subtitle, f"{title}. {wording}")
