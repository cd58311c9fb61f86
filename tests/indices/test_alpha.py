"""Krippendorff's alpha against his own printed example, and its interval against single draws by the library."""

from __future__ import annotations

import dataclasses
import math

import krippendorff
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from deadletter.errors import InputError
from deadletter.indices.alpha import krippendorff_alpha

NA = math.nan
# Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, example C: four observers, twelve units
PRINTED = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, NA, NA, NA],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NA, 3],
    [NA, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NA],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NA],
]


@pytest.mark.parametrize(
    ("level", "alpha"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)]
)
def test_alpha_as_krippendorff_prints_it(level: str, alpha: float):
    found = krippendorff_alpha(PRINTED, level=level, seed=1)
    # printed to three decimals
    assert found.alpha == pytest.approx(alpha, abs=5e-4)
    assert found.low < found.alpha < found.high <= 1
    assert found.units == 11
    assert krippendorff_alpha(PRINTED, level=level, seed=1) == found


@pytest.mark.parametrize("unit", [2.0**-1070, 1e-160, 1e160, 1e307])
@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval", "ratio"])
def test_alpha_depends_on_no_unit(level: str, unit: float):
    plain, scaled = (
        krippendorff_alpha(PRINTED, level, draws=49),
        krippendorff_alpha(np.multiply(PRINTED, unit), level, draws=49),
    )
    assert dataclasses.astuple(scaled) == pytest.approx(dataclasses.astuple(plain), rel=1e-12)


@pytest.mark.parametrize("shift", [1e9, -1e12, 2**52])
def test_on_an_interval_scale_alpha_depends_on_no_origin(shift: float):
    assert krippendorff_alpha(np.add(PRINTED, shift), "interval") == krippendorff_alpha(PRINTED, "interval")


@pytest.mark.parametrize("kind", [np.array, pd.DataFrame, lambda rows: pd.DataFrame(rows, dtype="Int64")])
def test_codes_that_floats_cannot_tell_apart_are_refused(kind):
    codes = [[2**53, 2**53 + 2, 7], [2**53, 2**53 + 1, 7]]
    with pytest.raises(InputError, match="too many digits; found: 9007199254740993"):
        krippendorff_alpha(kind(codes), "nominal")
    assert krippendorff_alpha(kind([codes[0], codes[0]]), "nominal").alpha == 1


@given(st.lists(st.integers(0, 3), min_size=2, max_size=30).filter(lambda v: len(set(v)) > 1))
def test_full_agreement_is_one(values: list[int]):
    assert krippendorff_alpha([values, values], draws=5).alpha == pytest.approx(1)


def test_coin_tossers_do_not_agree():
    rng = np.random.default_rng(5)
    found = [krippendorff_alpha(rng.integers(0, 4, size=(2, 400)), seed=seed, draws=199) for seed in range(40)]
    # means of 40 values with a standard error of about 0.05 each
    assert np.mean([one.alpha for one in found]) == pytest.approx(0, abs=0.03)
    # intervals at 95 %: of 40, fewer than 33 cover zero with a probability below 0.001
    assert 33 <= sum(one.low < 0 < one.high for one in found) <= 40


def test_undefined_alpha_is_missing_and_bad_ratings_are_refused():
    assert math.isnan(krippendorff_alpha([[1, 1], [1, 1]], draws=5).alpha)
    assert math.isnan(krippendorff_alpha([[1, NA], [NA, 1]], draws=5).alpha)
    with pytest.raises(InputError, match="unknown level"):
        krippendorff_alpha(PRINTED, level="ordnial")
    with pytest.raises(InputError, match="not a table of two or more coders"):
        krippendorff_alpha([[1, 2, 3]])
    with pytest.raises(InputError, match="are not numbers"):
        krippendorff_alpha([["a"], ["b"]])


@pytest.mark.parametrize("level", ["nominal", "ordinal"])
@given(table=arrays(int, st.tuples(st.integers(2, 4), st.integers(2, 12)), elements=st.integers(-1, 4)))
def test_draws_computed_together_are_those_of_the_library(level: str, table: np.ndarray):
    """Single draws are the extremes of few; both sum few numbers."""
    ratings = np.where(table < 0, NA, table)[:, (table >= 0).sum(axis=0) >= 2]
    found = krippendorff_alpha(ratings, level, seed=7, draws=5, coverage=1 - 1e-12)
    rng, single = np.random.default_rng(7), []
    for _ in range(5 if ratings.size else 0):
        drawn = ratings[:, rng.integers(ratings.shape[1], size=ratings.shape[1])]
        if len(np.unique(drawn[~np.isnan(drawn)])) > 1:
            single.append(krippendorff.alpha(drawn, level_of_measurement=level))
    extremes = (min(single), max(single)) if single else (NA, NA)
    assert (found.low, found.high) == pytest.approx(extremes, abs=1e-9, nan_ok=True)


@pytest.mark.parametrize(
    ("ratings", "how"),
    [
        ([[1, 2], [1, 3]], {"coverage": 95}),
        ([[1, 2], [1, 3]], {"draws": -1}),
        ([[-1, 2], [1, 3]], {"level": "ratio"}),
        ([[math.inf, 2], [1, 3]], {"level": "interval"}),
    ],
)
def test_alpha_refuses_what_has_no_meaning(ratings: list, how: dict):
    with pytest.raises(InputError, match=r"no interval|not on the scale"):
        krippendorff_alpha(ratings, **how)


def test_missing_values_of_a_frame_are_missing():
    whole = pd.DataFrame({"u1": [1, 1], "u2": [2, 2], "u3": [None, 3]})
    assert krippendorff_alpha(whole.astype("Int64"), "ordinal", draws=9) == krippendorff_alpha(
        whole, "ordinal", draws=9
    )
