"""Estimators against R 4.2: tests/trade/reference/reference.R made the stored values (strucchange, sandwich, glm)."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from deadletter.trade import fit_ppml
from deadletter.trade.breaks.dating import bai_perron, cusum, hansen
from deadletter.trade.breaks.interrupted import interrupted
from deadletter.trade.breaks.sup_f import chow, sup_f
from tests.trade.gravity.gravity_panels import PAIR, THREE_WAY

FOLDER = Path(__file__).parent / "reference"
R = json.loads((FOLDER / "reference.json").read_text())
NILE = sm.datasets.nile.load_pandas().data["volume"].to_numpy()
TERMS = ["agreement", "other"]


def test_sup_f_of_the_nile():
    told, found = R["nile"], sup_f(NILE, trim=0.15)
    assert found.statistic == pytest.approx(told["sup_f"], rel=1e-10)
    assert found.index == told["sup_f_at"] - 1  # R counts from one: 1898 is the last year before the break
    assert found.p_value < 1e-12  # both report what is left of the approximation far in the tail
    assert told["sup_f_p"] < 1e-12
    waved = sup_f(NILE, np.sin(np.arange(1, 101)), trim=0.2)
    assert waved.statistic == pytest.approx(told["sup_f_two"], rel=1e-10)


def test_chow_at_a_known_date():
    found = chow(NILE, R["nile"]["sup_f_at"] - 1)
    assert found.statistic == pytest.approx(R["nile"]["chow"], rel=1e-10)
    assert found.p_value == pytest.approx(R["nile"]["chow_p"], rel=1e-6)


def test_dates_by_bic():
    told, found = R["nile"], bai_perron(NILE, trim=0.15, most=5)
    assert [index + 1 for index in found.indices] == [told["dates"]]
    assert found.ssr == pytest.approx(told["rss"], rel=1e-10)


def test_cusum_and_hansen():
    told = R["nile"]
    assert cusum(NILE).statistic == pytest.approx(told["cusum"], rel=1e-10)
    # the limit is the supremum of a Brownian bridge: statsmodels and strucchange sum the same series
    assert cusum(NILE).p_value == pytest.approx(told["cusum_p"], rel=1e-6)
    assert hansen(NILE).statistic == pytest.approx(told["hansen"], rel=1e-10)


def test_newey_west_of_an_interrupted_series():
    told, found = R["interrupted"], interrupted(NILE, range(100), {"dam": 28}, slopes=False)
    assert found.lag == told["lag"]
    assert found.table["estimate"].to_numpy() == pytest.approx(told["coef"], rel=1e-9)
    assert found.table["se"].to_numpy() == pytest.approx(told["se"], rel=1e-9)


@pytest.mark.parametrize(("absorb", "which"), [(["exporter", "importer"], "two_effects"), (THREE_WAY, "three_way")])
def test_ppml_and_its_errors(absorb: list[str], which: str):
    panel, told = pd.read_csv(FOLDER / "panel.csv"), R[which]
    ways = min(panel["exporter"].nunique(), panel["importer"].nunique())
    # sandwich corrects each way by its own G/(G - 1), ppmlhdfe and we by that of the smaller: so without, then by hand
    wanted = {
        "pair": (PAIR, 1.0),
        "two_way_plain": (["exporter", "importer"], np.sqrt(ways / (ways - 1))),
        "robust": ([], 1.0),
    }
    for name, (cluster, factor) in wanted.items():
        fit = fit_ppml(panel, "trade ~ agreement + other", absorb=absorb, cluster=cluster)
        # 1e-6: R stops at a relative change of the deviance of 1e-9, we at less
        np.testing.assert_allclose(fit.coef[TERMS], told["coef"], rtol=1e-6)
        np.testing.assert_allclose(fit.se[TERMS], np.array(told[name]) * factor, rtol=1e-6)
