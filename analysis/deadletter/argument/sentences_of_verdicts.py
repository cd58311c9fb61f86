"""The argument in sentences and tables made from the values."""

from __future__ import annotations

import pandas as pd

from deadletter.argument.verdicts import CATEGORIES, NOT_TESTED, STANDINGS, standing

BASIS_WORDS = {
    "independent": "against statistics that are not in the article",
    "after": "against facts later than the article",
    "internal": "for coherence with rows coded from elsewhere in the article",
}


def tally_reading(claims: pd.DataFrame) -> str:
    """How many claims are decided, on which basis, and how they stand."""
    tested = claims[claims["verdict"] != NOT_TESTED]
    lines = [f"Of {len(claims)} claims {len(tested)} are tested and {len(claims) - len(tested)} are not.", ""]
    for basis, words in BASIS_WORDS.items():
        mine = tested[tested["basis"] == basis]
        if len(mine):
            told = ", ".join(f"{count} {verdict}" for verdict, count in mine["verdict"].value_counts().items())
            lines.append(f"- {len(mine)} {words}: {told}.")
    lines += ["", "Coherence with the article is no support from outside: the two are never added up."]
    return "\n".join(lines)


def standing_in(claims: pd.DataFrame, how: str, levels: tuple[str, ...] = ("thesis", "finding")) -> pd.DataFrame:
    """The claims of some levels that stand in one way, theses first.

    ``how`` is one of :data:`deadletter.argument.verdicts.STANDINGS`.
    """
    keep = (claims["verdict"].map(standing) == how) & claims["level"].isin(levels)
    rank = claims["level"].map({level: place for place, level in enumerate(levels)})
    return claims[keep].assign(rank=rank).sort_values(["rank", "id"], kind="stable").reset_index(drop=True)


def by_regime(claims: pd.DataFrame, level: str) -> pd.DataFrame:
    """How the claims of a level stand, by regime: one row a regime, one column each of ``STANDINGS``."""
    mine = claims[claims["level"] == level]
    counted = pd.crosstab(mine["regime"].replace("", "no regime"), mine["verdict"].map(standing))
    return counted.reindex(columns=list(STANDINGS), fill_value=0).reset_index()


def untested(claims: pd.DataFrame) -> pd.DataFrame:
    """Why claims stay untested: category, what it means, how many, and which."""
    mine = claims[claims["verdict"] == NOT_TESTED]
    grouped = mine.groupby("category")["id"].agg(count="size", which=" ".join).reset_index()
    grouped = grouped.assign(meaning=grouped["category"].map(CATEGORIES))
    return grouped.sort_values(["count", "category"], ascending=[False, True], ignore_index=True)


def disagreements(nodes: pd.DataFrame) -> pd.DataFrame:
    """Claims whose own test says another thing than their supports."""
    return nodes[nodes["disagree"]].reset_index(drop=True)
