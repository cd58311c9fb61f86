"""Charts and prose of trade shares, what moved them, and what moved trade; all from rows of trade.csv.

A chart or reading of a regime without such rows is "", which shows nothing.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from deadletter.charts.channels import TOP, YEARS, hues, row_height, rows_of
from deadletter.charts.figure import Figure
from deadletter.charts.theme import BLUE, GREEN, GREY, ORANGE, PURPLE, VERMILION, WIDTH, enough
from deadletter.frames import records
from deadletter.labels import p_value

VERDICTS = {"agrees": BLUE, "differs": VERMILION}
COUNTED = {"twice": "mutual trade counted twice", "once": "mutual trade counted once"}
FACTORS = {
    "exchange_rate": "exchange rates",
    "deflator": "GDP-deflator prices",
    "real_gdp": "real GDP",
    "trade_to_gdp": "trade to GDP",
}


def answers(lines: Mapping[str, Iterable[str]]) -> str:
    """Sentences under the questions that they answer, as Markdown; questions without an answer are left out."""
    answered = {question: "\n".join(f"- {line}" for line in found) for question, found in lines.items()}
    return "\n\n".join(f"**{question}**\n\n{found}" for question, found in answered.items() if found)


def of_question(trade: pd.DataFrame, question: str) -> pd.DataFrame:
    """The estimated rows of one question, by id."""
    return trade[(trade["question"] == question) & (trade["role"] == "estimate")].set_index("id")


def intra_share_chart(trade: pd.DataFrame) -> Figure | str:
    """The members' intra share by year under both conventions, with the shares that the article states."""
    rows = of_question(trade, "share_by_year")
    if rows.empty:
        return ""
    data = rows.assign(counted=rows["convention"].map(COUNTED)).dropna(subset=["estimate"]).astype({"year": int})
    stated = trade[trade["convention"].isin(COUNTED) & (trade["relation"] == "=")].astype({"year": int})
    gap = (stated["estimate"] - stated["article_value"]).abs().groupby(stated["role"]).max()
    title = _shares_title(gap, data)
    years = alt.X("year:Q", title="year", axis=YEARS)
    colour = hues("counted", COUNTED.values(), [BLUE, ORANGE], legend=TOP)
    y = alt.Y("estimate:Q", title="share in the members' trade, per cent", scale=alt.Scale(zero=True))
    lines = alt.Chart(data).mark_line(point=True).encode(years, y, colour)
    style = alt.MarkDef("point", shape="diamond", size=130, filled=False, color="black", strokeWidth=2, opacity=1)
    ticks = alt.Chart(stated[stated["role"] == "statement"], mark=style).encode(x="year:Q", y="article_value:Q")
    chart = (lines + ticks).properties(width=WIDTH, height=260)
    wording = "; ".join(f"{r.term}: {r.estimate:.1f}%" for r in data.itertuples())
    return Figure(chart, title, "Diamonds: stated shares. Gaps: years with a missing flow", f"{title}. {wording}.")


def _shares_title(gap: pd.Series, data: pd.DataFrame) -> str:
    if {"statement", "variant"} <= set(gap.index):
        return (
            f"The stated shares lie within {gap['statement']:.1f} points of those counted twice, "
            f"up to {gap['variant']:.1f} from those counted once"
        )
    last = data[data["year"] == data["year"].max()].set_index("counted")["estimate"]
    return f"The members' share in {data['year'].max()}: " + ", ".join(f"{v:.1f}% ({k})" for k, v in last.items())


def decomposition_chart(trade: pd.DataFrame) -> Figure | str:
    """Contributions of four factors to the change of the founders' mutual exports, by exporter."""
    rows = of_question(trade, "decomposition").dropna(subset=["estimate"])
    if rows.empty:
        return "" if of_question(trade, "gravity").empty else "Mutual exports never fell from a peak in the sample."
    sums = _sums(rows)
    change, sums = sums["change"], sums.drop("change")
    most = str(sums.abs().idxmax())
    title = f"Exports changed by {change:+.1f} billion USD, to which {FACTORS[most]} contributed {sums[most]:+.1f}"
    cells = rows.dropna(subset=["exporter"])
    cells = cells.assign(factor=cells["factor"].map(FACTORS), billion=cells["estimate"] / 1000)
    x, shades = alt.X("billion:Q", title="contribution, billion USD"), [BLUE, ORANGE, GREEN, PURPLE, GREY]
    colour = alt.Color("exporter:N", title="exporter", scale=alt.Scale(range=enough(shades, set(cells["exporter"]))))
    chart = alt.Chart(cells).mark_bar()
    chart = chart.encode(x, rows_of("factor", FACTORS.values()), colour, tooltip=["exporter", "factor", "billion"])
    chart = chart.properties(width=WIDTH - 100, height=alt.Step(34))
    wording = "; ".join(f"{FACTORS[str(name)]} {value:.1f}" for name, value in sums.items())
    words = f"{title}. Contributions in billion USD: {wording}."
    subtitle = f"Exports of the founders to each other, {_span(rows)}; the parts add up exactly"
    return Figure(chart, title, subtitle, words)


def trade_reading(trade: pd.DataFrame) -> str:
    """What shares, decomposition and break tests say, in sentences made from the values, under their questions."""
    change, split = of_question(trade, "share_change"), of_question(trade, "decomposition")
    breaks = of_question(trade, "break")["estimate"]
    dates = []
    if "break.sup_f" in breaks.index:
        dated = [f"{year:.0f}" for year in breaks[of_question(trade, "break")["unit"] == "year"]]
        found = f"from {', '.join(dated)}" if dated else "none by BIC"
        p, power = breaks["break.sup_f_bootstrap"], breaks["break.sup_f_power"]
        dates = [
            f"New levels of the founders' share: {found}; a shift at any date has {p_value(p)} (bootstrap).",
            f"The test finds a shift of one standard deviation with probability {power:.2f}.",
        ]
    steps = of_question(trade, "interrupted")
    shifts = [
        f"With oil and exchange rates held constant, the step of {r['year']:.0f} "
        f"{'is' if r['low'] * r['high'] > 0 else 'is not'} distinguishable from zero "
        f"({r['estimate']:+.2f} logs, {r['low']:+.2f} to {r['high']:+.2f})."
        for r in records(steps.dropna(subset=["year"]))
    ]
    if "interrupted.power" in steps.index:
        power, size = (steps["estimate"].loc[f"interrupted.{name}"] for name in ("power", "size"))
        found = f"with probability {power:.2f} and a false one with {size:.2f}"
        shifts.append(f"The test finds an effect of 0.2 logs {found}.")
    return answers(
        {
            "What moved the members' share?": _share_sentence(change.dropna(subset=["estimate"])),
            "What moved the founders' exports to each other?": _fall_sentence(split.dropna(subset=["estimate"])),
            "When did the share change?": dates,
            "Did it change with the steps of integration?": shifts,
        }
    )


def _share_sentence(change: pd.DataFrame) -> list[str]:
    if len(change) != 3:
        return []
    logit, mutual, outside = change.set_index("factor")["estimate"][["logit", "mutual", "outside"]]
    moved = "rose" if logit > 0 else "fell"
    larger = "trade with outsiders" if abs(outside) > abs(mutual) else "mutual trade"
    why = f"mostly because {larger} {'grew' if max(outside, mutual, key=abs) > 0 else 'fell'}"
    return [
        f"The members' share {moved} from {_span(change)}: mutual trade {_percent(mutual)}, trade with outsiders "
        f"{_percent(outside)}; {why}."
    ]


def _fall_sentence(split: pd.DataFrame) -> list[str]:
    if split.empty:
        return []
    sums = _sums(split)
    parts = ", ".join(f"{label} {sums[name]:+.1f}" for name, label in FACTORS.items())
    return [f"Founders' mutual exports changed by {sums['change']:+.1f} billion USD, {_span(split)}: {parts}."]


def _sums(split: pd.DataFrame) -> pd.Series:
    """Contributions of each factor over all exporters, and their sum ``change``, billion USD."""
    return split[split["exporter"].isna()].set_index("factor")["estimate"] / 1000


def _span(rows: pd.DataFrame) -> str:
    return f"{rows['base_year'].iloc[0]:.0f} to {rows['year'].iloc[0]:.0f}"


def _percent(logs: float) -> str:
    return f"{100 * np.expm1(logs):+.1f}%"


def stated(row: Mapping[str, Any]) -> str:
    """What a statement says of its figure: the figure, or on which side of one it lies; empty where it says none."""
    if pd.isna(row["article_value"]):
        return ""
    return {"=": "", "<": "below ", ">": "above "}[row["relation"]] + f"{row['article_value']:g}"


def statements_table(trade: pd.DataFrame) -> pd.DataFrame:
    """The statements, with what each says of its figure in the column ``stated``."""
    return trade.assign(stated=[stated(row) for row in records(trade)])


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
    chart = (gap + theirs + ours).properties(width=WIDTH - 285, height=alt.Step(row_height(data["term"], 380, 20)))
    wording = " ".join(f"{r.term}: {r.article_value:g} against {r.estimate:.1f}." for r in data.itertuples())
    subtitle = "Dot: independent figure; black tick: stated figure"
    return Figure(chart, title, subtitle, f"{title}. Stated figure against statistics: {wording}")


def statements_reading(trade: pd.DataFrame) -> str:
    """What the statistics say of the statements, in sentences made from the values."""
    statements = trade[trade["role"] == "statement"]
    if statements.empty:
        return ""
    count = statements["verdict"].value_counts()
    opening = (
        f"Of {len(statements)} quantitative statements, {count.get('agrees', 0)} agree with independent figures, "
        f"{count.get('differs', 0)} differ and {count.get('not testable', 0)} cannot be tested here.\n"
    )
    differing = records(statements[statements["verdict"] == "differs"])
    return "\n".join([opening, *(f"- {row['term'][:1].upper()}{row['term'][1:]}: {row['why']}." for row in differing)])
