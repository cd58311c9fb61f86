"""What a chapter or a thesis says in four sentences, and what would change it; made from the values alone."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pandas as pd

from deadletter.argument.sentences_of_verdicts import decided_by_both, diverging_claims
from deadletter.chapter import ArgumentView, Chapter
from deadletter.charts.figure import Figure
from deadletter.frames import records, titled
from deadletter.labels import (
    ACCOUNT,
    CELL_NAMES,
    CELL_PREDICATES,
    INSIDE,
    MEASURE_NAMES,
    NOT_BORNE_OUT,
    NOT_TESTED,
    OUTSIDE,
    RECORD,
    counted,
    share_in_words,
)
from deadletter.results import by_measure
from deadletter.templating import plain

# a verdict as what a source does to a claim, in the order in which sentences list them
SUBJECTS = {ACCOUNT: "The rows", RECORD: "The record"}
PREDICATES = {
    ACCOUNT: {
        INSIDE[1.0]: "are consistent with",
        INSIDE[0.5]: "are in tension with",
        INSIDE[0.0]: "contradict",
        NOT_BORNE_OUT: "do not confirm at these anchors",
        NOT_TESTED: "do not decide",
    },
    RECORD: {
        OUTSIDE[1.0]: "supports",
        OUTSIDE[0.5]: "partly supports",
        OUTSIDE[0.0]: "does not support",
        NOT_TESTED: "does not decide",
    },
}
NOT_RUN = "The multiverse was not run (`deadletter multiverse`), so nothing is known about other defensible codings"
# one, and several
LEVEL_NAMES = {
    "thesis": ("thesis", "theses"),
    "forecast": ("forecast", "forecasts"),
    "finding": ("finding", "findings"),
    "evidence": ("piece of evidence", "pieces of evidence"),
}
FACT_COLUMNS = {"date": "date", "what": "fact", "claim": "claim", "bearing": "bearing", "source": "source"}
ERRATA_COLUMNS = {"id": "id", "what": "what", "where": "where", "evidence": "evidence"}


def chapter_summary(chapter: Chapter, notebook: str, found: Iterable[Figure | str]) -> str:
    """What is claimed, what the rows say, what the record says, and how firm that is, as a Markdown list.

    found: figures of the chapter, whose titles state what the rows show, or sentences.
    """
    claims = chapter.claims.set_index("id", drop=False)
    named = claims.loc[chapter.about(notebook)["claims"]]
    shown = claims[claims["notebook"] == notebook]
    titles = [item.title if isinstance(item, Figure) else item.rstrip(".") for item in found]
    placed = _whole(chapter.placement, "basis", "expectation")
    label = placed.sort_values("period")["label"].iloc[-1] if len(placed) else ""
    says = "; ".join(f"*{plain(row['claim'])}* ({row['id']})" for row in records(named))
    return _listed(
        ("What is claimed", says or "no claim that this chapter tests"),
        ("What the rows say", ". ".join([*titles, *_predicates(named, ACCOUNT)])),
        ("What the record says", ". ".join([*_predicates(named, RECORD), decided(shown, RECORD)])),
        ("How firm this is", across_codings(chapter.shares, chapter.focal, "expectation", label)),
    )


def _whole(placement: pd.DataFrame, column: str, value: str) -> pd.DataFrame:
    """Placements of whole regimes with a value in a column."""
    return placement[(placement["component"] == "all") & (placement[column] == value)]


def _listed(*parts: tuple[str, str]) -> str:
    return "\n".join(f"- **{head}:** {text}." for head, text in parts)


def _predicates(claims: pd.DataFrame, source: str) -> list[str]:
    """What a source does to some claims: the rows are consistent with c1 and c2 and do not decide c3."""
    of = {verdict: list(group["id"]) for verdict, group in claims.groupby(f"{source}_verdict", sort=False)}
    wording = [f"{does} {_and(of[verdict])}" for verdict, does in PREDICATES[source].items() if verdict in of]
    return [f"{SUBJECTS[source]} {_and(wording)}"] if wording else []


def _and(parts: list[str]) -> str:
    return f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else parts[0]


def decided(claims: pd.DataFrame, source: str) -> str:
    """How many claims a source decides, and how."""
    counts = claims[f"{source}_verdict"].value_counts()
    known = {verdict: int(n) for verdict, n in counts.items() if verdict != NOT_TESTED}
    wording = f": {', '.join(f'{n} {verdict}' for verdict, n in known.items())}" if known else ""
    return f"The {source} decides {sum(known.values())} of the {len(claims)} claims tested here{wording}"


def across_codings(shares: pd.DataFrame | None, regime: str, basis: str, label: str) -> str:
    """In what share of the multiverse's codings a regime is placed where, and its label under this coding."""
    here = f". Under this coding the {regime} is {CELL_PREDICATES[label]} by {basis}" if label else ""
    if shares is None:
        return NOT_RUN + here
    mine = shares[(shares["regime"] == regime) & (shares["component"] == "all") & (shares["basis"] == basis)]
    if mine.empty:
        return f"The multiverse does not place the {regime}{here}"
    ordered = mine[mine["share"] > 0].sort_values(["share", "label"], ascending=[False, True])
    placed = [f"{CELL_PREDICATES[row['label']]} in {share_in_words(row['share'])}" for row in records(ordered)]
    count = f"{mine['universes'].sum():,}"
    return f"By {basis}, the {regime} is {_and(placed)} of {count} defensible codings{here}"


def what_would_change(chapter: Chapter, notebook: str, bases: Iterable[str] = ()) -> str:
    """Anchors at which placements flip, bounds that leave them open, and claims that a small change would turn.

    ``bases``: those whose placement in the last period the chapter concerns.
    """
    last, wanted = records(_whole(chapter.placement, "period", chapter.last.period)), set(bases)
    lines = [_turning(row, chapter) for row in last if row["basis"] in wanted]
    nodes = records(chapter.nodes[chapter.nodes["notebook"] == notebook])
    margin, chains = chapter.coding.argument.margin, [(n["id"], s, n[s]) for n in nodes for s in (ACCOUNT, RECORD)]
    thin = [
        f"{name} ({chain['margin']:.2f} from its criterion)"
        for name, _, chain in chains
        if chain["margin"] is not None and chain["margin"] <= margin
    ]
    apart = [f"{name} ({source})" for name, source, chain in chains if chain["disagree"]]
    open_ = sum(all(node[source]["verdict"] == NOT_TESTED for source in (ACCOUNT, RECORD)) for node in nodes)
    if thin:
        lines.append(f"A small change turns claims with thin margins: {', '.join(thin)}.")
    if apart:
        names = ", ".join(apart)
        lines.append(f"A claim's own test and its supports disagree, so that either could turn it: {names}.")
    if open_:
        of = f"{open_} of the {len(nodes)} claims whose tests this chapter shows"
        lines.append(f"No source decides {of}: more rows or records might.")
    return "\n".join(f"- {line}" for line in lines or ["No claim or placement of this chapter lies close to a limit."])


def _turning(row: Mapping[str, Any], chapter: Chapter) -> str:
    """What would change one placement: the crossovers that flip it, or the bounds that leave it open."""
    basis, label = row["basis"], CELL_NAMES[row["label"]]
    crossover = getattr(chapter.coding.calibration, basis).crossover
    formal = (MEASURE_NAMES[row["measure"]], "formalisation", row["formalisation_crossover"])
    axes = (formal, (basis, "basis", crossover))
    if row["label"] == "missing":
        return f"By {basis} the regime is {label}: more rows would place it."
    if row["label"] == "not_identified":
        across = [
            f"{name} between {low:.2f} and {high:.2f}, across its crossover of {cross:.2f}"
            for name, axis, cross in axes
            for low, high in [(row[f"{axis}_low"], row[f"{axis}_high"])]
            if low < cross < high
        ]
        return f"By {basis} the regime is {label}: what is ambiguous or unreported leaves {' and '.join(across)}."
    flips = [
        f"{'above' if flip > cross else 'below'} {flip:.2f} for {name} (now {cross:.2f})"
        for name, axis, cross in axes
        for flip in [row[f"flips_{axis}"]]
        if not pd.isna(flip)
    ]
    turn = f"changes with a crossover {' or '.join(flips)}" if flips else ""
    return f"By {basis} the placement as {label} {turn or 'holds for every crossover between the anchors'}."


def own_placements(chapter: Chapter) -> pd.DataFrame:
    """Where the article and where its rows place a regime: one row a claim and period.

    Returns columns id, claim, period, one for each measure of formalisation with the label by expectation and its flip
    anchor, account and record, the verdicts.
    """
    keys = ["component", "period", "measure", "basis"]
    placed = {tuple(row[key] for key in keys): row for row in records(chapter.placements)}
    rows = []
    for node in records(chapter.nodes):
        for regime, component, first, last, _, basis in _placements_read(node):
            here = {}
            for measure in MEASURE_NAMES:
                row = placed[component, f"{first}/{last}", measure, basis]
                flip = row["flips_formalisation"]
                here[measure] = CELL_NAMES[row["label"]] + ("" if pd.isna(flip) else f" (flips at {flip:.2f})")
            verdicts = {source: node[source]["verdict"] for source in (ACCOUNT, RECORD)}
            where = {"period": f"{first}–{last}", "basis": basis, "regime": regime}
            rows.append({"id": node["id"], "claim": node["claim"], **where, **here, **verdicts})
    return pd.DataFrame(rows, columns=["id", "claim", "period", "basis", *MEASURE_NAMES, ACCOUNT, RECORD, "regime"])


def _placements_read(node: Mapping[str, Any]) -> list[list[str]]:
    """The parts of the names of the placements that the test of a claim on the account reads."""
    cells = (cell.partition(" ") for cell in node[ACCOUNT]["cells"])
    return [where.split("/") for file, _, where in cells if file == "placement.csv"]


def errata_of(chapter: Chapter, notebook: str) -> pd.DataFrame:
    """The errata of the article that concern a chapter's claims; columns of the table of errata."""
    errata, titles = chapter.dataset["errata"], chapter.dataset.section_titles
    errata = errata[errata["id"].isin(chapter.about(notebook)["errata"])].reset_index(drop=True)
    return errata.assign(**{one: [titled(cell, titles) for cell in errata[one]] for one in ("where", "evidence")})


def facts_of(chapter: Chapter, notebook: str) -> pd.DataFrame:
    """Dated facts of the record on the theses and findings whose tests a notebook shows, up to the horizon.

    Returns columns claim, bearing, date, what, source, verified; by date.
    """
    claims = chapter.claims
    shown = claims.loc[(claims["notebook"] == notebook) & (claims["level"] != "evidence"), "id"]
    bearings, facts = chapter.dataset["bearings"], chapter.dataset["record_facts"]
    found = bearings[bearings["claim"].isin(shown)].merge(facts, left_on="record", right_on="id")
    part = found["sign"].map({"for": "supports a part", "against": "contradicts a part"})
    bearing = found["bearing"].mask(found["bearing"] == "part", part).replace("open", "leaves it open")
    found = found.assign(bearing=bearing)
    return found[found["date"] <= chapter.coding.as_of].sort_values(["date", "claim", "record"], ignore_index=True)


def argument_summary(argued: ArgumentView, placebo: pd.DataFrame) -> str:
    """The four sentences on the whole argument."""
    claims = argued.claims
    counts = claims["level"].value_counts()
    levels = ", ".join(f"{n} {LEVEL_NAMES[str(level)][n != 1]}" for level, n in counts.items())
    both, apart = len(decided_by_both(claims)), len(diverging_claims(claims))
    repeated = placebo[placebo["draws"] > 0]
    chance = int((repeated["by_chance"] == "yes").sum())
    last = by_measure(_whole(argued.placement, "basis", "expectation"), argued.coding)
    last = last.sort_values("period").drop_duplicates("regime", keep="last")
    firm = [
        across_codings(argued.shares, row["regime"], "expectation", row["label"] if argued.shares is not None else "")
        for row in records(last.sort_values("regime"))
    ]
    by_chance = f"Of {len(repeated)} tests that read ratings, {chance} hold by chance as well"
    diverge = f"Of {both} claims that both sources decide, they diverge on {apart}"
    return _listed(
        ("What is claimed", f"The argument has {len(claims)} claims: {levels}"),
        ("What the rows say", decided(claims, ACCOUNT)),
        ("What the record says", f"{decided(claims, RECORD)}. {diverge}"),
        ("How firm this is", ". ".join([by_chance, *dict.fromkeys(firm)])),
    )


def what_would_turn(argued: ArgumentView) -> str:
    """Theses whose own test and supports disagree on a source, and those that a source leaves open."""
    theses = records(argued.nodes[argued.nodes["level"] == "thesis"])
    lines = []
    for source in (ACCOUNT, RECORD):
        split = [node["id"] for node in theses if node[source]["disagree"]]
        if split:
            lines.append(
                f"On the {source}, the test of its own and the supports differ for {', '.join(split)}: either may turn "
                "the verdict."
            )
        open_ = [node["id"] for node in theses if node[source]["verdict"] == NOT_TESTED]
        if open_:
            more = {ACCOUNT: "more coded rows", RECORD: "more records"}[source]
            lines.append(f"The {source} decides nothing on {', '.join(open_)}: {more} might.")
    return "\n".join(f"- {line}" for line in lines)


def thesis_summaries(argued: ArgumentView, placebo: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """The same four sentences for every thesis: its claim, and a Markdown list."""
    shares = argued.shares
    for node in records(argued.nodes[argued.nodes["level"] == "thesis"]):
        rests = sum(argued.edges["to"] == node["id"])
        regime = f" ({node['regime']})" if node["regime"] else ""
        none = NOT_RUN if shares is None else "No placement enters the test, so the multiverse does not vary it"
        placed = [across_codings(shares, focal, basis, "") for focal, *_, basis in _placements_read(node)]
        firm = [_by_chance(placebo, node["id"]), *(placed or [none])]
        yield (
            f"{node['id']}{regime}: {node['claim']}",
            _listed(
                ("What is claimed", f"the thesis, which rests on {counted(rests, 'other claim')}"),
                ("What the rows say", _verdict_with_reason(node, ACCOUNT)),
                ("What the record says", _verdict_with_reason(node, RECORD)),
                ("How firm this is", ". ".join(dict.fromkeys(firm))),
            ),
        )


def _verdict_with_reason(node: Mapping[str, Any], source: str) -> str:
    chain = node[source]
    wording = f"{SUBJECTS[source]} {PREDICATES[source][chain['verdict']]} the claim"
    return f"{wording}. {chain['reason'].rstrip('.')}" if chain["reason"] else wording


def _by_chance(placebo: pd.DataFrame, claim: str) -> str:
    for row in records(placebo[(placebo["claim"] == claim) & (placebo["draws"] > 0)]):
        return f"The test on the account holds in {row['share']:.0%} of {row['draws']:.0f} shuffles of the ratings"
    return "No rating enters the test on the account, so shuffling ratings is not informative"
