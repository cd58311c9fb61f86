"""Coefficients whose variance is rounding: their standard errors are missing with a warning, and never tiny."""

import numpy as np
import pandas as pd
import pytest

from deadletter.errors import InputError
from deadletter.trade import fit_ppml, linear_sum, specification_curve, wald_p

rng = np.random.default_rng(3)
FRAME = pd.DataFrame({"g": np.arange(90) % 3, "h": np.arange(90) % 2, "pair": np.arange(90) % 15})
FRAME = FRAME.assign(x=rng.normal(size=90), z=rng.normal(size=90), flow=rng.gamma(2.0, 1.0, 90))


@pytest.mark.parametrize(
    ("formula", "absorb"),
    [("C(g)", []), ("C(g) - 1", []), ("C(g)*x", []), ("C(g):x", ["g"]), ("C(g):x", ["g^h"]), ("x1", ["g"])],
)
@pytest.mark.parametrize("cluster", [["g"], ["g", "wide"]])
def test_scores_that_cancel_in_every_cluster_carry_no_variance(formula, absorb, cluster):
    """Rounding would leave 1e-16: each cluster has coefficients of its own, which set its scores to zero."""
    frame = FRAME.assign(wide=FRAME["g"] // 2, x1=FRAME["x"] * (FRAME["g"] == 1))
    fit = fit_ppml(frame, f"flow ~ {formula}", absorb=absorb, cluster=cluster)
    assert fit.se.isna().all()
    assert any(f"no standard error of {', '.join(fit.coef.index)}" in note for note in fit.warnings)
    with pytest.raises(InputError, match="no standard errors to test with"):
        wald_p(fit, list(fit.coef.index[:1]))
    if formula == "x1":
        with pytest.raises(InputError, match="RESET cannot be computed: too few clusters"):
            _ = fit.reset_p


def test_a_level_with_one_observation_has_no_variance_and_the_others_keep_theirs():
    frame = pd.DataFrame({"y": [5.0, 1, 2, 3, 7], "g": list("abbcc")})
    means = fit_ppml(frame, "y ~ C(g) - 1", absorb=[], cluster=[])
    np.testing.assert_allclose(means.coef, np.log([5, 1.5, 5]), atol=1e-9)
    # of the log of a mean: Σ(y − ȳ)² / (n ȳ)²
    np.testing.assert_allclose(means.se, [np.nan, np.sqrt(0.5) / 3, np.sqrt(8) / 10], rtol=1e-9)
    against = fit_ppml(frame, "y ~ C(g)", absorb=[], cluster=[])
    np.testing.assert_allclose(against.se, means.se, rtol=1e-9)
    assert against.warnings == (
        "variance: no standard error of Intercept, which too few clusters or observations carry",
    )


def test_a_sum_that_cancels_in_every_cluster_has_no_interval():
    """Two clusters, whose scores add up to zero, leave a variance of rank one."""
    fit = fit_ppml(FRAME, "flow ~ x + z", absorb=["g"], cluster=["h"])
    sign = np.sign(fit.vcov.loc["x", "z"])
    with pytest.raises(InputError, match="variance of the sum is zero"):
        linear_sum(fit, {"x": 1 / fit.se["x"], "z": -sign / fit.se["z"]})
    assert linear_sum(fit, {"x": 1 / fit.se["x"], "z": sign / fit.se["z"]}).se == pytest.approx(2)


@pytest.mark.parametrize("noise", [0.0, 1e-10])
def test_a_curve_has_no_errors_where_the_outcome_is_reproduced(noise):
    frame = FRAME.assign(flow=np.exp(1 + FRAME["x"] / 2 + FRAME["g"] + noise * FRAME["z"] ** 2))
    found = specification_curve(frame, "flow", ["x"], ["z"], absorb=["g"], cluster="pair")
    assert found["estimate"].tolist() == pytest.approx([0.5, 0.5])
    assert found[["se", "low", "high", "p"]].isna().all(axis=None)
    assert set(found["note"]) == {"no variance"}


def test_a_curve_has_no_errors_where_scores_cancel_in_every_cluster():
    frame = FRAME.assign(**{f"x{k}": FRAME["x"] * (FRAME["g"] == k) for k in range(3)})
    found = specification_curve(frame, "flow", ["x0"], ["x1", "x2"], absorb=["g"], cluster="g", ppml=[["x1", "x2"]])
    assert found["se"].isna().all()
    assert all("no variance" in note or "no standard error of x0" in note for note in found["note"])
