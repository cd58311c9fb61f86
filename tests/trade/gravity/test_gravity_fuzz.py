"""The contract of fit_ppml under whatever a panel may hold: a clear error, a named warning, never a silent NaN."""

from __future__ import annotations

import os

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deadletter.errors import InputError
from deadletter.trade import correct_bias, fit_ppml
from tests.trade.gravity.gravity_panels import PAIR, THREE_WAY

EXAMPLES = int(os.environ.get("DEADLETTER_EXAMPLES", "300")) // 4
ABSORB = {"none": [], "sides": ["exporter", "importer"], "two-way": THREE_WAY[:2], "three-way": THREE_WAY}
CLUSTER = {"none": [], "pair": PAIR, "sides": ["exporter", "importer"], "year": ["year"], "one": ["world"]}


def negative(frame, rng):
    frame.loc[rng.integers(len(frame)), "trade"] = -0.5


def text(frame, rng):
    frame["trade"] = frame["trade"].astype(object)
    frame.loc[rng.integers(len(frame)), "trade"] = "n/a"


def infinite(frame, rng):
    frame.loc[rng.integers(len(frame)), "trade"] = np.inf


def text_regressor(frame, rng):
    frame["x"] = frame["x"].astype(str)


def duplicated(frame, rng):
    frame.loc[len(frame)] = frame.loc[rng.integers(len(frame))]


def all_zero(frame, rng):
    frame["trade"] = 0.0


def missing(frame, rng):
    frame.loc[rng.random(len(frame)) < 0.1, "trade"] = np.nan
    frame.loc[rng.integers(len(frame)), "x"] = np.nan


def silent_exporter(frame, rng):
    frame.loc[frame["exporter"] == "A", "trade"] = 0.0


def constant(frame, rng):
    frame["bloc"] = 1.0


def collinear(frame, rng):
    frame["x"] = 2 * frame["bloc"] - 1


def separated(frame, rng):
    frame.loc[frame["bloc"] == 1, "trade"] = 0.0


def mostly_zero(frame, rng):
    frame.loc[rng.random(len(frame)) < 0.8, "trade"] = 0.0


def huge(frame, rng):
    frame["trade"] *= 10.0 ** rng.integers(-12, 13)
    frame["x"] *= 10.0 ** rng.integers(-8, 9)


def shuffled(frame, rng):
    order = rng.permutation(len(frame))
    frame.iloc[:] = frame.iloc[order].to_numpy()
    frame.index = order


FATAL = (negative, text, infinite, text_regressor, all_zero)
OTHER = (missing, silent_exporter, constant, collinear, separated, mostly_zero, huge, duplicated, shuffled)


def panel(countries, years, seed):
    rng = np.random.default_rng(seed)
    names = list("ABCDEFG"[:countries])
    cells = [(i, j, t) for i in names for j in names if i != j for t in range(years)]
    frame = pd.DataFrame(cells, columns=["exporter", "importer", "year"])
    frame["bloc"] = (frame["exporter"].isin({"A", "B"}) & frame["importer"].isin({"A", "B"})).astype(float)
    frame["bloc"] *= frame["year"] >= years // 2
    frame["x"] = rng.normal(size=len(frame))
    frame["trade"] = rng.poisson(np.exp(1 + 0.3 * frame["x"])).astype(float)
    return frame.assign(world="w"), rng


@settings(max_examples=EXAMPLES)
@given(
    st.integers(3, 6),
    st.integers(2, 5),
    st.integers(0, 10**6),
    st.sets(st.sampled_from(OTHER), max_size=3),
    st.sampled_from(sorted(ABSORB)),
    st.sampled_from(["pair", "sides", "year", "none"]),
)
def test_a_finite_result_with_its_warnings_or_a_clear_error(countries, years, seed, defects, effects, cluster):
    frame, rng = panel(countries, years, seed)
    for defect in sorted(defects, key=lambda f: OTHER.index(f)):
        defect(frame, rng)
    before = frame.copy()
    try:
        fit = fit_ppml(frame, "trade ~ bloc + x", absorb=ABSORB[effects], cluster=CLUSTER[cluster])
    except InputError as error:
        assert len(error.problem) > 10
        return
    finally:
        pd.testing.assert_frame_equal(frame, before)  # the caller's frame is left alone
    said = "; ".join(fit.warnings)
    for values in (fit.coef, fit.fitted, fit.index, [fit.loglik]):
        assert np.isfinite(np.asarray(values)).all()
    if "no standard error can" in said or "no standard error of" in said:
        assert fit.se.isna().any()
        return
    assert np.isfinite(fit.vcov.to_numpy()).all()
    assert (fit.se > 0).all()
    assert np.linalg.eigvalsh(fit.vcov.to_numpy()).min() >= -1e-9 * np.abs(fit.vcov.to_numpy()).max()
    assert len(fit.rows) == fit.nobs == len(fit.fitted)
    if fit.nobs < len(frame):
        assert any(word in said for word in ("missing", "separation", "singletons"))
    for name in {"bloc", "x"} - set(fit.coef.index):
        assert f"{name}" in said.split("collinear: ")[1]
    if frame.iloc[fit.rows].duplicated(["exporter", "importer", "year"]).any():
        assert effects in ("none", "sides")
    # the first-order conditions hold: residuals are orthogonal to the regressors, so that this is the estimate
    score = fit.regressors.T @ (fit.response - fit.fitted)
    scale = np.abs(fit.regressors).T @ (fit.response + fit.fitted)
    assert (np.abs(score) <= 1e-6 * np.maximum(scale, 1e-300)).all()
    for follow in (lambda: [fit.reset_p], lambda: correct_bias(fit).se if effects == "three-way" else [0.0]):
        try:
            assert np.isfinite(np.asarray(follow())).all()
        except InputError as error:
            assert len(error.problem) > 10


@settings(max_examples=EXAMPLES // 3)
@given(
    st.integers(0, 10**6),
    st.sampled_from(FATAL),
    st.sets(st.sampled_from([huge, shuffled, mostly_zero]), max_size=2),
    st.sampled_from(sorted(ABSORB)),
)
def test_what_no_model_can_use_is_refused(seed, fatal, others, effects):
    frame, rng = panel(5, 4, seed)
    for defect in sorted(others, key=lambda f: f.__name__):
        defect(frame, rng)
    frame = frame.reset_index(drop=True)
    fatal(frame, rng)
    with pytest.raises(InputError):
        fit_ppml(frame, "trade ~ bloc + x", absorb=ABSORB[effects], cluster=PAIR)


@pytest.mark.parametrize("effects", ABSORB)
def test_one_cluster_is_refused(effects):
    frame, _ = panel(5, 4, 0)
    with pytest.raises(InputError, match="at least two clusters"):
        fit_ppml(frame, "trade ~ bloc + x", absorb=ABSORB[effects], cluster=CLUSTER["one"])


NAMED = {
    "separation": ([separated], "two-way", "separation"),
    "silent exporter": ([silent_exporter], "two-way", "separation"),
    "collinear": ([collinear], "two-way", "collinear"),
    "constant": ([constant], "two-way", "collinear: bloc"),
    "missing": ([missing], "two-way", "missing"),
}


@pytest.mark.parametrize("case", NAMED)
def test_each_defect_has_its_name_in_the_warnings(case):
    defects, effects, word = NAMED[case]
    frame, rng = panel(6, 4, 1)
    for defect in defects:
        defect(frame, rng)
    fit = fit_ppml(frame, "trade ~ bloc + x", absorb=ABSORB[effects], cluster=PAIR)
    assert any(word in said for said in fit.warnings)


def test_duplicated_dyad_years_are_refused_where_effects_imply_one_row():
    frame, rng = panel(5, 4, 0)
    duplicated(frame, rng)
    with pytest.raises(InputError, match="more than one row"):
        fit_ppml(frame, "trade ~ bloc + x", absorb=THREE_WAY, cluster=PAIR)


def test_reset_is_a_number_where_two_way_clusters_leave_the_variance_indefinite():
    # found by the first test: the variance of the squared index was negative, and p silently NaN
    frame, _ = panel(3, 4, 1418)
    fit = fit_ppml(frame, "trade ~ bloc + x", absorb=[], cluster=CLUSTER["sides"])
    try:
        assert 0 <= fit.reset_p <= 1
    except InputError as error:
        assert "RESET" in error.problem


def test_separation_that_the_engine_s_checks_miss_has_its_name():
    # found by the first test: the fit stopped at a coefficient of −28, on the way to −∞, without a word
    frame, rng = panel(3, 2, 240)
    separated(frame, rng)
    mostly_zero(frame, rng)
    fit = fit_ppml(frame, "trade ~ bloc + x", absorb=[], cluster=PAIR)
    assert "bloc" not in fit.coef.index
    assert "separation: 2 observations that the model predicts to be zero left out" in fit.warnings
    rest = fit_ppml(frame[frame["bloc"] == 0], "trade ~ x", absorb=[], cluster=PAIR)
    assert fit.coef["x"] == pytest.approx(rest.coef["x"], rel=1e-6)
