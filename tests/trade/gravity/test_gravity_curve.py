"""The specification curve against statsmodels with dummies."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from deadletter.errors import InputError
from deadletter.trade import fit_ppml
from deadletter.trade.gravity.curve import linear_curve, specification_curve
from tests.trade.gravity.gravity_panels import PAIR, THREE_WAY, trade_panel

CONTROLS = ["other", "c1", "c2"]


@pytest.fixture(scope="module")
def panel():
    frame = trade_panel(6, 4, seed=8, zeros=0.1)
    rng = np.random.default_rng(0)
    frame = frame.assign(c1=rng.normal(size=len(frame)), c2=rng.normal(size=len(frame)) * 1e4)
    return frame.assign(log=np.log(frame.trade.where(frame.trade > 0)), second=1 - frame.agreement * 0.5 + frame.c1)


def test_every_subset_equals_least_squares_with_dummies(panel):
    table = linear_curve(panel, "log", ["agreement"], CONTROLS, THREE_WAY, PAIR[0])
    subsets = [" + ".join(subset) for size in range(4) for subset in combinations(CONTROLS, size)]
    assert list(table["controls"]) == subsets
    rows = panel.dropna()
    names = [["exporter", "year"], ["importer", "year"], ["exporter", "importer"]]
    blocks = [pd.get_dummies(rows[n].astype(str).agg("|".join, axis=1)).to_numpy(float) for n in names]
    pair = rows.exporter + rows.importer
    for row in table.itertuples():
        regressors = ["agreement", *[name for name in row.controls.split(" + ") if name]]
        effects = np.column_stack(blocks)
        left = rows[["log", *regressors]].to_numpy()
        left = left - effects @ np.linalg.lstsq(effects, left, rcond=None)[0]
        fit = sm.OLS(left[:, 0], left[:, 1:]).fit(
            cov_type="cluster", cov_kwds={"groups": pd.factorize(pair)[0], "use_correction": False}
        )
        groups = pair.nunique()
        assert row.estimate == pytest.approx(fit.params[0], abs=1e-7)
        assert row.se == pytest.approx(fit.bse[0] * np.sqrt(groups / (groups - 1)), rel=1e-6)
        assert row.nobs == len(rows)


def test_a_collinear_subset_is_named_and_the_rest_stands(panel):
    frame = panel.assign(twice=2 * panel.other)
    table = linear_curve(frame, "log", ["agreement"], ["other", "twice"], THREE_WAY, PAIR[0]).set_index("controls")
    assert table.loc["other + twice", "note"] == "collinear"
    assert np.isnan(table.loc["other + twice", "estimate"])
    assert table.loc["other", "estimate"] == pytest.approx(table.loc["twice", "estimate"], abs=1e-9)


def test_the_curve_has_every_combination_and_the_listed_ppml_models(panel):
    table = specification_curve(
        panel, "trade", ["agreement", "second"], CONTROLS[:2], absorb=THREE_WAY, cluster=PAIR[0], ppml=[("other",)]
    )
    assert len(table) == 2 * 4 + 2
    assert not table.duplicated(["model", "treatment", "controls"]).any()
    of = table.set_index(["model", "treatment", "controls"]).loc
    fit = fit_ppml(panel, "trade ~ agreement + other", absorb=THREE_WAY, cluster=PAIR)
    found = of["PPML", "agreement", "other"]
    assert (found.estimate, found.se) == (fit.coef["agreement"], fit.se["agreement"])
    assert found.low == pytest.approx(found.estimate - 1.959964 * found.se, rel=1e-6)
    logs = linear_curve(panel, "log", ["agreement"], ["other"], THREE_WAY, PAIR[0])
    assert of["least squares", "agreement", "other"].estimate == pytest.approx(logs["estimate"].iloc[1], abs=1e-9)


def test_what_cannot_be_estimated_says_why(panel):
    frame = panel.assign(constant=1.0)
    model = {"absorb": THREE_WAY, "cluster": PAIR[0]}
    with pytest.raises(InputError, match="does not vary"):
        specification_curve(frame, "trade", ["constant"], [], **model)
    table = specification_curve(frame, "trade", ["agreement"], [], ppml=[("constant",), ("missing",)], **model)
    assert list(table["note"].str.split(":").str[0]) == ["", "collinear", "formula"]
    assert list(table["estimate"].isna()) == [False, False, True]
    with pytest.raises(InputError, match="number of specifications"):
        linear_curve(frame, "log", [], [], THREE_WAY, PAIR[0])


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda p: p.assign(trade=p.trade - 1), "a flow is negative"),
        (lambda p: p.drop(columns="trade"), "no such column; found: 'trade'"),
        (lambda p: p.assign(trade="1,5"), "not numeric"),
    ],
)
def test_flows_that_have_no_logarithm_are_named(panel, change, told):
    with pytest.raises(InputError, match=told):
        specification_curve(change(panel), "trade", ["agreement"], [], absorb=THREE_WAY, cluster=PAIR[0])
