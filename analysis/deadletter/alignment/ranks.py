"""The rank of a value in reference groups: from their values, or from percentiles that others have published.

Where a scale has few points, many are equal: ``below`` is the share with less, ``at_or_below`` also counts what is
equal, and the mid-rank percentile is their mean. The *strict* reading is the lowest percentile over the reference
groups, the *lax* one the highest.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from deadletter.errors import InputError

Population = Sequence[float] | Mapping[float, int] | pd.DataFrame
ANCHORS = (0.1, 0.5, 0.9)
MEASURES = ["value", "n", "percentile", "below", "at_or_below", "p10", "p50", "p90"]
PUBLISHED = ("group", "value", "n", "percentile")
ROUNDED = 0.0016  # published shares have three digits: twice one half-digit, and one more


@dataclass(frozen=True)
class Rank:
    """Place of a value in a population of ``n``: shares in [0, 1], and the population's quantiles as anchors."""

    value: float
    n: int
    percentile: float
    below: float
    at_or_below: float
    p10: float
    p50: float
    p90: float


def rank(value: float, population: Population) -> Rank:
    """Place of a value in a population.

    Parameters
    ----------
    population: its values; or values with counts, as a mapping or a frame with ``value`` and ``count``. The value
    itself counts only if it is in there. Quantiles average at steps (Hyndman & Fan 1996, type 2), so that p50 is the
    usual median.

    Raises
    ------
    InputError: the population is empty; a value is missing or infinite; a count is not a whole number of zero or more.
    """
    if not math.isfinite(value):
        raise InputError("the value to be ranked is missing or infinite", found=value)
    values = _values(population)
    below, at_or_below = float(np.mean(values < value)), float(np.mean(values <= value))
    anchors = (float(q) for q in np.quantile(values, ANCHORS, method="averaged_inverted_cdf"))
    return Rank(float(value), len(values), (below + at_or_below) / 2, below, at_or_below, *anchors)


def rank_among(value: float, populations: Mapping[str, Population]) -> pd.DataFrame:
    """Place of a value in several reference groups: a row each, ``group`` and the fields of :class:`Rank`."""
    rows = [{"group": name, **asdict(rank(value, population))} for name, population in populations.items()]
    return pd.DataFrame(rows, columns=["group", *MEASURES])


def published_ranks(focal: pd.DataFrame, where: str = "focal") -> pd.DataFrame:
    """Ranks as published, in the columns of :func:`rank_among`; whatever else describes a row stays in front.

    Parameters
    ----------
    focal: ``group``, ``value``, ``n``, ``percentile`` in [0, 1]; where known ``share_at_or_above`` in [0, 1], ``p10``,
    ``p50``, ``p90``. Without ``share_at_or_above`` ties are unknown: below and at_or_below are NaN.

    Raises
    ------
    InputError: a column is missing, a share lies outside [0, 1], or the two shares contradict each other; the
    message names the row, the header being row 1.
    """
    for column in PUBLISHED:
        if column not in focal:
            raise InputError(f"the column {column} is missing", where=where, allowed=PUBLISHED)
    percentile = _shares(focal, "percentile", where)
    if percentile.isna().any():
        row = int(np.flatnonzero(percentile.isna())[0])
        raise InputError("a percentile is missing", where=f"{where} row {row + 2}", allowed="a share from 0 to 1")
    above = _shares(focal, "share_at_or_above", where)
    below, at_or_below = 1 - above, 2 * percentile - (1 - above)
    for row in np.flatnonzero((at_or_below > 1 + ROUNDED) | (at_or_below < below - ROUNDED))[:1]:
        found = f"{percentile.iloc[row]} and {above.iloc[row]}"
        raise InputError(
            "percentile and share at or above contradict each other", where=f"{where} row {row + 2}", found=found
        )
    ranks: dict[str, Any] = {"percentile": percentile, "below": below, "at_or_below": np.clip(at_or_below, below, 1.0)}
    anchors: dict[str, Any] = {
        name: pd.to_numeric(focal[name]) if name in focal else np.nan for name in ("p10", "p50", "p90")
    }
    numbers: dict[str, Any] = {column: pd.to_numeric(focal[column]) for column in ("value", "n")}
    front = focal[[column for column in focal if column not in ("share_at_or_above", *MEASURES)]]
    return front.assign(**numbers, **ranks, **anchors)[[*front.columns, *MEASURES]]


def readings(ranks: pd.DataFrame, by: Sequence[str] = ()) -> pd.DataFrame:
    """The strict and the lax reading over reference groups.

    Parameters
    ----------
    ranks: of :func:`rank_among` or :func:`published_ranks`. by: columns that identify a ranked value; none
    where all rows rank the same one.

    Returns
    -------
    The columns ``by``, then ``strict`` (lowest percentile) with its ``strict_group``, ``lax`` (highest percentile) with
    its ``lax_group``, and ``groups``, their number. The first group wins a tie.
    """
    keys = list(by)
    rows = []
    for key, part in ranks.groupby(keys, sort=False, dropna=False) if keys else [((), ranks)]:
        percentile, group = part["percentile"].to_numpy(), part["group"].tolist()
        ends = (int(percentile.argmin()), int(percentile.argmax()))
        rows.append((*key, *(cell for at in ends for cell in (float(percentile[at]), group[at])), len(part)))
    return pd.DataFrame(rows, columns=[*keys, "strict", "strict_group", "lax", "lax_group", "groups"])


def _values(population: Population) -> np.ndarray:
    raw: Iterable[Any]
    counts: Iterable[Any]
    if isinstance(population, pd.DataFrame):
        for column in ("value", "count"):
            if column not in population:
                raise InputError(f"the column {column} is missing", where="population", allowed=("value", "count"))
        raw, counts = population["value"], population["count"]
    elif isinstance(population, Mapping):
        raw, counts = list(population), list(population.values())
    else:
        raw, counts = population, np.ones(len(population))
    values, often = (pd.to_numeric(pd.Series(list(x)), errors="coerce").to_numpy(dtype=float) for x in (raw, counts))
    if not np.isfinite(values).all():
        raise InputError("a value of the population is missing or infinite", where="population", found=list(raw))
    if not (np.isfinite(often).all() and (often >= 0).all() and (often == np.floor(often)).all()):
        raise InputError("a count is not a whole number of zero or more", where="population", found=list(counts))
    if not often.sum():
        raise InputError("the population is empty", where="population")
    return np.repeat(values, often.astype(int))


def _shares(frame: pd.DataFrame, column: str, where: str) -> pd.Series:
    """A column of shares, NaN where it is absent or empty."""
    if column not in frame:
        return pd.Series(np.nan, index=frame.index)
    given = frame[column].astype(object).where(frame[column].notna(), "").astype(str)
    share = pd.to_numeric(given, errors="coerce")
    for row in np.flatnonzero((given != "") & ~share.between(0, 1))[:1]:
        raise InputError(
            "a share is outside 0 to 1",
            where=f"{where} row {row + 2} column {column}",
            found=given.iloc[row],
            allowed="0 to 1",
        )
    return share
