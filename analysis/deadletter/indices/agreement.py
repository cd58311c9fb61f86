"""How far coders agree: Krippendorff's alpha by variable, confusion, the list of disagreements, recall of units.

Where all coders are machines, these numbers show how reproducible the codebook is for such coders; errors that they
share are invisible to them.
"""

import itertools
import math
from collections.abc import Iterator

import numpy as np
import pandas as pd

from deadletter.coding.model import Coding
from deadletter.dataset.load import Dataset
from deadletter.errors import InputError
from deadletter.frames import records
from deadletter.indices.alpha import Level, krippendorff_alpha
from deadletter.indices.recoded import codebook_coders, reconciled


def values_by_coder(dataset: Dataset, variable: str) -> pd.DataFrame:
    """Ratings of one variable: a row for each unit, a column for each coder, values as rated, NaN where missing."""
    ratings = dataset["ratings"]
    chosen = ratings[ratings["variable"] == variable]
    if chosen.empty:
        raise InputError("no ratings of this variable", found=variable, allowed=dataset["variables"]["variable"])
    return chosen.pivot(index="unit", columns="coder", values="value").sort_index()


def agreement_table(dataset: Dataset, seed: int, draws: int) -> pd.DataFrame:
    """Agreement of every pair of coders on every variable that both have rated.

    Coders who share a codebook share its decisions too; agreement with one who has not seen it shows how much of theirs
    comes from the codebook.

    Returns columns coders (the pair), shared (whether both had the codebook), variable, level, alpha, low, high, units,
    equal (share of units with the same value). An ordinal variable whose scale has values without a rank has a second
    row, at the nominal level over all values.
    """
    scale, with_book = dataset["scale"], codebook_coders(dataset)
    rows: list[tuple[object, ...]] = []
    for record, pair in _pairs(dataset):
        values = values_by_coder(dataset, record["variable"])[list(pair)].dropna()
        about = (", ".join(pair), "yes" if set(pair) <= set(with_book) else "no")
        points = scale[scale["variable"] == record["variable"]].reset_index(drop=True)
        codes = {value: float(position) for position, value in enumerate(points["value"])}
        ranks = {value: float(rank) for value, rank in zip(points["value"], points["rank"], strict=True)}
        ordinal = record["level"] == "ordinal"
        if ordinal:
            rows.append((*about, *_row(record["variable"], "ordinal", values, ranks, seed, draws)))
        if not ordinal or points["rank"].isna().any():
            rows.append((*about, *_row(record["variable"], "nominal", values, codes, seed, draws)))
    columns = ["coders", "shared", "variable", "level", "alpha", "low", "high", "units", "equal"]
    table = pd.DataFrame(rows, columns=columns)
    order = ["shared", "coders", "variable", "level"]
    return table.sort_values(order, ascending=[False, True, True, True]).reset_index(drop=True)


def _pairs(dataset: Dataset) -> Iterator[tuple[dict[str, str], tuple[str, str]]]:
    """Every variable with every pair of coders who rated it."""
    variables = dataset["variables"]
    for record in records(variables[variables["variable"].isin(dataset["ratings"]["variable"])]):
        coders = values_by_coder(dataset, record["variable"]).columns
        for pair in itertools.combinations(coders, 2):
            yield record, pair


def agreement_by_variable(table: pd.DataFrame) -> pd.DataFrame:
    """Alpha by variable: among coders who share the codebook, and against those who have not seen it.

    table: of :func:`agreement_table`.

    Returns columns variable, level, shared (mean over pairs with the codebook), against (mean over pairs with one who
    has not seen it; NaN where there is none), gap.
    """
    means = table.pivot_table(index=["variable", "level"], columns="shared", values="alpha", aggfunc="mean")
    means = means.reindex(columns=["yes", "no"]).rename(columns={"yes": "shared", "no": "against"}).reset_index()
    return means.assign(gap=means["shared"] - means["against"]).rename_axis(columns=None)


def _row(
    variable: str, level: Level, values: pd.DataFrame, numbers: dict[str, float], seed: int, draws: int
) -> tuple[object, ...]:
    coded = values.apply(lambda column: column.map(numbers)).dropna()
    found = krippendorff_alpha(coded.to_numpy(dtype=float).T, level, seed, draws)
    equal = float((coded.nunique(axis=1) == 1).mean()) if len(coded) else math.nan
    return variable, level, found.alpha, found.low, found.high, found.units, equal


def confusion(dataset: Dataset, variable: str, first: str, second: str) -> pd.DataFrame:
    """Units by the value of one coder (rows) and of another (columns), over all values of the scale."""
    values = values_by_coder(dataset, variable)
    for coder in (first, second):
        if coder not in values:
            raise InputError("no ratings of this coder", found=coder, allowed=list(values.columns))
    both = values[[first, second]].dropna()
    scale = dataset["scale"]
    points = list(scale.loc[scale["variable"] == variable, "value"])
    return pd.crosstab(both[first], both[second]).reindex(index=points, columns=points, fill_value=0)


def confusions(dataset: Dataset) -> pd.DataFrame:
    """Every confusion table, long: variable, first, second (coders), first_value, second_value, units (one or more)."""
    rows = []
    for record, (first, second) in _pairs(dataset):
        table = confusion(dataset, record["variable"], first, second)
        counts = zip(itertools.product(table.index, table.columns), table.to_numpy().flat, strict=True)
        rows += [(record["variable"], first, second, *given, units) for given, units in counts if units > 0]
    columns = ["variable", "first", "second", "first_value", "second_value", "units"]
    return pd.DataFrame(rows, columns=columns)


def disagreements(dataset: Dataset) -> pd.DataFrame:
    """Every unit and variable on which coders with the codebook differ, with the reconciled value.

    Returns columns variable, unit, label, a column for each coder (value, missing where none), reconciled (empty where
    open), by (the rule that decided), reason, and "<coder> says" (rationale) for each coder; by variable and unit.
    """
    ratings = dataset["ratings"]
    keys = ["variable", "unit"]
    values = ratings.pivot(index=keys, columns="coder", values="value")
    says = ratings.pivot(index=keys, columns="coder", values="rationale").add_suffix(" says")
    shared = [coder for coder in values.columns if coder in codebook_coders(dataset)]
    differ = values[shared].nunique(axis=1) > 1
    table = values[differ].join(says[differ]).reset_index()
    found = reconciled(dataset).rename(columns={"value": "reconciled"})
    table = table.merge(found, on=keys, how="left")
    labels = _labels(dataset)
    table["label"] = [labels.get(unit, "") for unit in table["unit"]]
    head = ["variable", "unit", "label", *values.columns, "reconciled", "by", "reason"]
    return table[[*head, *says.columns]].sort_values(["variable", "unit"], ignore_index=True)


def _labels(dataset: Dataset) -> dict[str, str]:
    frames = [dataset[table] for table in dataset["variables"]["table"].unique() if table in dataset]
    return {unit: label for frame in frames for unit, label in zip(frame["id"], frame["label"], strict=True)}


def agreement_tables(dataset: Dataset, coding: Coding) -> dict[str, pd.DataFrame]:
    """The tables of agreement by name: ``alpha`` by pair and variable, ``by_variable``, ``confusion``,
    ``disagreements``, and ``recall`` of units. Seed and draws of the intervals are those of the coding.
    """
    alpha = agreement_table(dataset, coding.intervals.seed, coding.intervals.draws)
    return {
        "alpha": alpha,
        "by_variable": agreement_by_variable(alpha),
        "confusion": confusions(dataset),
        "disagreements": disagreements(dataset),
        "recall": unit_recall(dataset),
    }


# how many sentences apart two units may be and still count as the same
SAME, ADJACENT = 0, 1


def unit_recall(dataset: Dataset) -> pd.DataFrame:
    """For every coder who unitised freely, table by table, how much of each one's units the other found too.

    Two units match where they belong to the same table and lie in the same sentence (``same``), or in the same or a
    neighbouring one (``adjacent``). Several units of one sentence may match the same unit: sentences cannot tell them
    apart. Next to each share is the one expected if as many units were scattered at random over the sentences of their
    sections.

    Returns columns table ("all" last), units_of, found_by (each one coder; the list is the first coder's), units, same,
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
