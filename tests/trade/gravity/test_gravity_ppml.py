"""PPML against statsmodels with dummies, R's documentation, hand computations, and bad input."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyfixest
import pytest
import statsmodels.api as sm
from scipy.stats import norm

from deadletter.errors import InputError
from deadletter.trade import fit_ppml
from tests.trade.gravity.gravity_panels import PAIR, THREE_WAY, trade_panel


def glm(frame, response, regressors, effects):
    """Poisson GLM with one dummy per level, redundant dummies dropped by pivoted QR. Reference for tiny panels."""
    blocks = [frame[regressors].to_numpy(float)]
    for columns in effects:
        keys = frame[columns].astype(str).agg("|".join, axis=1)
        blocks.append(pd.get_dummies(keys).to_numpy(float))
    X = np.column_stack(blocks) if effects else sm.add_constant(blocks[0])
    kept = []
    for k in range(X.shape[1]):
        if np.linalg.matrix_rank(X[:, [*kept, k]]) > len(kept):
            kept.append(k)
    return sm.GLM(frame[response], X[:, kept], family=sm.families.Poisson()).fit(tol=1e-13, maxiter=300), X[:, kept]


def sandwich(result, X, groups):
    """Cluster-robust variance without any small-sample factor."""
    scores = X * (result.model.endog - np.asarray(result.mu))[:, None]
    sums = pd.DataFrame(scores).groupby(np.asarray(groups)).sum().to_numpy()
    bread = np.linalg.inv(X.T @ (X * np.asarray(result.mu)[:, None]))
    return bread @ sums.T @ sums @ bread


@pytest.fixture(scope="module")
def panel():
    frame = trade_panel(6, 4, seed=11, zeros=0.05)
    return frame.assign(pair=frame.exporter + frame.importer)


@pytest.mark.parametrize(
    ("absorb", "columns"),
    [
        ([], []),
        (["exporter", "importer"], [["exporter"], ["importer"]]),
        (THREE_WAY[:2], [["exporter", "year"], ["importer", "year"]]),
        (THREE_WAY, [["exporter", "year"], ["importer", "year"], ["exporter", "importer"]]),
    ],
)
def test_equals_statsmodels_with_dummies(panel, absorb, columns):
    regressors = ["agreement", "other"]
    reference, X = glm(panel, "trade", regressors, columns)
    at = [1, 2] if not absorb else [0, 1]
    # Tolerance 1e-6: both iterate to 1e-10 or less in the deviance; absorbed effects are demeaned to 1e-8.
    for cluster, ways in (([], ["row"]), (PAIR, ["pair"]), (["exporter", "importer"], ["exporter", "importer"])):
        fit = fit_ppml(panel, "trade ~ agreement + other", absorb=absorb, cluster=cluster)
        frame = panel.assign(row=np.arange(len(panel)), both=panel.exporter + panel.importer)
        if len(ways) == 2:
            parts = [sandwich(reference, X, frame[way]) for way in (*ways, "both")]
            least = min(frame[way].nunique() for way in ways)
            variance = (parts[0] + parts[1] - parts[2]) * least / (least - 1)
        else:
            groups = frame[ways[0]].nunique()
            factor = 1 if not cluster else groups / (groups - 1)
            variance = sandwich(reference, X, frame[ways[0]]) * factor
        np.testing.assert_allclose(fit.coef[regressors], np.asarray(reference.params)[at], rtol=0, atol=1e-6)
        np.testing.assert_allclose(fit.se[regressors], np.sqrt(np.diag(variance)[at]), rtol=1e-6)
        assert fit.nobs == len(panel)
    if not absorb:
        assert fit.coef["Intercept"] == pytest.approx(np.asarray(reference.params)[0], abs=1e-6)


def test_equals_the_poisson_regression_of_r_documentation():
    # R, help(glm), example of Dobson (1990), p. 93: R prints −4.543e-01 and −2.930e-01.
    counts = [18, 17, 15, 20, 10, 20, 25, 13, 12]
    frame = pd.DataFrame({"counts": counts, "o": [1, 2, 3] * 3, "treatment": np.repeat([1, 2, 3], 3)})
    frame = frame.assign(outcome2=(frame.o == 2) * 1, outcome3=(frame.o == 3) * 1)
    fit = fit_ppml(frame, "counts ~ outcome2 + outcome3", absorb=["treatment"], cluster=[])
    assert fit.coef["outcome2"] == pytest.approx(-0.4543, abs=5e-5)
    assert fit.coef["outcome3"] == pytest.approx(-0.2930, abs=5e-5)


def test_one_dummy_by_hand():
    # Means 2 and 6: β = ln 3. Robust variance of a log mean: Σ(y − ȳ)² / (n ȳ)²: 2/36 and 8/18².
    frame = pd.DataFrame({"y": [1, 2, 3, 4, 6, 8], "d": [0, 0, 0, 1, 1, 1]})
    fit = fit_ppml(frame, "y ~ d", absorb=[], cluster=[])
    assert fit.coef["d"] == pytest.approx(np.log(3), abs=1e-9)
    assert fit.coef["Intercept"] == pytest.approx(np.log(2), abs=1e-9)
    assert fit.se["d"] == pytest.approx(np.sqrt(2 / 36 + 8 / 324), rel=1e-9)


def test_reset_equals_the_test_done_by_hand(panel):
    fit = fit_ppml(panel, "trade ~ agreement + other", absorb=["exporter", "importer"], cluster=PAIR)
    first, _ = glm(panel, "trade", ["agreement", "other"], [["exporter"], ["importer"]])
    squared = panel.assign(square=np.log(np.asarray(first.mu)) ** 2)
    second, X = glm(squared, "trade", ["square", "agreement", "other"], [["exporter"], ["importer"]])
    groups = panel.pair.nunique()
    se = np.sqrt(sandwich(second, X, panel.pair)[0, 0] * groups / (groups - 1))
    assert fit.reset_p == pytest.approx(2 * norm.sf(abs(np.asarray(second.params)[0]) / se), rel=1e-5)


def test_reset_sees_a_wrong_functional_form():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"x": rng.normal(size=2000)})
    frame["right"] = rng.poisson(np.exp(0.5 * frame.x))
    frame["wrong"] = rng.poisson(np.exp(0.5 * frame.x + 0.3 * frame.x**2))
    assert fit_ppml(frame, "right ~ x", absorb=[], cluster=[]).reset_p > 0.05
    assert fit_ppml(frame, "wrong ~ x", absorb=[], cluster=[]).reset_p < 1e-6


@pytest.mark.parametrize("unit", [1e-9, 1e-6, 1e3, 1e12])
def test_units_change_nothing_but_the_coefficients_of_scaled_regressors(panel, unit):
    plain = fit_ppml(panel, "trade ~ agreement + other", absorb=THREE_WAY, cluster=PAIR)
    scaled = panel.assign(trade=panel.trade * unit, other=panel.other * unit)
    fit = fit_ppml(scaled, "trade ~ agreement + other", absorb=THREE_WAY, cluster=PAIR)
    np.testing.assert_allclose(fit.coef["agreement"], plain.coef["agreement"], rtol=1e-7)
    np.testing.assert_allclose(fit.coef["other"] * unit, plain.coef["other"], rtol=1e-6)
    np.testing.assert_allclose(fit.se["other"] * unit, plain.se["other"], rtol=1e-6)
    np.testing.assert_allclose(fit.fitted / unit, plain.fitted, rtol=1e-6)


def test_names_index_and_order_of_rows_do_not_matter(panel):
    names = {"trade": "Exports (m USD)", "agreement": "a b", "exporter": "von", "importer": "nach", "year": "Jahr"}
    other = panel.rename(columns=names).sample(frac=1, random_state=1)
    other.index = ["row"] * len(other)
    absorb = ["von^Jahr", "nach^Jahr", "von^nach"]
    fit = fit_ppml(other, "`Exports (m USD)` ~ `a b` + other", absorb=absorb, cluster=["von^nach"])
    plain = fit_ppml(panel, "trade ~ agreement + other", absorb=THREE_WAY, cluster=PAIR)
    np.testing.assert_allclose(fit.coef["a b"], plain.coef["agreement"], atol=1e-8)
    np.testing.assert_allclose(fit.se["a b"], plain.se["agreement"], rtol=1e-7)


def test_expressions_are_terms(panel):
    frame = panel.assign(distance=np.exp(panel.other))
    fit = fit_ppml(frame, "trade ~ np.log(distance) + agreement:other", absorb=THREE_WAY, cluster=PAIR)
    by_hand = frame.assign(product=frame.agreement * frame.other)
    plain = fit_ppml(by_hand, "trade ~ other + product", absorb=THREE_WAY, cluster=PAIR)
    np.testing.assert_allclose(fit.coef.to_numpy(), plain.coef.to_numpy(), atol=1e-9)


def test_missing_flows_are_left_out_and_zero_flows_are_not(panel):
    row = panel.index[panel.trade > 0][5]
    call = {"formula": "trade ~ agreement", "absorb": THREE_WAY, "cluster": PAIR}
    missing = fit_ppml(panel.assign(trade=panel.trade.where(panel.index != row)), **call)
    dropped = fit_ppml(panel.drop(row), **call)
    zero = fit_ppml(panel.assign(trade=panel.trade.where(panel.index != row, 0.0)), **call)
    assert missing.coef["agreement"] == dropped.coef["agreement"]
    assert missing.warnings == ("missing: 1 rows with a missing value left out",)
    assert dropped.warnings == ()
    assert abs(zero.coef["agreement"] - missing.coef["agreement"]) > 1e-6


def test_an_exporter_without_exports_is_left_out_by_name(panel):
    silent = panel.assign(trade=panel.trade.where(panel.exporter != "C02", 0.0))
    fit = fit_ppml(silent, "trade ~ agreement", absorb=THREE_WAY, cluster=PAIR)
    without = fit_ppml(panel[panel.exporter != "C02"], "trade ~ agreement", absorb=THREE_WAY, cluster=PAIR)
    assert fit.coef["agreement"] == pytest.approx(without.coef["agreement"], abs=1e-8)
    assert fit.se["agreement"] == pytest.approx(without.se["agreement"], rel=1e-8)
    assert "separation: 20 observations that the model predicts to be zero left out" in fit.warnings
    assert "effects: 4 levels of exporter^year have no observation left" in fit.warnings


@pytest.mark.parametrize("absorb", [[], ["group"]])
def test_a_regressor_that_separates_zeros_is_left_out(absorb):
    # z is one only where y is zero: its coefficient is −∞ and those rows are fitted perfectly (Correia et al. 2019).
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"x": rng.normal(size=60), "group": np.arange(60) % 3, "z": (np.arange(60) < 6) * 1.0})
    frame["y"] = rng.poisson(2 * np.exp(0.3 * frame.x)) + 1.0
    frame.loc[frame.z == 1, "y"] = 0
    fit = fit_ppml(frame, "y ~ x + z", absorb=absorb, cluster=[])
    rest = fit_ppml(frame[frame.z == 0], "y ~ x", absorb=absorb, cluster=[])
    assert fit.nobs == 54
    assert fit.coef["x"] == pytest.approx(rest.coef["x"], abs=1e-8)
    assert "collinear: z left out" in fit.warnings
    assert fit.warnings[0].startswith("separation: 6 observations")


def test_a_combination_of_regressors_that_separates_is_found():
    # Neither column separates alone; x1 − x2 ≥ 0 is positive only where y = 0 and zero where y > 0.
    x1 = np.array([1.0, 2, 3, 4, 1, 2, 3, 4, 2, 3])
    x2 = np.array([1.0, 2, 3, 4, 1, 2, 3, 4, 1, 2])
    frame = pd.DataFrame({"x1": x1, "x2": x2, "y": [1.0, 3, 2, 5, 2, 2, 4, 4, 0, 0], "all": 1})
    fit = fit_ppml(frame, "y ~ x1 + x2", absorb=["all"], cluster=[])
    rest = fit_ppml(frame[frame.y > 0], "y ~ x1", absorb=["all"], cluster=[])
    assert fit.nobs == 8
    assert fit.coef.sum() == pytest.approx(rest.coef["x1"], abs=1e-8)
    assert any(note.startswith("collinear") for note in fit.warnings)


def test_a_collinear_regressor_is_named(panel):
    frame = panel.assign(twice=2 * panel.agreement, distance=pd.factorize(panel.pair)[0])
    fit = fit_ppml(frame, "trade ~ agreement + twice + distance", absorb=THREE_WAY, cluster=PAIR)
    assert list(fit.coef.index) == ["agreement"]
    assert fit.warnings == ("collinear: twice, distance left out",)


def replaced(panel, column, value, row=7):
    values = panel[column].astype(object)
    values.iloc[row] = value
    try:
        return panel.assign(**{column: values.astype(float)})
    except ValueError:
        return panel.assign(**{column: values})


BAD = {
    "negative flow": (lambda p: replaced(p, "trade", -1.0), {}, "a flow is negative"),
    "text in flow": (lambda p: replaced(p, "trade", "n/a"), {}, "not numeric"),
    "infinite flow": (lambda p: replaced(p, "trade", np.inf), {}, "infinite"),
    "infinite regressor": (lambda p: replaced(p, "agreement", np.inf), {}, "infinite"),
    "all flows zero": (lambda p: p.assign(trade=0.0), {}, "no positive flow"),
    "all flows missing": (lambda p: p.assign(trade=np.nan), {}, "no positive flow"),
    "duplicates": (lambda p: pd.concat([p, p.iloc[[3]]]), {}, "more than one row; allowed"),
    "industries": (
        lambda p: pd.concat([p.assign(industry=k) for k in (1, 2)]),
        {},
        r"one row \(the two differ in industry\)",
    ),
    "bloc without variation": (lambda p: p.assign(agreement=1.0), {}, "no regressor varies"),
    "absorbed regressor": (lambda p: p.assign(agreement=pd.factorize(p.pair)[0]), {}, "no regressor varies"),
    "one cluster": (lambda p: p.assign(one=1), {"cluster": ["one"]}, "two clusters"),
    "three clusters": (lambda p: p, {"cluster": ["exporter", "importer", "year"]}, "too many ways"),
    "unknown regressor": (lambda p: p, {"formula": "trade ~ agrement"}, "did you mean: agreement"),
    "unknown effect": (lambda p: p, {"absorb": ["exporter^yaer"]}, "did you mean: year"),
    "unknown cluster": (lambda p: p, {"cluster": ["pear"]}, "no such column"),
    "not a list": (lambda p: p, {"absorb": "exporter"}, "absorb: has the wrong type"),
    "no formula": (lambda p: p, {"formula": "trade"}, "not a formula"),
    "empty term": (lambda p: p, {"formula": "trade ~ agreement +"}, "not a formula"),
    "response on the right": (lambda p: p, {"formula": "trade ~ trade"}, "among the regressors"),
    "bad expression": (lambda p: p, {"formula": "trade ~ log(nothing)"}, "no such column; found: 'nothing'"),
    "lag of rows": (lambda p: p, {"formula": "trade ~ agreement + lag(agreement)"}, "a lag of rows is not"),
    "column named Intercept": (
        lambda p: p.assign(Intercept=p.trade**0.5),
        {"formula": "trade ~ Intercept + log(trade + 1)"},
        "has the name of the intercept; found: 'Intercept'",
    ),
    "column named 1": (
        lambda p: p.assign(**{"1": p.trade**0.5}),
        {"formula": "trade ~ `1` + log(trade + 1)"},
        "has the name of the intercept; found: '1'",
    ),
    "an operator of Python": (lambda p: p, {"formula": "trade ~ agreement > 0"}, "Unknown operator '>'"),
    "no rows": (lambda p: p.iloc[:0], {}, "rows"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_named(panel, case):
    change, arguments, message = BAD[case]
    call = {"formula": "trade ~ agreement", "absorb": THREE_WAY, "cluster": PAIR} | arguments
    with pytest.raises(InputError, match=message):
        fit_ppml(change(panel), call.pop("formula"), **call)


def test_a_saturated_fit_has_no_standard_errors():
    """R: glm(y ~ a + b, poisson) gives ln 2, ln 2 and ln 4.5 with no residual; sandwich() is then rounding error."""
    frame = pd.DataFrame({"y": [2.0, 4.0, 9.0], "a": [0, 1, 0], "b": [0, 0, 1]})
    fit = fit_ppml(frame, "y ~ a + b", absorb=[], cluster=[])
    np.testing.assert_allclose(fit.coef, np.log([2, 2, 4.5]), atol=1e-9)
    assert fit.se.isna().all()
    assert fit.warnings[0].startswith("exact fit")
    with pytest.raises(InputError, match="saturated"):
        _ = fit.reset_p


def test_a_column_with_a_tilde_in_backticks(panel):
    renamed = panel.rename(columns={"agreement": "a~b"})
    fit = fit_ppml(renamed, "trade ~ `a~b`", absorb=THREE_WAY, cluster=PAIR)
    assert fit.coef["a~b"] == fit_ppml(panel, "trade ~ agreement", absorb=THREE_WAY, cluster=PAIR).coef["agreement"]


@pytest.mark.parametrize("formula", ["y ~ x - 1", "y ~ 0 + x", "y ~ -1 + x", "y ~ x + 0"])
def test_an_intercept_that_is_taken_out_is_out(formula):
    """One regressor and no intercept: Σ x (y − e^{βx}) = 0, and the HC0 variance by hand."""
    frame = pd.DataFrame({"y": [1.0, 3, 2, 8, 5], "x": [0.5, 1, 1, 2, 1.5]})
    fit = fit_ppml(frame, formula, absorb=[], cluster=[])
    assert list(fit.coef.index) == ["x"]
    x, y, mean = frame.x, frame.y, np.exp(fit.coef["x"] * frame.x)
    assert (x * (y - mean)).sum() == pytest.approx(0, abs=1e-7)
    assert fit.se["x"] == pytest.approx(np.sqrt((x**2 * (y - mean) ** 2).sum()) / (x**2 * mean).sum(), rel=1e-7)


def test_only_the_intercept_is_taken_out(panel):
    with pytest.raises(InputError, match="only the intercept"):
        fit_ppml(panel, "trade ~ agreement - other", absorb=THREE_WAY, cluster=PAIR)
    absorbed = fit_ppml(panel, "trade ~ agreement - 1", absorb=THREE_WAY, cluster=PAIR)
    plain = fit_ppml(panel, "trade ~ agreement", absorb=THREE_WAY, cluster=PAIR)
    pd.testing.assert_series_equal(absorbed.coef, plain.coef)


@pytest.mark.parametrize("cluster", [[], PAIR, ["exporter", "importer"]])
def test_equals_pyfixest(panel, cluster):
    frame = panel.assign(ey=panel.exporter + panel.year.astype(str), iy=panel.importer + panel.year.astype(str))
    ours = fit_ppml(frame, "trade ~ agreement + other", absorb=THREE_WAY, cluster=cluster)
    ways = " + ".join("pair" if way == PAIR[0] else way for way in cluster)
    theirs = pyfixest.fepois(
        "trade ~ agreement + other | ey + iy + pair",
        frame,
        vcov={"CRV1": ways} if ways else "hetero",
        ssc=pyfixest.ssc(k_adj=False, G_adj=True, G_df="min"),
        iwls_tol=1e-13,
        demeaner=pyfixest.MapDemeaner(fixef_tol=1e-10, fixef_maxiter=100_000),
    )
    np.testing.assert_allclose(ours.coef, theirs.coef(), atol=1e-8)
    np.testing.assert_allclose(ours.se, theirs.se(), rtol=1e-7)


def test_a_factor_is_against_its_first_level():
    """R: glm(y ~ g, poisson) gives ln 2, and ln 3 and ln 4 for the second and third level; without intercept, means."""
    frame = pd.DataFrame({"y": [1.0, 3, 5, 7, 6, 10], "g": ["a", "a", "b", "b", "c", "c"]})
    fit = fit_ppml(frame, "y ~ C(g)", absorb=[], cluster=[])
    np.testing.assert_allclose(fit.coef, np.log([2, 3, 4]), atol=1e-9)
    assert fit.warnings == ()
    means = fit_ppml(frame, "y ~ C(g) - 1", absorb=[], cluster=[])
    np.testing.assert_allclose(means.coef, np.log([2, 6, 8]), atol=1e-9)
