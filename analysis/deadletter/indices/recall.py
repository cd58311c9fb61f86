"""Do coders make the same things a unit? Units of the list and units found freely, matched by place in the text."""

from __future__ import annotations

import numpy as np
import pandas as pd

from deadletter.dataset.load import Dataset

# how many sentences apart two units may be and still count as the same
SAME, ADJACENT = 0, 1


def unit_recall(dataset: Dataset) -> pd.DataFrame:
    """For every coder who unitised freely, table by table, how much of each one's units the other found too.

    Two units match where they belong to the same table and lie in the same sentence (or in it or a neighbouring
    one). Several units of one sentence may match the same unit: places say no more. Next to each share is the one
    that as many units strewn at random over the sentences of their sections would reach.

    Returns
    -------
    columns table ("all" last), units_of, found_by (each one coder; the list is the first coder's), units, same,
    same_by_chance, adjacent, adjacent_by_chance (shares of ``units``); no row where there is no unit.
    """
    places = dataset["places"].set_index("unit")[["section", "sentence"]]
    length = places.groupby("section")["sentence"].max() + 1
    free, listed = dataset["free_units"], dataset["coders"]["id"].iloc[0]
    rows = []
    for coder, found in free.groupby("coder"):
        tables = list(dict.fromkeys(found["table"]))
        theirs = {table: found.loc[found["table"] == table, "id"] for table in tables}
        pairs = {table: (_at(dataset[table]["id"], places), _at(theirs[table], places)) for table in tables}
        for units_of, found_by, own, other in ((listed, coder, 0, 1), (coder, listed, 1, 0)):
            parts = [_matched(pairs[t][own], pairs[t][other], length).assign(table=t) for t in tables]
            both = pd.concat([*parts, pd.concat(parts).assign(table="all")])
            shares = both.groupby("table", sort=False).agg(["mean", "size"])
            for table in shares.index:
                values = [shares.loc[table, (name, "mean")] for name in _SHARES]
                rows.append((table, units_of, found_by, int(shares.loc[table, ("same", "size")]), *values))
    return pd.DataFrame(rows, columns=["table", "units_of", "found_by", "units", *_SHARES])


_SHARES = ["same", "same_by_chance", "adjacent", "adjacent_by_chance"]


def _at(units: pd.Series, places: pd.DataFrame) -> pd.DataFrame:
    """Section and sentence of the units that have a place."""
    return places.loc[units[units.isin(places.index)]].reset_index(drop=True)


def _matched(units: pd.DataFrame, others: pd.DataFrame, length: pd.Series) -> pd.DataFrame:
    """For each unit: whether another lies in its sentence or a neighbouring one, and how likely that is by chance."""
    by_section = {section: frame["sentence"].to_numpy() for section, frame in others.groupby("section")}
    rows = []
    for section, sentence in units.itertuples(index=False):
        there, sentences = by_section.get(section, np.array([], dtype=int)), int(length[section])
        row = []
        for apart in (SAME, ADJACENT):
            near = min(sentence + apart, sentences - 1) - max(sentence - apart, 0) + 1
            row += [bool((np.abs(there - sentence) <= apart).any()), 1 - (1 - near / sentences) ** len(there)]
        rows.append(row)
    return pd.DataFrame(rows, columns=_SHARES).astype(float)
