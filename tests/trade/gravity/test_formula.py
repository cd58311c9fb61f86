"""Terms of formulas: what a mistyped one is told, and that none is taken for another."""

import numpy as np
import pandas as pd
import pytest

from deadletter.errors import InputError
from deadletter.trade import fit_ppml

rng = np.random.default_rng(0)
FRAME = pd.DataFrame({name: rng.gamma(2.0, 1.0, 80) for name in ("flow", "distance", "log gdp", "fläche", "class")})
FRAME = FRAME.assign(region=rng.choice(list("abc"), 80), pair=np.arange(80) // 4)


def terms(formula):
    return list(fit_ppml(FRAME, f"flow ~ {formula}", absorb=[], cluster=["pair"]).coef.index[1:])


@pytest.mark.parametrize(
    ("formula", "told"),
    [
        ("C(region) + distnace", "no such column; found: 'distnace'; did you mean: distance"),
        (
            "distance + log(distnace)",
            r"formula, log\(distnace\): no such column; found: 'distnace'; did you mean: distance",
        ),
        ("log(`log gpd`)", "no such column; found: 'log gpd'; did you mean: log gdp"),
        (
            "C(region):distnace",
            "formula, C.region.:distnace: no such column; found: 'distnace'; did you mean: distance",
        ),
        ("poly(flache, 2)", "no such column; found: 'flache'; did you mean: fläche"),
        ("distance + lgo(distance)", r"lgo\(distance\): no such function; found: 'lgo'; did you mean: log"),
        ("log(distance) + log(region)", r"formula, log\(region\): a column is not numeric; found: 'region'"),
        ("log(class)", "is a keyword of Python; found: 'class'; allowed: another name"),
        (
            "distance + C(region, contr.smu)",
            r"cannot be computed \(.*smu'\); found: 'C\(region, contr.smu\)'; allowed: a col",
        ),
        ("distance=3", r"cannot be computed \(Unknown operator '='.\); found: 'distance=3'"),
    ],
)
def test_a_mistyped_term_is_told_the_nearest_name(formula, told):
    with pytest.raises(InputError, match=told):
        terms(formula)


@pytest.mark.parametrize(
    "term",
    ["distance**2", "distance ^ 2", "log(distance)**2", "distance:distance", "class*class", "(distance)**2",
     "((log(class)))^2", "(distance:class)**2", "class*(class)", "(`log gdp`)**2", "(distance**2 + class):C(region)"],
)  # fmt: skip
def test_a_square_is_not_taken_for_the_term_itself(term):
    """As in R, where x^2 in a formula is x; who writes it means I(x^2)."""
    with pytest.raises(InputError, match=r"not its square; found: .*; allowed: I"):
        terms(term)


@pytest.mark.parametrize(
    "term",
    ["(distance - 1)*class", "(C(region) + 0):class", "((log(class) - 1) + class):distance", "(distance - class)^2"],
)
def test_a_sum_that_is_multiplied_only_adds_up(term):
    """R takes the intercept out of the whole formula, and takes (a - b)^2 for a."""
    with pytest.raises(InputError, match=r"a sum that is multiplied holds a constant or a difference; found: '\("):
        terms(term)


def test_levels_that_are_named_are_all_that_occur():
    """formulaic makes the others equal to the first level; R leaves them out."""
    with pytest.raises(InputError, match=r"values are not among the levels; found: .*'c'"):
        terms('C(region, levels=["a", "b"])')
    assert terms('C(region, levels=["c", "b", "a"])')[-1].endswith("[T.a]")


@pytest.mark.parametrize(
    "formula", ["(distance + fläche - 1)", "(0 + distance) + fläche", "distance + (fläche + (-1))"]
)
def test_an_intercept_is_taken_out_within_brackets_too(formula):
    found, plain = (
        fit_ppml(FRAME, f"flow ~ {one}", absorb=[], cluster=[]) for one in (formula, "distance + fläche - 1")
    )
    pd.testing.assert_series_equal(found.coef, plain.coef)


@pytest.mark.parametrize("term", ["distance.shift(1)", "I(distance.diff())", "{distance.rolling(3).mean()}"])
def test_rows_are_not_years(term):
    with pytest.raises(InputError, match="a lag of rows is not a lag of years"):
        terms(term)


@pytest.mark.parametrize(
    ("formula", "names"),
    [
        (
            "(log(distance) + class):(fläche + distance)",
            ["log(distance):fläche", "log(distance):distance", "class:fläche", "class:distance"],
        ),
        ("(distance*class)**2", ["distance", "class", "distance:class"]),
        ("I((distance - 1)**2)", ["I((distance - 1) ** 2)"]),
        ("np.where((distance > 1), 1, 0)", ["np.where(distance > 1, 1, 0)"]),
        ("I(distance**2)", ["I(distance ** 2)"]),
        ("log((distance + 1)**2)", ["log((distance + 1) ** 2)"]),
        ("{distance**2}", ["distance ** 2"]),
        ("(distance + fläche)**2", ["distance", "fläche", "distance:fläche"]),
        ("distance*`log gdp`", ["distance", "log gdp", "distance:log gdp"]),
        ("class + np.log(distance)", ["class", "np.log(distance)"]),
    ],
)
def test_what_is_computed_bears_its_name(formula, names):
    assert terms(formula) == names


BYTES = FRAME.assign(byte=rng.integers(1, 127, 80), flag=FRAME["distance"] > 1, mark=FRAME["fläche"] > 1)


@pytest.mark.parametrize(
    "term",
    ["I(byte**2)", "I(byte - 50)", "byte:code", "I(flag + mark)", "I(byte**12)", "I(byte*flag)", 'I(Q("byte")**2)'],
)
@pytest.mark.parametrize("kind", ["uint8", "int8", "int64", "Int16", "uint8[pyarrow]", "float32"])
def test_numbers_of_few_bytes_do_not_overflow(term, kind):
    """Stata's bytes come in as int8; two truth values add up to 2, as in R."""
    wide = BYTES.assign(code=BYTES["byte"] + 1.0).astype({"byte": float, "flag": float, "mark": float})
    few = wide.astype({"byte": kind, "code": kind, "flag": bool, "mark": "boolean"})
    fits = [fit_ppml(frame, f"flow ~ {term} + log(distance)", absorb=[], cluster=["pair"]) for frame in (few, wide)]
    assert list(fits[0].coef.index) == list(fits[1].coef.index)
    np.testing.assert_array_equal(fits[0].coef, fits[1].coef)


@pytest.mark.parametrize("kind", ["uint8", "int8", "Int16", "uint8[pyarrow]", "uint64"])
def test_numbers_that_are_coded_elsewhere_do_not_overflow(kind):
    formula = "flow ~ C(byte % 3) + I(byte**2) + I(byte - 50)"
    few, wide = (fit_ppml(BYTES.astype({"byte": one}), formula, absorb=[], cluster=["pair"]) for one in (kind, "int64"))
    pd.testing.assert_series_equal(few.coef, wide.coef)


def test_numbers_and_truth_values_beside_none_are_not_levels():
    gap = BYTES.index % 9 == 4
    holes = BYTES.assign(**{name: BYTES[name].astype(object).where(~gap, None) for name in ("flag", "byte")})
    for term in ("flag:class", "byte:class", "flag", "byte"):
        fits = [fit_ppml(frame, f"flow ~ {term}", absorb=[], cluster=[]) for frame in (holes, BYTES[~gap])]
        pd.testing.assert_series_equal(fits[0].coef, fits[1].coef)


@pytest.mark.parametrize("kind", ["string", "string[pyarrow]", "large_string[pyarrow]", "category"])
@pytest.mark.parametrize(
    "term", ["region:class", "C(region, contr.sum)", 'C(region, levels=["c", "b", "a"])', "C(region)*class"]
)
def test_text_of_every_kind_is_coded_alike(term, kind):
    gap = FRAME.index % 9 == 4
    held = FRAME.assign(region=FRAME["region"].where(~gap).astype(kind))
    fits = [fit_ppml(frame, f"flow ~ {term}", absorb=[], cluster=[]) for frame in (held, FRAME[~gap])]
    pd.testing.assert_series_equal(fits[0].coef, fits[1].coef)


def test_levels_keep_their_names():
    frame = BYTES.assign(byte=BYTES["byte"].astype("int8") % 3)
    fit = fit_ppml(frame, "flow ~ C(byte) + C(flag) + I((byte > 1) & mark)", absorb=[], cluster=["pair"])
    assert list(fit.coef.index)[1:] == ["C(byte)[T.1]", "C(byte)[T.2]", "C(flag)[T.True]", "I((byte > 1) & mark)"]
