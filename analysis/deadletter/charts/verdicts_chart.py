"""The argument drawn: which claims hold, on which basis, and what they rest on."""

from graphlib import TopologicalSorter

import altair as alt
import pandas as pd

from deadletter.argument.verdicts import standing
from deadletter.charts.channels import PERCENT, TOP, UNIT, hues, light_on, row_height, rows_of
from deadletter.charts.figure import Figure
from deadletter.charts.theme import WIDTH
from deadletter.labels import (
    ACCOUNT,
    BY_CHANCE,
    CONTRADICTED,
    FIRM,
    INSIDE,
    LEVELS,
    NOT_BORNE_OUT,
    NOT_TESTED,
    OUTSIDE,
    QUALIFIED,
    RECORD,
    VERDICT_WORDS,
)

# hue says how a claim stands; strong on the record and later facts, faint on the account alone
VERDICT_COLOURS = {
    OUTSIDE[1.0]: "#004b7a",
    INSIDE[1.0]: "#7db8dd",
    OUTSIDE[0.5]: "#8a7300",
    INSIDE[0.5]: "#e6cf5c",
    OUTSIDE[0.0]: "#9c2f00",
    INSIDE[0.0]: "#ee8a62",
    NOT_BORNE_OUT: "#f4c1a6",
    NOT_TESTED: "#d4d4d4",
}
SOURCE_NAMES = {ACCOUNT: "the account", RECORD: "the record"}
SHAPES = {"thesis": "square", "forecast": "triangle-up", "finding": "circle", "evidence": "circle"}
SIZES = {"thesis": 190, "forecast": 110, "finding": 80, "evidence": 30}
GRAPH_WIDTH = 700
_SIGNS = {FIRM: "+", QUALIFIED: "±", CONTRADICTED: "×", NOT_TESTED: "–"}
MANY = {FIRM: "stand firm", QUALIFIED: "are qualified", CONTRADICTED: "are contradicted", NOT_TESTED: "are untested"}


def _scale(present: pd.Series) -> alt.Color:
    shown = [verdict for verdict in VERDICT_COLOURS if verdict in set(present)]
    return alt.Color(
        "verdict:N",
        scale=alt.Scale(domain=shown, range=[VERDICT_COLOURS[verdict] for verdict in shown]),
        legend=alt.Legend(title=None, orient="bottom", columns=2, labelLimit=320, symbolType="square"),
    )


def tally(claims: pd.DataFrame) -> pd.DataFrame:
    """Number of claims by level, regime and verdict: columns level, regime, verdict, claims, order."""
    named = claims.assign(regime=claims["regime"].replace("", "several or none"))
    counted = named.groupby(["level", "regime", "verdict"]).size().reset_index(name="claims")
    return counted.assign(order=counted["verdict"].map(list(VERDICT_COLOURS).index))


def tally_chart(claims: pd.DataFrame) -> Figure:
    """How many claims of each level and regime hold, and on which basis."""
    data = tally(claims)
    how = claims["verdict"].map(standing).value_counts()
    tested = len(claims) - how.get(NOT_TESTED, 0)
    outside = int(claims["verdict"].isin(OUTSIDE.values()).sum())
    title = f"{tested} of {len(claims)} claims have a verdict, {outside} of them from outside the account"
    charts = []
    for level in (name for name in LEVELS if (data["level"] == name).any()):
        head = alt.TitleParams(level, fontSize=12, anchor="start", offset=4)
        x = alt.X("claims:Q", title="claims" if level == "evidence" else None, axis=alt.Axis(tickMinStep=1))
        bars = alt.Chart(data[data["level"] == level], title=head).mark_bar(stroke="white")
        facts = ["regime", "verdict", "claims"]
        bars = bars.encode(x, rows_of("regime"), _scale(data["verdict"]), order="order:Q", tooltip=facts)
        charts.append(bars.properties(width=WIDTH - 60, height=alt.Step(18)))
    counts = claims["verdict"].value_counts()
    words = "; ".join(f"{verdict}: {counts[verdict]}" for verdict in VERDICT_WORDS if verdict in counts)
    chart = alt.vconcat(*charts).resolve_scale(color="shared")
    subtitle = "Claims by level and regime; strong shades: record and later facts, faint ones: the account alone"
    return Figure(chart, title, subtitle, f"{title}. {words}.")


def sources_chart(claims: pd.DataFrame, level: str = "thesis") -> Figure:
    """The claims of a level by source: one row a claim, one column a source, diverging ones on top."""
    mine = claims[claims["level"] == level]
    stands = {source: mine[f"{source}_verdict"].map(standing) for source in SOURCE_NAMES}
    both = (stands[ACCOUNT] != NOT_TESTED) & (stands[RECORD] != NOT_TESTED)
    apart = both & (stands[ACCOUNT] != stands[RECORD])
    # where they part first, then where both speak, then the rest; by id within
    order = list(mine.assign(rank=2 - both.astype(int) - apart.astype(int)).sort_values(["rank", "id"])["id"])
    names = {row.id: f"{row.id} {row.claim}" for row in mine.itertuples()}
    claim = mine["id"].map(names)
    parts = [
        pd.DataFrame({"claim": claim, "source": name, "verdict": mine[f"{source}_verdict"],
                      "sign": stands[source].map(_SIGNS)})
        for source, name in SOURCE_NAMES.items()
    ]  # fmt: skip
    data = pd.concat(parts, ignore_index=True)
    x = alt.X("source:N", title=None, sort=list(SOURCE_NAMES.values()), axis=alt.Axis(orient="top", labelAngle=0))
    rows = rows_of("claim", [names[i] for i in order], 380)
    base = alt.Chart(data).encode(x, rows, tooltip=["claim", "source", "verdict"])
    tiles = base.mark_rect(stroke="white", strokeWidth=2).encode(_scale(data["verdict"]))
    dark = alt.FieldOneOfPredicate(field="verdict", oneOf=list(OUTSIDE.values()))
    signs = base.mark_text(fontSize=13).encode(text="sign:N", color=light_on(dark))
    chart = (tiles + signs).properties(width=WIDTH - 330, height=alt.Step(row_height(names.values(), 380, 26)))
    noun = {"thesis": "theses", "evidence": "evidence claims"}.get(level, f"{level}s")
    title = f"None of the {len(mine)} {noun} has a verdict on both the account and the record"
    if both.any():
        title = (
            f"Account and record diverge on {apart.sum()} of the {both.sum()} {noun} that both reach, of {len(mine)}"
        )
    wording = " ".join(
        f"{names[row.id]}: {row.account_verdict} (account), {row.record_verdict} (record)."
        for row in mine.set_index("id", drop=False).loc[order].itertuples()
    )
    subtitle = "+ holds, ± in part, × fails, – no verdict; diverging ones on top"
    return Figure(chart, title, subtitle, f"{title}. {wording}")


def layout(nodes: pd.DataFrame, edges: pd.DataFrame) -> pd.DataFrame:
    """The nodes with ``depth`` (steps above the lowest support) and ``x`` in 0–1, supports beneath what they support.

    nodes: with ``id``; in the order in which the lowest row is drawn. edges: ``from``, ``to``; others are ignored.
    """
    below: dict[str, list[str]] = {name: [] for name in nodes["id"]}
    for support, claim in zip(edges["from"], edges["to"], strict=True):
        if support in below and claim in below:
            below[claim].append(support)
    depth: dict[str, int] = {}
    for name in TopologicalSorter(below).static_order():
        depth[name] = 1 + max((depth[child] for child in below[name]), default=-1)
    rows: dict[int, list[str]] = {}
    for name in nodes["id"]:
        rows.setdefault(depth[name], []).append(name)
    x: dict[str, float] = {}
    order = {name: place / max(1, len(nodes) - 1) for place, name in enumerate(nodes["id"])}
    for level in sorted(rows):
        wished = {n: sum(x[c] for c in below[n]) / len(below[n]) if below[n] else order[n] for n in rows[level]}
        placed = _spread(sorted(wished.items(), key=lambda pair: (pair[1], order[pair[0]])))
        x.update(placed)
    return nodes.assign(depth=nodes["id"].map(depth), x=nodes["id"].map(x))


def _spread(wished: list[tuple[str, float]]) -> dict[str, float]:
    """Places near the wished ones, in their order, none closer than an even share of half the width."""
    gap = min(0.03, 1 / max(1, len(wished)))
    places: dict[str, float] = {}
    last = -1.0
    for name, wish in wished:
        places[name] = last = max(wish, last + gap)
    limit = 1.0  # from the right end back, where they go beyond it
    for name in reversed(places) if last > limit else ():
        places[name] = min(places[name], limit)
        limit = places[name] - gap
    return places


def graph_chart(nodes: pd.DataFrame, edges: pd.DataFrame, lineage: str) -> Figure | str:
    """The claims of one lineage of regimes: evidence at the foot, theses on top, each above what supports it."""
    mine = nodes[nodes["lineage"] == lineage].reset_index(drop=True)
    if mine.empty:
        return "No claim is made here."
    placed = layout(mine, edges)
    spots = placed.set_index("id")
    inner = edges[edges["from"].isin(spots.index) & edges["to"].isin(spots.index)]
    lines = pd.DataFrame({
        "x": spots.loc[inner["from"], "x"].to_numpy(), "y": spots.loc[inner["from"], "depth"].to_numpy(),
        "x2": spots.loc[inner["to"], "x"].to_numpy(), "y2": spots.loc[inner["to"], "depth"].to_numpy(),
        "kind": inner["necessary"].map({True: "necessary", False: "joint"}).to_numpy(),
    })  # fmt: skip
    axis = alt.Axis(title="steps above the lowest support", tickMinStep=1, grid=False)
    scale_x = alt.Scale(domain=[-0.02, 1.02])
    links = alt.Chart(lines).mark_rule(opacity=0.55).encode(
        x=alt.X("x:Q", axis=None, scale=scale_x), y=alt.Y("y:Q", axis=axis), x2="x2:Q", y2="y2:Q",
        color=alt.value("#8f8f8f"),
        strokeWidth=alt.StrokeWidth("kind:N", sort=(kinds := ["joint", "necessary"]),
                                    scale=alt.Scale(domain=kinds, range=[0.7, 2.0]), legend=None),
    )  # fmt: skip
    base = alt.Chart(placed).encode(x=alt.X("x:Q", axis=None, scale=scale_x), y=alt.Y("depth:Q", axis=axis))
    levels = [level for level in LEVELS if level in set(placed["level"])]
    dots = base.mark_point(filled=True, opacity=1, stroke="#3a3a3a", strokeWidth=0.7).encode(
        color=_scale(placed["verdict"]),
        shape=alt.Shape("level:N", scale=alt.Scale(domain=levels, range=[SHAPES[v] for v in levels]), legend=None),
        size=alt.Size("level:N", sort=levels, scale=alt.Scale(domain=levels, range=[SIZES[v] for v in levels]),
                      legend=None),
        tooltip=["id", "claim", "verdict", "basis"],
    )  # fmt: skip
    names = base.transform_filter(alt.datum.level == "thesis").mark_text(dy=-14, fontSize=11).encode(text="id:N")
    chart = (links + dots + names).properties(width=GRAPH_WIDTH, height=96 * (int(placed["depth"].max()) + 1))
    how = placed["verdict"].map(standing).value_counts()
    theses = placed[placed["level"] == "thesis"]
    wording = " ".join(f"{row.id}, {row.claim}: {row.verdict}." for row in theses.itertuples())
    who = ", ".join(sorted(set(placed["regime"]))) if lineage else "Across the lineages"
    counts = [f"{how[name]} {words}" for name, words in MANY.items() if name in how]
    title = f"{who}: of {len(placed)} claims {', '.join(counts)}"
    subtitle = "Each claim above its supports, thick: necessary; squares: theses, triangles: forecasts"
    return Figure(chart, title, subtitle, f"{title}. Theses: {wording}")


def shuffles_chart(placebo: pd.DataFrame) -> Figure | str:
    """The tests of the account that hold, by the share of shuffles of the ratings in which they hold as well.

    ``placebo``: columns claim, observed, share, draws and by_chance, as :mod:`deadletter.argument.placebo` has them.
    """
    data = placebo[(placebo["draws"] > 0) & (placebo["observed"] == "holds")]
    if data.empty:
        return ""
    marked = int((data["by_chance"] == "yes").sum())
    title = f"{marked} of {len(data)} tests that hold would also hold in most shuffles of the ratings"
    kinds = {"no": "does not hold by chance", "yes": BY_CHANCE}
    data = data.assign(kind=data["by_chance"].map(kinds))
    title_x = "share of shuffles in which the test holds"
    x = alt.X("share:Q", bin=alt.Bin(step=0.05), title=title_x, axis=PERCENT, scale=UNIT)
    y = alt.Y("count():Q", title="tests that hold on the ratings as they are", axis=alt.Axis(tickMinStep=1))
    colour = hues("kind", kinds.values(), [VERDICT_COLOURS[INSIDE[1.0]], VERDICT_COLOURS[OUTSIDE[0.0]]], legend=TOP)
    chart = alt.Chart(data[["claim", "share", "kind"]]).mark_bar(stroke="white").encode(x, y, colour)
    draws, mean = int(data["draws"].max()), data["share"].mean()
    subtitle = (
        f"{draws} seeded shuffles of the ratings within table and variable; a test to the right has little content"
    )
    lucky = ", ".join(sorted(data.loc[data["by_chance"] == "yes", "claim"]))
    words = f"{title}. A test that holds does so in {mean:.0%} of shuffles on average. By chance: {lucky or 'none'}."
    return Figure(chart.properties(width=WIDTH, height=240), title, subtitle, words)
