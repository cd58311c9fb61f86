"""How often members of a regime vote as its promoter does, compared with the world, others and random groups."""

from __future__ import annotations

import altair as alt
import pandas as pd

from deadletter.alignment.cohesion import EVERYONE
from deadletter.chapter import Chapter
from deadletter.charts.channels import hues, spread_apart
from deadletter.charts.figure import Figure
from deadletter.charts.theme import BLACK, BLUE, GREY, ORANGE, PURPLE, WIDTH
from deadletter.frames import records
from deadletter.indices.selection import members_on

WHOLE, AGREEMENT = "whole", "agreement"


def alignment_chart(chapter: Chapter) -> Figure | str:
    """Agreement of a regime's members with its promoter in each year; "" where the regime is not a declared group.

    The other lines are the declared groups that share no state with the regime on the coding's last day, and all
    states; the band holds the middle 80 per cent of random groups of the regime's size.
    """
    table, drawn = chapter.alignment, chapter.random_groups
    of = {"vote_set": WHOLE, "measure": AGREEMENT, "anchor": chapter.promoter}
    lines = table[(table[list(of)] == pd.Series(of)).all(axis=1)] if len(table) else table
    if lines.empty or chapter.focal not in set(lines["unit"]):
        return ""
    spells = chapter.dataset["groups"]
    members = members_on(chapter.dataset, chapter.focal, chapter.coding.as_of)
    inside = set(spells.loc[spells["state"].isin(members), "group"])
    world = spells.loc[spells["state"] == EVERYONE, "group"].unique()
    beside = [name for name in spells["group"].unique() if name not in inside]
    order = [chapter.focal, *beside]
    mine = lines[lines["unit"] == chapter.focal].sort_values("year")
    data = lines[lines["unit"].isin(order) & (lines["year"] >= mine["year"].min())].sort_values(["unit", "year"])
    band = drawn[(drawn[list(of)] == pd.Series(of)).all(axis=1) & (drawn["group"] == chapter.focal)].dropna(
        subset="p10"
    )
    leader, last = chapter.state_names[chapter.promoter], mine.iloc[-1]
    now = data[data["year"] == last["year"]].set_index("unit")["value"]
    everyone = next((f", all states on {now[name]:.0%}" for name in world if name in now), "")
    others = ", ".join(f"{name} {now[name]:.0%}" for name in beside if name in now)
    title = f"In {last['year']} members voted as {leader} did on {last['value']:.0%} of roll-calls{everyone}"
    shades = dict(zip(order, [BLUE, *(shade for shade, _ in zip([ORANGE, PURPLE, GREY, BLACK], beside, strict=False))],
                      strict=False))  # fmt: skip
    colour = hues("unit", shades, shades.values(), legend=None)
    year = alt.X("year:Q", title="year", axis=alt.Axis(format="d", tickMinStep=1),
                 scale=alt.Scale(domain=[int(mine["year"].min()), int(last["year"]) + 5], nice=False))  # fmt: skip
    share = alt.Y("value:Q", title=f"share of votes equal to those of {leader}", axis=alt.Axis(format="%"),
                  scale=alt.Scale(zero=False))  # fmt: skip
    spread = alt.Chart(band).mark_area(opacity=0.25, color=GREY).encode(year, y="p10:Q", y2="p90:Q")
    base = alt.Chart(data)
    bars = base.transform_filter(alt.datum.unit == chapter.focal).mark_rule(opacity=0.5, strokeWidth=3)
    bars = bars.encode(year, colour, y="low:Q", y2="high:Q")
    paths = base.mark_line().encode(year, share, colour)
    ends = data.loc[data.groupby("unit")["year"].idxmax()]
    height = 0.045 * (data["high"].max() - data["low"].min())
    ends = ends.assign(value=spread_apart(ends["value"], height))
    labels = alt.Chart(ends).mark_text(align="left", dx=6, fontSize=12).encode(year, share, colour, text="unit:N")
    chart = (spread + bars + paths + labels).properties(width=WIDTH, height=320)
    above = band.set_index("year")["percentile"].get(last["year"])
    rank = "" if above is None or pd.isna(above) else f" It exceeds {above:.0%} of random groups in that year."
    wording = "; ".join(f"{r['year']}: {r['value']:.2f} ({r['low']:.2f}–{r['high']:.2f})" for r in records(mine))
    level = f"{100 * chapter.coding.intervals.level:.0f}%"
    subtitle = f"Whole resolutions; bars: {level} intervals over roll-calls; band: middle 80% of random groups"
    return Figure(chart, title, subtitle, f"{title}.{rank} In that year: {others}. {chapter.focal} by year: {wording}.")
