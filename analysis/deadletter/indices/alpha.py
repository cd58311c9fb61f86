"""Krippendorff's alpha with its bootstrap interval over units."""

import itertools
import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from deadletter.errors import InputError
from deadletter.given import Draws, Seed, numbers

Level = Literal["nominal", "ordinal", "interval", "ratio"]
LARGEST = 8e307  # the sum of two larger ones overflows
EXACT = 2**53  # above which floats leave whole numbers out
BLOCK = 256  # draws computed together
LEVELS: tuple[Level, ...] = ("nominal", "ordinal", "interval", "ratio")


@dataclass(frozen=True)
class Alpha:
    """Krippendorff's alpha with its bootstrap interval over units; ``units`` counts those with two values or more.

    NaN where it is undefined: no unit has two values, or all values are the same.
    """

    alpha: float
    low: float
    high: float
    units: int


def krippendorff_alpha(
    ratings: ArrayLike | pd.DataFrame,
    level: Level = "ordinal",
    seed: Seed = 0,
    draws: Draws = 999,
    coverage: float = 0.95,
) -> Alpha:
    """Alpha = 1 − observed over expected disagreement (Krippendorff 2011), computed by the library ``krippendorff``.

    Draws on nominal and ordinal scales are computed together, by the same formula.

    Parameters
    ----------
    ratings: (coders, units) numbers, NaN where a coder gave no value; for the nominal level any numeric codes.
    seed, draws, coverage: of the percentile interval over units drawn with replacement.

    Raises
    ------
    InputError: ratings are not a table of finite numbers by two or more coders, or negative on a ratio scale; the level
    is unknown; draws are negative, or the coverage is not between 0 and 1.
    """
    if level not in LEVELS:
        raise InputError("unknown level of measurement", found=level, allowed=LEVELS)
    if draws < 0 or not 0 < coverage < 1:
        raise InputError(
            "no interval can be made", found=f"draws {draws}, coverage {coverage}", allowed="0 < coverage < 1"
        )
    table = numbers(ratings, "krippendorff_alpha", "ratings are not numbers")
    if table.ndim != 2 or table.shape[0] < 2:
        raise InputError("ratings are not a table of two or more coders", found=f"shape {table.shape}")
    if (np.abs(table) > LARGEST).any() or (level == "ratio" and (table < 0).any()):
        allowed = "finite and below 8e307, on a ratio scale from 0"
        raise InputError("ratings are not on the scale", found=level, allowed=allowed)
    for row, column in np.argwhere(np.abs(table) >= EXACT):
        if isinstance(code := np.asarray(ratings, dtype=object)[row, column], int) and code != int(table[row, column]):
            raise InputError("a rating has too many digits", found=code, allowed="codes up to 2^53")
    table = table[:, (~np.isnan(table)).sum(axis=0) >= 2]
    units = table.shape[1]
    rng = np.random.default_rng(seed)
    domain = np.unique(table[~np.isnan(table)])
    counts = (table[..., np.newaxis] == domain).sum(axis=0)
    drawn = _bootstrap(counts, domain, level, rng, draws if units else 0)
    known = drawn[~np.isnan(drawn)]
    tail = (1 - coverage) / 2
    low, high = np.quantile(known, [tail, 1 - tail]) if known.size else (math.nan, math.nan)
    return Alpha(_alpha(counts, domain, level), float(low), float(high), units)


def _alpha(counts: np.ndarray, domain: np.ndarray, level: Level) -> float:
    """Alpha of how many coders gave each value of the domain to each unit: (units, values)."""
    import krippendorff

    given = counts.any(axis=0)
    if given.sum() < 2:
        return math.nan
    values = domain[given]
    if level == "interval":  # in a unit (a power of two costs no digit) whose squares neither vanish nor overflow
        values = np.ldexp(values, -np.frexp(values)[1].max())
    found = krippendorff.alpha(value_counts=counts[:, given], value_domain=values, level_of_measurement=level)
    return float(found)


def _bootstrap(
    counts: np.ndarray, domain: np.ndarray, level: Level, rng: np.random.Generator, draws: int
) -> np.ndarray:
    """Alpha of units drawn with replacement: (draws,)."""
    units = len(counts)
    chosen = (rng.integers(units, size=units) for _ in range(draws))
    if level in ("interval", "ratio"):
        return np.array([_alpha(counts[rows], domain, level) for rows in chosen])
    often = (np.bincount(rows, minlength=units) for rows in chosen)
    blocks = iter(lambda: list(itertools.islice(often, BLOCK)), [])
    return np.concatenate([np.empty(0), *(_alphas(counts, np.array(block), level) for block in blocks)])


def _alphas(counts: np.ndarray, often: np.ndarray, level: Level) -> np.ndarray:
    """As :func:`_alpha` where each unit counts so often, (draws, units), for all draws at once: (draws,).

    On an ordinal scale the distance of two values is that of their mid-ranks among all values (Krippendorff 2011).
    """
    values, given = counts.sum(axis=1), often @ counts
    total, pairs = given.sum(axis=1), often / (values - 1)
    if level == "nominal":
        observed = total - (pairs @ (counts * (counts - 1))).sum(axis=1)
        expected = (total**2 - (given**2).sum(axis=1)) / (total - 1)
    else:
        ranks = given.cumsum(axis=1) - given / 2 - total[:, np.newaxis] / 2
        observed = (pairs * (values * (ranks**2 @ counts.T) - (ranks @ counts.T) ** 2)).sum(axis=1)
        expected = (total * (given * ranks**2).sum(axis=1) - (given * ranks).sum(axis=1) ** 2) / (total - 1)
    with np.errstate(invalid="ignore"):
        return 1 - observed / np.where(expected > 0, expected, np.nan)
