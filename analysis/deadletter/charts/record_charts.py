"""Charts and tables of the record: alignment, votes on crises, requests for help, opinion, shares of blocs, ranks.

Each shows nothing ("" or an empty frame) where the data have nothing for the regime up to the coding's horizon.
"""

from collections.abc import Mapping

import altair as alt
import numpy as np
import pandas as pd

from deadletter.alignment.cohesion import EVERYONE
from deadletter.chapter import Chapter
from deadletter.charts.channels import PERCENT, TOP, UNIT, UPRIGHT, hues, light_on, row_height, rows_of, spread_apart
from deadletter.charts.figure import Figure
from deadletter.charts.theme import BAD, BLACK, BLUE, CATEGORIES, GOOD, GREY, MIDDLE, ORANGE, PURPLE, UNKNOWN, WIDTH
from deadletter.frames import records, split_ids
from deadletter.indices.intervals import wilson_intervals
from deadletter.indices.selection import lineage_members, members_on

SAME, HALF, AGAINST, ABSENT = "the same vote", "one of the two abstained", "opposite votes", "absent"
HOW = {SAME: GOOD, HALF: MIDDLE, AGAINST: BAD, ABSENT: UNKNOWN}
_NONE = "."
WHOLE, AGREEMENT = "whole", "agreement"


def crisis_positions(chapter: Chapter) -> pd.DataFrame:
    """How the members of a regime voted on crises, compared with its promoter, up to the coding's horizon.

    Returns columns vote (date, conflict and resolution), date, state, cast (Y, N, A or .) and how (of :data:`HOW`): one
    row a roll-call and member other than the promoter on that day.
    """
    dataset, promoter = chapter.dataset, chapter.promoter
    columns = ["vote", "date", "state", "cast", "how"]
    if "crisis_votes" not in chapter.record_tables:
        return pd.DataFrame(columns=columns)
    places = dataset["voters"].set_index("iso3")["position"].astype(int)
    votes = dataset["rollcalls"].set_index("id")["votes"]
    crises = dataset["crisis_votes"]
    rows = []
    for crisis in records(crises[crises["date"] <= chapter.coding.as_of].sort_values("date")):
        stated = dict(pair.split(":") for pair in split_ids(crisis["votes"]))
        strings = votes.get(str(crisis["rollcall"])) if crisis["rollcall"] else None
        year = int(crisis["date"][:4])
        members = lineage_members(dataset, chapter.focal, year, year)
        if promoter not in members:
            continue
        cast = {s: strings[places[s] - 1] if strings else stated.get(s, "") for s in members if s in places.index}
        name = f"{crisis['date']} {crisis['conflict']}"
        rows += [
            {"vote": name, "date": crisis["date"], "state": state, "cast": cast[state],
             "how": _beside(cast[state], cast[promoter])}
            for state in sorted(cast)
            if state != promoter and cast[state]
        ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _beside(cast: str, promoter: str) -> str:
    if _NONE in (cast, promoter):
        return ABSENT
    return SAME if cast == promoter else HALF if "A" in (cast, promoter) else AGAINST


def crisis_votes_chart(positions: pd.DataFrame, names: Mapping[str, str], promoter: str) -> Figure | str:
    """Tiles of roll-calls on crises by member, coloured by agreement with the promoter; letters are votes.

    ``positions``: of :func:`crisis_positions`. ``names``: of states by code.
    """
    if positions.empty:
        return ""
    member, letter = positions["state"].map(names), positions["cast"].replace({_NONE: "–"})
    data = positions.assign(member=member, letter=letter)
    given = data[data["how"] != ABSENT]
    given = given.assign(same=given["how"] == SAME)
    same, leader = int(given["same"].sum()), names[promoter]
    title = f"Members cast {same} of {len(given)} votes on crises as {leader} did"
    by_state = given.groupby("member")["same"].agg(["sum", "size"])
    by_state = by_state.sort_values(["sum", "size"], ascending=[False, True])
    x = alt.X("member:N", title=None, sort=list(by_state.index), axis=alt.Axis(orient="top", labelAngle=0))
    base = alt.Chart(data).encode(x, rows_of("vote", dict.fromkeys(data["vote"]), 220))
    colour = hues("how", HOW, HOW.values(), sort=list(HOW), legend=alt.Legend(orient="bottom", columns=4, title=None))
    tiles = base.mark_rect(stroke="white", strokeWidth=2).encode(colour, tooltip=["vote", "member", "cast", "how"])
    dark = alt.FieldOneOfPredicate("how", [SAME, AGAINST])
    letters = base.mark_text(fontSize=12).encode(text="letter:N", color=light_on(dark))
    chart = (tiles + letters).properties(width=WIDTH - 150, height=alt.Step(row_height(data["vote"], 220, 22)))
    wording = "; ".join(f"{name} {row['sum']} of {row['size']}" for name, row in by_state.iterrows())
    subtitle = f"Votes of members and of {leader}: Y for, N against, A abstaining, – absent; blank: not known"
    return Figure(chart, title, subtitle, f"{title}. As {leader}, by member: {wording}.")


def crises_table(chapter: Chapter) -> tuple[pd.DataFrame, str]:
    """Crises in which a member was hit, with request and answer, and what they show in one sentence.

    Returns columns period, place, hit, attacker, request, answer, troops; and the caption.
    """
    if "crises" not in chapter.record_tables:
        return pd.DataFrame(), ""
    names, crises = chapter.state_names, chapter.dataset["crises"]
    crises = crises[crises["start"] <= chapter.coding.as_of]
    hit, years = [split_ids(cell) for cell in crises["ally_hit"]], crises["start"].str[:4].astype(int)
    mine = [
        not lineage_members(chapter.dataset, chapter.focal, year, year).isdisjoint(states)
        for states, year in zip(hit, years, strict=True)
    ]
    table = pd.DataFrame(
        {
            "period": crises["start"] + np.where(crises["end"] == crises["start"], "", " to " + crises["end"]),
            "place": crises["place"],
            "hit": [" and ".join(names.get(state, state) for state in states) for states in hit],
            "attacker": crises["attacker"].str.replace("_", " "),
            "request": crises["request"].str.capitalize().replace("None", "nobody"),
            "answer": crises["answer"],
            "troops": crises["troops_sent"],
        }
    )[mine].reset_index(drop=True)
    asked, sent = int((table["request"] != "nobody").sum()), int((table["troops"] == "yes").sum())
    caption = f"Members were hit in {len(table)} crises, asked for help in {asked}, and were sent troops in {sent}"
    return table, caption


def opinion_chart(chapter: Chapter) -> Figure | str:
    """Approval of a regime in its members by year, from the survey with most answers; bars are Wilson intervals.

    Where only a range of sample sizes is known, its lower end counts.
    """
    if "surveys" not in chapter.record_tables:
        return ""
    dataset, coding, focal = chapter.inputs
    surveys, members = dataset["surveys"], members_on(dataset, focal, coding.as_of)
    data = surveys[surveys["state"].isin(members) & (surveys["answer"] == "approve")]
    data = data[data["year"].astype(int) <= int(coding.as_of[:4])].astype({"year": int})
    if data.empty:
        return ""
    survey = data["survey"].value_counts().index[0]
    sample = pd.to_numeric(data["sample"].str.partition("-")[0])
    low, high = wilson_intervals(data["per_cent"] / 100 * sample, sample, coding.intervals.level)
    data = data.assign(name=data["state"].map(chapter.state_names), low=100 * low, high=100 * high)
    data = data[data["survey"] == survey].sort_values(["name", "year"])
    ends = data.loc[data.groupby("name")["year"].idxmax()]
    latest = ends[ends["year"] == ends["year"].max()].sort_values("per_cent")
    least, most = latest.iloc[0], latest.iloc[-1]
    first, last = (f"{one['per_cent']:.0f}% in {one['name']}" for one in (least, most))
    title = f"Approval in {most['year']}: from {first} to {last}"
    colour = hues("name", list(ends["name"]), CATEGORIES, legend=None)
    # one year more leaves room for labels
    through = alt.Scale(domain=list(range(int(data["year"].min()), int(data["year"].max()) + 2)))
    years = alt.X("year:O", title="year", axis=UPRIGHT, scale=through)
    base = alt.Chart(data).encode(years, colour)
    y = alt.Y("per_cent:Q", title="per cent who approve", scale=alt.Scale(zero=False))
    spread = base.mark_rule(opacity=0.45, strokeWidth=3).encode(alt.Y("low:Q"), y2="high:Q")
    lines = base.mark_line(point=True).encode(y)
    ends = ends.assign(per_cent=spread_apart(ends["per_cent"], 2.5))
    labels = alt.Chart(ends).mark_text(align="left", dx=8, fontSize=12).encode(years, y, colour, text="name:N")
    chart = (spread + lines + labels).properties(width=WIDTH, height=280)
    wording = "; ".join(f"{r['name']} {r['year']}: {r['per_cent']:.0f}%" for r in records(data))
    subtitle = f"{survey}; bars: {100 * coding.intervals.level:.0f}% Wilson intervals for the smallest stated sample"
    return Figure(chart, title, subtitle, f"{title}. {wording}.")


def blocs_chart(chapter: Chapter) -> Figure | str:
    """Share of mutual trade in the trade of blocs, in the year in which most can be compared with the regime."""
    if "blocs" not in chapter.record_tables:
        return ""
    dataset, coding, focal = chapter.inputs
    blocs = dataset["blocs"]
    blocs = blocs[(blocs["measure"] == "trade") & (blocs["from"] == blocs["to"])].astype({"from": int})
    mine = blocs[(blocs["bloc"] == focal) & (blocs["from"] <= int(coding.as_of[:4]))]
    if mine.empty:
        return ""
    counts = blocs[blocs["from"].isin(mine["from"])]["from"].value_counts()
    year = int(counts.index[0])
    data = blocs[blocs["from"] == year].sort_values(["per_cent", "bloc"], ascending=[False, True])
    own = float(mine.loc[mine["from"] == year, "per_cent"].iloc[0])
    above = int((data["per_cent"] > own).sum())
    less = f"less than in {above} of {len(data) - 1} blocs"
    title = f"Mutual trade is {own:.1f}% of the trade of the {focal} in {year}, {less}"
    data = data.assign(whose=np.where(data["bloc"] == focal, focal, "others"), label=data["kind"].str.replace("_", " "))
    base = alt.Chart(data).encode(rows_of("bloc", data["bloc"]), alt.X("per_cent:Q", title="mutual trade, per cent"))
    bars = base.mark_bar(height=14).encode(hues("whose", [focal, "others"], [ORANGE, GREY], legend=None))
    texts = base.mark_text(align="left", dx=4, fontSize=12).encode(text=alt.Text("per_cent:Q", format=".1f"))
    chart = (bars + texts).properties(width=WIDTH - 60, height=alt.Step(19))
    wording = "; ".join(f"{r['bloc']} {r['per_cent']:.1f}%" for r in records(data))
    return Figure(chart, title, f"Share of mutual trade in all trade of a bloc, {year}", f"{title}. {wording}.")


def _spelt(measure: str, dataset: str) -> str:
    """A measure in words, with the name of its data set as that is spelt."""
    names = {word.casefold(): word for word in dataset.split()}
    return " ".join(names.get(word, word) for word in measure.split("_"))


def ranks_chart(ranks: pd.DataFrame, lineage: list[str]) -> Figure | str:
    """Where founding instruments rank among like bodies and in the widest population: strict to lax reading.

    ranks: of the regimes of a lineage; columns of :func:`deadletter.alignment.declared.ranks_of`.
    """
    if ranks.empty:
        return ""
    mine = ranks[ranks["verified"] == "yes"]
    widest = mine.groupby("measure")["n"].transform("max") == mine["n"]
    data = mine[widest | (mine["like_bodies"] == "yes")].copy()
    low, high = data["below"].fillna(data["percentile"]), data["at_or_below"].fillna(data["percentile"])
    data = data.assign(
        low=low,
        high=high,
        order=data["regime"].map(lineage.index),
        group=data["group"] + data["n"].map(lambda n: f" ({n:.0f})"),
        measure=[_spelt(*pair) for pair in zip(data["measure"], data["dataset"], strict=True)],
    ).sort_values(["measure", "order"])
    regimes = [regime for regime in lineage if regime in set(data["regime"])]
    last = regimes[-1]
    own = data[data["regime"] == last]
    like = own[own["like_bodies"] == "yes"]
    best, among = (like, "like bodies") if len(like) else (own, "all bodies")
    half = int((best["low"] >= 0.5).sum())
    title = f"Among {among}, the {last} ranks above the median on {half} of {len(best)} measures, on the strict reading"
    data = data.assign(row=data["measure"] + ": " + data["group"])
    colours = hues("regime", regimes, [GREY, PURPLE, ORANGE, BLUE][-len(regimes) :], legend=TOP)
    rows = rows_of("row", dict.fromkeys(data["row"]), 360)
    base = alt.Chart(data).encode(rows, alt.YOffset("regime:N", sort=regimes), colours)
    x = alt.X("low:Q", title="share of the population below", scale=UNIT, axis=PERCENT)
    spans = base.mark_rule(strokeWidth=4, opacity=0.5).encode(x, x2="high:Q")
    dots = base.mark_circle(size=60, opacity=1).encode(x="percentile:Q", tooltip=["regime", "row", "percentile"])
    middle = alt.Chart(pd.DataFrame({"m": [0.5]})).mark_rule(strokeDash=[4, 3], color=GREY).encode(x="m:Q")
    # a row is divided among the regimes
    step = alt.Step(row_height(data["row"], 360, 18) // len(regimes) + 2)
    chart = (middle + spans + dots).properties(width=WIDTH - 300, height=step)
    wording = "; ".join(f"{r['regime']}, {r['measure']}, {r['group']}: {r['percentile']:.2f}" for r in records(data))
    subtitle = "Dot: mid-rank; bar: from the strict reading (share below) to the lax one (at or below)"
    return Figure(chart, title, subtitle, f"{title}. {wording}.")


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
    band = drawn[(drawn[list(of)] == pd.Series(of)).all(axis=1) & (drawn["group"] == chapter.focal)]
    band = band.dropna(subset="p10")
    leader, last = chapter.state_names[chapter.promoter], mine.iloc[-1]
    now = data[data["year"] == last["year"]].set_index("unit")["value"]
    everyone = next((f", all states on {now[name]:.0%}" for name in world if name in now), "")
    others = ", ".join(f"{name} {now[name]:.0%}" for name in beside if name in now)
    title = f"In {last['year']} members voted as {leader} did on {last['value']:.0%} of roll-calls{everyone}"
    shades = dict(zip(order, [BLUE, ORANGE, PURPLE, GREY, BLACK], strict=False))
    colour = hues("unit", shades, shades.values(), legend=None)
    first, final = int(mine["year"].min()), int(last["year"])
    # a third more on the right leaves room for labels, without years of its own
    span = alt.Scale(domain=[first, final + (final - first) / 3], nice=False)
    years = alt.Axis(format="d", values=list(range(first, final + 1, 1 + (final - first) // 10)))
    year, scale = alt.X("year:Q", title="year", axis=years, scale=span), alt.Scale(zero=False)
    share = alt.Y("value:Q", title=f"share of votes equal to those of {leader}", axis=PERCENT, scale=scale)
    spread = alt.Chart(band).mark_area(opacity=0.25, color=GREY).encode(year, y="p10:Q", y2="p90:Q")
    base = alt.Chart(data)
    bars = base.transform_filter(alt.datum.unit == chapter.focal).mark_rule(opacity=0.5, strokeWidth=3)
    bars = bars.encode(year, colour, y="low:Q", y2="high:Q")
    paths = base.mark_line().encode(year, share, colour)
    ends = data.loc[data.groupby("unit")["year"].idxmax()]
    ends = ends.assign(value=spread_apart(ends["value"], 0.045 * (data["high"].max() - data["low"].min())))
    labels = alt.Chart(ends).mark_text(align="left", dx=6, fontSize=12).encode(year, share, colour, text="unit:N")
    chart = (spread + bars + paths + labels).properties(width=WIDTH, height=320)
    above = band.set_index("year")["percentile"].get(last["year"])
    rank = "" if above is None or pd.isna(above) else f" It exceeds {above:.0%} of random groups in that year."
    wording = "; ".join(f"{r['year']}: {r['value']:.2f} ({r['low']:.2f}–{r['high']:.2f})" for r in records(mine))
    level = f"{100 * chapter.coding.intervals.level:.0f}%"
    subtitle = f"Whole resolutions; bars: {level} intervals over roll-calls; band: middle 80% of random groups"
    return Figure(chart, title, subtitle, f"{title}.{rank} In that year: {others}. {chapter.focal} by year: {wording}.")
