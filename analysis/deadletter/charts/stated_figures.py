"""The text's figures compared with independent ones."""

from __future__ import annotations

import altair as alt
import pandas as pd

from deadletter.charts.channels import hues, rows_of
from deadletter.charts.figure import Figure
from deadletter.charts.theme import BLUE, VERMILION, WIDTH

VERDICTS = {"agrees": BLUE, "differs": VERMILION}


def statements_chart(trade: pd.DataFrame) -> Figure | str:
    """Each statement with a figure of its own: the independent figure as a dot, the article's as a tick."""
    data = trade[(trade["role"] == "statement") & (trade["relation"] == "=") & trade["verdict"].isin(VERDICTS)]
    if data.empty:
        return ""
    differs = int((data["verdict"] == "differs").sum())
    title = f"{differs} of {len(data)} figures differ from independent statistics"
    base = alt.Chart(data).encode(rows_of("term", data["term"], 380))
    colour = hues("verdict", VERDICTS, VERDICTS.values())
    x = alt.X("estimate:Q", title="per cent")
    gap = base.mark_rule(strokeWidth=2).encode(x=x, x2="article_value:Q", color=colour)
    ours = base.mark_circle(size=90, opacity=1).encode(x=x, color=colour, tooltip=["term", "estimate", "why"])
    theirs = base.mark_tick(thickness=3, size=14, color="black").encode(x="article_value:Q")
    chart = (gap + theirs + ours).properties(width=WIDTH - 240, height=alt.Step(20))
    wording = " ".join(f"{r.term}: {r.article_value:g} against {r.estimate:.1f}." for r in data.itertuples())
    subtitle = "Dot: independent figure; black tick: the text's"
    return Figure(chart, title, subtitle, f"{title}. Article against statistics: {wording}")


def statements_reading(trade: pd.DataFrame) -> str:
    """What the statistics say of the statements, in sentences made from the values."""
    wording = trade[trade["role"] == "statement"]
    if wording.empty:
        return ""
    count = wording["verdict"].value_counts()
    lines = [
        f"Of {len(wording)} quantitative statements, {count.get('agrees', 0)} agree with independent figures, "
        f"{count.get('differs', 0)} differ and {count.get('not testable', 0)} cannot be tested here.",
        "",
    ]
    lines += [f"- {r.term}: {r.why}." for r in wording[wording["verdict"] == "differs"].itertuples()]
    return "\n".join(lines)
