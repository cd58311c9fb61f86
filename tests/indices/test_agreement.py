"""Krippendorff's alpha against his own printed example, and what is told of two coders."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deadletter.errors import InputError
from deadletter.indices.agreement import (
    agreement_by_variable,
    agreement_table,
    confusion,
    confusions,
    disagreements,
    krippendorff_alpha,
)
from deadletter.indices.recoded import reconciled
from tests.indices.made_up import ratings, units, world

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


@pytest.fixture
def two_coders():
    first = {f"n{i}": f"obligation={i % 4}, implementation=not" for i in range(1, 9)}
    second = {f"n{i}": f"obligation={i % 4 if i < 7 else 0}, implementation={told}" for i, told in enumerate(
        ["not", "not reported", "implemented", "not", "not", "not", "not", "partly"], start=1)}  # fmt: skip
    variables = pd.DataFrame({"variable": ["obligation", "implementation"], "level": "ordinal", "table": "norms"})
    told = pd.concat([ratings(first), ratings(second, "coder-2")])
    return world(norms=units("krasner", []), ratings=told, variables=variables)


def test_table_confusion_and_disagreements(two_coders):
    table = agreement_table(two_coders, seed=0, draws=99).set_index(["variable", "level"])
    assert set(table["coders"]) == {"coder-1, coder-2"}
    assert list(table.index) == [
        ("implementation", "nominal"),
        ("implementation", "ordinal"),
        ("obligation", "ordinal"),
    ]
    # n7 alone differs: 3 against 0 (n8 is 0 for both)
    assert table.loc[("obligation", "ordinal"), "equal"] == pytest.approx(7 / 8)
    assert table.loc[("obligation", "ordinal"), "alpha"] == krippendorff_alpha(
        [[1, 2, 3, 0, 1, 2, 3, 0], [1, 2, 3, 0, 1, 2, 0, 0]], draws=1
    ).alpha  # fmt: skip
    # "not reported" is missing by judgement: seven units on the ordinal level, eight on the nominal one
    assert table.loc[("implementation", "ordinal"), "units"] == 7
    assert table.loc[("implementation", "nominal"), "units"] == 8
    crossed = confusion(two_coders, "obligation", "coder-1", "coder-2")
    assert crossed.loc["3", "0"] == 1
    assert int(np.diag(crossed).sum()) == 7
    told = disagreements(two_coders)
    assert list(told["unit"]) == ["n2", "n3", "n8", "n7"]
    assert told.iloc[3][["coder-1", "coder-2", "reconciled", "by"]].tolist() == ["3", "0", "", "open"]
    assert confusions(two_coders)["units"].sum() == 16
    with pytest.raises(InputError, match="no ratings of this coder; found: 'coder-3'"):
        confusion(two_coders, "obligation", "coder-1", "coder-3")


def test_a_coder_without_the_codebook_is_told_apart(two_coders):
    third = ratings({f"n{i}": "obligation=0, implementation=not" for i in range(1, 9)}, "coder-3")
    tables = {name: two_coders[name] for name in two_coders.names}
    tables["ratings"] = pd.concat([tables["ratings"], third])
    tables["coders"] = pd.DataFrame({"id": ["coder-1", "coder-2", "coder-3"], "codebook": ["yes", "yes", "no"]})
    table = agreement_table(world(**tables), seed=0, draws=99)
    assert table.groupby("shared")["coders"].unique().map(set).to_dict() == {
        "yes": {"coder-1, coder-2"},
        "no": {"coder-1, coder-3", "coder-2, coder-3"},
    }
    told = agreement_by_variable(table).set_index(["variable", "level"]).loc[("obligation", "ordinal")]
    pairs = table[(table["variable"] == "obligation") & (table["shared"] == "no")]["alpha"]
    assert told["against"] == pytest.approx(pairs.mean())
    assert told["gap"] == pytest.approx(told["shared"] - told["against"])
    # what is reconciled, or averaged, is between those who had the codebook
    assert set(reconciled(world(**tables))["by"]) == set(reconciled(two_coders)["by"])


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


def test_one_coder_has_no_agreement():
    variables = pd.DataFrame({"variable": ["obligation"], "level": "ordinal", "table": "norms"})
    alone = world(ratings=ratings({"n1": "obligation=1"}), variables=variables)
    assert agreement_table(alone, seed=0, draws=9).empty


def test_missing_values_of_a_frame_are_missing():
    whole = pd.DataFrame({"u1": [1, 1], "u2": [2, 2], "u3": [None, 3]})
    assert krippendorff_alpha(whole.astype("Int64"), "ordinal", draws=9) == krippendorff_alpha(
        whole, "ordinal", draws=9
    )
