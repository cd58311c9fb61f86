"""Alignment as the data declare it: whose votes are compared with whose, and which bodies are ranked among others."""

from collections.abc import Callable
from dataclasses import replace

import pandas as pd

from deadletter.alignment.cohesion import EVERYONE
from deadletter.alignment.placebo import COLUMNS as RANDOM_COLUMNS
from deadletter.alignment.placebo import random_groups
from deadletter.alignment.table import COLUMNS, alignment_table
from deadletter.alignment.votes import SETS, Votes, read_votes, topics_of
from deadletter.coding.model import Coding
from deadletter.dataset.load import Dataset, derived
from deadletter.indices.selection import lineage_of, members_on

RANKED = ["regime", "body", "dataset", "concept", "measure", "as_of"]
PLACES = ["value", "n", "percentile", "below", "at_or_below", "p10", "p50", "p90"]
FORM = "form"


def votes_of(dataset: Dataset, coding: Coding) -> Votes:
    """The roll-calls up to the last day that a coding knows; each verified vote on a crisis has its conflict, in small
    letters, among its topics."""

    def read() -> Votes:
        votes = read_votes({name: dataset[name] for name in ("rollcalls", "voters")})
        crises = dataset["crisis_votes"]
        verified = crises[crises["verified"] == "yes"]
        conflicts = dict(zip(verified["rollcall"], verified["conflict"].str.lower(), strict=True))
        named = votes.rollcalls["id"].map(lambda rollcall: conflicts.get(rollcall, ""))
        topics = votes.rollcalls["topics"].str.cat(named, sep=";").str.strip(";")
        votes = replace(votes, rollcalls=votes.rollcalls.assign(topics=topics))
        return votes.where((votes.rollcalls["date"] <= coding.as_of).to_numpy())

    return dataset.once(("votes", coding.as_of), read)


def groups_of(dataset: Dataset, coding: Coding) -> pd.DataFrame:
    """Spells of the declared groups, without the states that a coding leaves out."""
    groups = dataset["groups"]
    return groups[~groups["state"].isin(coding.drop_states)]


def alignment_of(dataset: Dataset, coding: Coding) -> pd.DataFrame:
    """Agreement and cohesion for every declared anchor, group and state of a group, in every set of roll-calls and
    year: columns as :func:`~deadletter.alignment.table.alignment_table` has them.

    Raises InputError: an anchor, a rival or a member of a group is not among the voters.
    """

    def computed() -> pd.DataFrame:
        spells, chosen = groups_of(dataset, coding), coding.intervals
        named = set(spells["state"]) - {EVERYONE}

        def of_anchor(votes: Votes, anchor: str, rival: str) -> pd.DataFrame:
            states = sorted((named | {rival}) - {anchor, *coding.drop_states})
            return alignment_table(
                votes, anchor, states, spells, _sets(votes), rival=rival,
                draws=chosen.vote_draws, seed=chosen.seed, coverage=chosen.level,
            )  # fmt: skip

        return _for_each_anchor(dataset, coding, of_anchor, COLUMNS)

    return dataset.once(("alignment", coding.as_of, coding.drop_states, repr(coding.intervals)), computed).copy()


def random_groups_of(dataset: Dataset, coding: Coding) -> pd.DataFrame:
    """Every declared group among random groups of its size, for every anchor, set and year: columns as
    :func:`~deadletter.alignment.placebo.random_groups` has them, and ``anchor``."""
    chosen, spells = coding.intervals, groups_of(dataset, coding)
    spells = spells[~spells["group"].isin(spells.loc[spells["state"] == EVERYONE, "group"])]
    return _for_each_anchor(
        dataset, coding,
        lambda votes, anchor, rival: random_groups(
            votes, spells, _sets(votes), anchor=anchor, rival=rival, draws=chosen.vote_draws, seed=chosen.seed
        ).assign(anchor=anchor),
        [*RANDOM_COLUMNS, "anchor"],
    )  # fmt: skip


@derived
def ranks_of(dataset: Dataset) -> pd.DataFrame:
    """Ranks of bodies in outside populations, as published, a row for each reference group.

    Where a scale has few points, many are equal: ``below`` is the share with less, ``at_or_below`` also counts what is
    equal, and the percentile is their mean; both are NaN where the share at or above is unknown.

    Returns columns regime, body, dataset, concept, measure, as_of (what is ranked), id, coded_by, like_bodies,
    verified, group, those of :data:`PLACES`; and for what is ranked the ``strict`` reading, its lowest percentile over
    the groups, and the ``lax`` one, the highest, with the first group that gives it.
    """

    ranks = dataset["ranks"].drop(columns=["scale", "page", "note"])
    below = 1 - ranks.pop("share_at_or_above")
    both = (2 * ranks["percentile"] - below).clip(below, 1.0)
    ranks = ranks.assign(below=below, at_or_below=both)
    ranks = ranks[[*(column for column in ranks if column not in PLACES), *PLACES]]
    percentiles = ranks.groupby(RANKED, sort=False, dropna=False)["percentile"]
    for reading, at in (("strict", percentiles.transform("idxmin")), ("lax", percentiles.transform("idxmax"))):
        ranks[reading] = ranks["percentile"].loc[at].to_numpy()
        ranks[f"{reading}_group"] = ranks["group"].loc[at].to_numpy()
    return ranks


@derived
def rank_of_form(dataset: Dataset, focal: str, day: str) -> tuple[float, float]:
    """Strict and lax reading of how much form the founding instrument of a lineage has among its like, in [0, 1].

    Over all verified measures of form and their reference groups, for the latest regime of the lineage that has members
    on a day; NaN where nothing ranks it.
    """

    alive = [regime for regime in lineage_of(dataset, focal) if members_on(dataset, regime, day)]
    ranks = ranks_of(dataset)
    mine = ranks[ranks["regime"].isin(alive[-1:]) & (ranks["concept"] == FORM) & (ranks["verified"] == "yes")]
    return float(mine["strict"].min()), float(mine["lax"].max())


def _for_each_anchor(
    dataset: Dataset, coding: Coding, of_anchor: Callable[[Votes, str, str], pd.DataFrame], columns: list[str]
) -> pd.DataFrame:
    """Tables of every declared anchor below each other; without any, an empty table of these columns."""
    anchors = dataset["anchors"]
    if anchors.empty or dataset["rollcalls"].empty:
        return pd.DataFrame(columns=columns)
    votes = votes_of(dataset, coding)
    pairs = zip(anchors["anchor"], anchors["rival"], strict=True)
    return pd.concat([of_anchor(votes, anchor, rival) for anchor, rival in pairs], ignore_index=True)


def _sets(votes: Votes) -> list[str]:
    return [*SETS, *topics_of(votes)]
