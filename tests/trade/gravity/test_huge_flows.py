"""One flow that is larger than all others together: the others are estimated as beside a small one, or it is named."""

import numpy as np
import pandas as pd
import pytest

from deadletter.errors import InputError
from deadletter.trade import bloc_dummy, fit_ppml
from tests.trade.gravity.gravity_panels import BLOC, PAIR, THREE_WAY, panel, trade_panel

__all__ = ["panel"]


def test_one_huge_flow_is_no_exact_fit(panel):
    """Its effects fit it all but exactly, and the others as beside a flow a hundredth as large."""
    rng = np.random.default_rng(1)
    frame = panel.assign(x=rng.normal(size=len(panel)), flow=rng.gamma(2.0, 1.0, len(panel)))
    huge, less = (
        fit_ppml(
            frame.assign(flow=frame["flow"].where(frame.index != 7, flow)),
            "flow ~ x",
            absorb=THREE_WAY[:2],
            cluster=PAIR,
        )
        for flow in (1e12, 1e10)
    )
    assert not huge.warnings
    assert huge.coef["x"] == pytest.approx(less.coef["x"], rel=1e-6)
    assert huge.se["x"] == pytest.approx(less.se["x"], rel=1e-6)


def test_a_flow_that_keeps_a_fit_from_converging_is_named():
    far = trade_panel(10, 7, seed=0)
    far["trade"] = far["trade"].where(far.index != 0, 1e12)
    with pytest.raises(
        InputError, match=r"did not converge.*; allowed: the largest response is 1e\+12 times the median"
    ):
        fit_ppml(far, "trade ~ agreement", absorb=THREE_WAY, cluster=PAIR)


def by_newton(design, response):
    """Poisson coefficients and linear indices by iterated least squares on independent columns."""
    index = np.log(response + 1)
    for _ in range(60):
        root = np.exp(index / 2)
        working = index + response / root**2 - 1
        coef = np.linalg.lstsq(design * root[:, None], working * root, rcond=None)[0]
        index = design @ coef
    return coef, index


@pytest.mark.parametrize("flow", [1e6, 1e12])
def test_beside_one_huge_flow_estimates_are_those_of_newtons_method(panel, flow):
    frame = panel.assign(
        x=np.random.default_rng(5).normal(size=len(panel)), flow=panel["flow"].where(panel.index != 7, flow)
    )
    fit = fit_ppml(frame, "flow ~ x", absorb=["exporter"], cluster=[])
    design = np.column_stack([frame["x"], pd.get_dummies(frame["exporter"], dtype=float)])
    response = frame["flow"].to_numpy()
    coef, index = by_newton(design, response)
    bread = np.linalg.inv(design.T @ (design * np.exp(index)[:, None]))
    scores = design * (response - np.exp(index))[:, None]
    assert fit.coef["x"] == pytest.approx(coef[0], rel=1e-8)
    assert fit.se["x"] == pytest.approx(np.sqrt((bread @ scores.T @ scores @ bread)[0, 0]), rel=1e-8)


def test_a_flow_that_costs_the_others_their_digits_is_told_of(panel):
    far = panel.assign(flow=panel["flow"].where(panel.index != 7, 1e14))
    assert any(
        "largest response" in note for note in fit_ppml(far, "flow ~ year", absorb=["exporter"], cluster=[]).warnings
    )


@pytest.mark.parametrize(("row", "flow"), [*((row, flow) for row in (0, 58) for flow in (1e6, 2e6, 1e7)), (0, 1e12)])
def test_rounding_of_a_huge_flow_keeps_no_fit_from_converging(panel, row, flow):
    """What rounding leaves of its deviance is more than that of all others changes in a step."""
    far = panel.assign(bloc=bloc_dummy(panel, BLOC), flow=panel["flow"].where(panel.index != row, flow))
    fit = fit_ppml(far, "flow ~ bloc", absorb=THREE_WAY, cluster=PAIR)
    assert fit.coef["bloc"] == pytest.approx(
        by_newton(three_way(far, ["bloc"]), far["flow"].to_numpy())[0][0], rel=1e-6
    )


def three_way(frame, regressors):
    """Regressors and independent dummies of the three-way model."""
    pairs = [frame[list(columns.split("^"))].astype(str).agg("".join, axis=1) for columns in THREE_WAY]
    columns = np.column_stack([frame[regressors], *(pd.get_dummies(pair, dtype=float) for pair in pairs)])
    return columns[:, np.abs(np.diag(np.linalg.qr(columns)[1])) > 1e-9]


def test_flows_of_many_magnitudes_are_fitted():
    """Their weights leave the projection fewer digits than the iterations ask for at first."""
    frame = trade_panel(5, 4, seed=13, noise=3, zeros=0)
    fit = fit_ppml(frame, "trade ~ agreement + other", absorb=THREE_WAY, cluster=PAIR)
    found = by_newton(three_way(frame, ["agreement", "other"]), frame["trade"].to_numpy())[0]
    assert fit.coef.to_numpy() == pytest.approx(found[:2], rel=1e-8)


@pytest.mark.parametrize("seed", [73, 255, 298])
def test_without_an_intercept_no_unit_of_the_response_leads_astray(seed):
    """Nothing takes up the unit; steps that overshot to exp(200) left responses at exp(-150) for good, and an estimate
    at which the first-order conditions do not hold."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"x": rng.normal(size=60) + rng.normal(), "z": rng.gamma(2, 1, 60)})
    frame["y"] = rng.poisson(np.exp(0.5 + 0.3 * frame["x"])) * 1e6
    for formula in ("y ~ x - 1", "y ~ x + x:z - 1"):
        fit = fit_ppml(frame, formula, absorb=[], cluster=[])
        mean = np.exp(fit.regressors @ fit.coef.to_numpy())
        scale = np.abs(fit.regressors).T @ (fit.response + mean)
        assert np.abs(fit.regressors.T @ (fit.response - mean) / scale).max() < 1e-8


def test_steps_that_overshoot_are_halved():
    """The linear index is that of the coefficients and the effects, or there is none, where responses differ by 20
    magnitudes."""
    rng = np.random.default_rng(259)
    n = rng.integers(30, 90)
    frame = pd.DataFrame({"x": rng.normal(size=n), "z": rng.gamma(2, 1, n)})
    frame = frame.assign(g=rng.integers(0, 8, n).astype(str), h=rng.integers(0, 8, n).astype(str))
    frame["y"] = np.exp(8 * rng.normal(size=n))
    try:
        fit = fit_ppml(frame, "y ~ x + z", absorb=["g", "h"], cluster=[])
    except InputError as error:
        assert "no convergence" in str(error)
        return
    held = frame.iloc[fit.rows]
    design = np.column_stack(
        [fit.regressors, pd.get_dummies(held["g"], dtype=float), pd.get_dummies(held["h"], dtype=float)]
    )
    root = np.sqrt(fit.fitted / fit.fitted.max())
    mean = np.exp(design @ np.linalg.lstsq(design * root[:, None], fit.index * root, rcond=None)[0])
    scale = np.abs(design).T @ (fit.response + mean)
    assert np.abs(design.T @ (fit.response - mean) / scale).max() < 1e-6
