"""The argument in sentences and tables made from the values."""

import pandas as pd

from deadletter.argument.verdicts import standing
from deadletter.labels import ACCOUNT, AFTER, BASIS_WORDS, BY_CHANCE, CATEGORIES, LEVELS, NOT_TESTED, RECORD, STANDINGS


def tally_reading(claims: pd.DataFrame) -> str:
    """How many claims each source decides, and how they stand."""
    tested = int((claims["verdict"] != NOT_TESTED).sum())
    lines = [f"Of {len(claims)} claims {tested} have a verdict on at least one source.", ""]
    for source, how in BASIS_WORDS.items():
        mine = claims[f"{source}_verdict"]
        mine = mine[mine != NOT_TESTED]
        if len(mine):
            counts = ", ".join(f"{count} {verdict}" for verdict, count in mine.value_counts().items())
            lines.append(f"- {len(mine)} {how}: {counts}.")
    lines += ["", "Coherence with the account is not support from outside: the two are never added up."]
    return "\n".join(lines)


def diverging_claims(claims: pd.DataFrame, levels: tuple[str, ...] = LEVELS) -> pd.DataFrame:
    """Claims whose standing differs between account and record, largest difference first.

    Returns the claims with ``how``, which says in what way, theses on top.
    """
    # places in STANDINGS, from firm to contradicted
    account, record = (
        claims[f"{source}_verdict"].map(standing).map(STANDINGS.index).astype(int) for source in (ACCOUNT, RECORD)
    )
    better = {True: "the account holds better than the record",
              False: "the record supports the claim better than the account"}  # fmt: skip
    compared = claims.assign(how=(account < record).map(better), gap=(account - record).abs())
    return _by_level(decided_by_both(compared[account != record]), levels, "gap").drop(columns="gap")


def decided_by_both(claims: pd.DataFrame) -> pd.DataFrame:
    """The claims that have a verdict on the account and on the record."""
    return claims[(claims["account_verdict"] != NOT_TESTED) & (claims["record_verdict"] != NOT_TESTED)]


def _by_level(claims: pd.DataFrame, levels: tuple[str, ...], *by: str) -> pd.DataFrame:
    """The claims of some levels in the order of these, then by columns (largest first), then by id."""
    chosen = claims[claims["level"].isin(levels)]
    ordered = chosen.assign(_rank=chosen["level"].map(levels.index)).sort_values(
        ["_rank", *by, "id"], ascending=[True, *(False for _ in by), True], kind="stable", ignore_index=True
    )
    return ordered.drop(columns="_rank")


def divergence_reading(claims: pd.DataFrame) -> str:
    """Where the two sources diverge, in sentences; and how much can be compared at all."""
    theses = diverging_claims(claims, ("thesis",))
    both, apart = decided_by_both(claims), diverging_claims(claims)
    lines = [f"{len(both)} claims have a verdict on both sources; on {len(apart)} of them the sources diverge.", ""]
    for row in theses.itertuples():
        lines.append(f"- {row.id}, {row.claim}: {row.account_verdict} ({ACCOUNT}), {row.record_verdict} ({RECORD}).")
    return "\n".join(lines)


def coverage(claims: pd.DataFrame) -> pd.DataFrame:
    """How many claims each source reaches, by level and regime: columns level, regime, claims, account, record, after,
    neither."""
    sources = [ACCOUNT, RECORD, AFTER]
    reached = (claims[[f"{source}_verdict" for source in sources]] != NOT_TESTED).set_axis(sources, axis=1)
    counted = reached.astype(int).assign(claims=1, neither=(~reached.any(axis=1)).astype(int))
    keys = [
        claims["level"].map(LEVELS.index).rename("rank"),
        claims["level"],
        claims["regime"].replace("", "several or none"),
    ]
    return counted.groupby(keys)[["claims", *sources, "neither"]].sum().reset_index().drop(columns="rank")


def placebo_reading(placebo: pd.DataFrame) -> str:
    """How many tests of the account hold, how many do on shuffled ratings, and which of them hold by chance as well."""
    repeated = placebo[placebo["draws"] > 0]
    if repeated.empty:
        return "No test of the account reads a rating, and none was repeated."
    held, draws = int((repeated["observed"] == "holds").sum()), int(repeated["draws"].max())
    marked = list(repeated.loc[repeated["by_chance"] == "yes", "claim"])
    return (
        f"{len(repeated)} of {len(placebo)} tests of the account read ratings. {held} of these hold; in {draws} "
        f"shuffles of the ratings {repeated['share'].sum():.0f} hold on average.\n\n"
        f"{len(marked)} of the {held} hold by chance as well{': ' + ', '.join(marked) if marked else ''}."
    )


def by_chance(placebo: pd.DataFrame, claims: pd.DataFrame) -> pd.DataFrame:
    """The tests that hold by chance as well, those first that do so most often, with ``label``, the claim in words."""
    labels = claims.set_index("id")["claim"]
    marked = placebo[placebo["by_chance"] == "yes"].sort_values(["share", "claim"], ascending=[False, True])
    return marked.assign(label=marked["claim"].map(labels)).reset_index(drop=True)


def with_placebo(claims: pd.DataFrame, placebo: pd.DataFrame) -> pd.DataFrame:
    """The claims with ``chance``: marked where the test of the account holds by chance as well."""
    marked = set(placebo.loc[placebo["by_chance"] == "yes", "claim"])
    return claims.assign(chance=[BY_CHANCE if claim in marked else "" for claim in claims["id"]])


def standing_in(claims: pd.DataFrame, how: str, levels: tuple[str, ...] = ("thesis", "finding")) -> pd.DataFrame:
    """The claims of some levels with one standing on the strongest source that decided, theses first.

    ``how`` is one of :data:`deadletter.labels.STANDINGS`.
    """
    return _by_level(claims[claims["verdict"].map(standing) == how], levels)


def by_regime(claims: pd.DataFrame, level: str) -> pd.DataFrame:
    """How the claims of a level stand, by regime: one row a regime, one column each of ``STANDINGS``."""
    mine = claims[claims["level"] == level]
    counted = pd.crosstab(mine["regime"].replace("", "several or none"), mine["verdict"].map(standing))
    return counted.reindex(columns=list(STANDINGS), fill_value=0).reset_index()


def untested(claims: pd.DataFrame) -> pd.DataFrame:
    """Why claims stay untested: category, what it means, how many, and which."""
    mine = claims[claims["verdict"] == NOT_TESTED]
    grouped = mine.groupby("category")["id"].agg(count="size", which=" ".join).reset_index()
    grouped = grouped.assign(meaning=grouped["category"].map(CATEGORIES))
    return grouped.sort_values(["count", "category"], ascending=[False, True], ignore_index=True)


def disagreements(nodes: pd.DataFrame) -> pd.DataFrame:
    """Claims whose own test and supports give different verdicts."""
    return nodes[nodes["disagree"]].reset_index(drop=True)
