"""Which observations are left out, against a dense linear programme for each row."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from deadletter.errors import InputError
from deadletter.trade import fit_ppml
from deadletter.trade.gravity.separation import informative, rectified, separated
from tests.trade.gravity.gravity_panels import PAIR, THREE_WAY, trade_panel

EFFECTS = [["exporter", "year"], ["importer", "year"], ["exporter", "importer"]]


def perfectly_predicted(frame, regressors):
    """Rows that some combination z of columns separates: z = 0 where y > 0, z ≤ 0 where y = 0, and the row's own z as
    low as a bound of −1 lets it. One programme a row, as the definition says."""
    blocks = [pd.get_dummies(frame[names].astype(str).agg("|".join, axis=1)).to_numpy(float) for names in EFFECTS]
    design = np.column_stack([frame[regressors].to_numpy(float), *blocks])
    zero = (frame.trade == 0).to_numpy()
    found = set()
    for row in np.flatnonzero(zero):
        solved = linprog(
            design[row],
            A_ub=np.vstack([design[zero], -design[[row]]]),
            b_ub=np.append(np.zeros(zero.sum()), 1.0),
            A_eq=design[~zero],
            b_eq=np.zeros((~zero).sum()),
            bounds=(None, None),
        )
        if solved.fun < -0.5:
            found.add(int(row))
    return found


PANELS = [(5, 0.5, 0), (5, 0.5, 1), (5, 0.65, 2), (6, 0.6, 14), (6, 0.75, 7)]


@pytest.mark.parametrize(("countries", "zeros", "seed"), PANELS)
def test_separated_rows_and_no_others_are_left_out(countries, zeros, seed):
    # In the last panel the engine's checks find 59 of 70 separated rows, and its iterations fail on the rest.
    frame = trade_panel(countries, 4, seed=seed, zeros=zeros)
    expected = perfectly_predicted(frame, ["agreement", "other"])
    codes = [pd.factorize(frame[names].astype(str).agg("|".join, axis=1))[0] for names in EFFECTS]
    response = frame.trade.to_numpy()
    mask = separated(response, frame[["agreement", "other"]].to_numpy(), codes)
    assert set(np.flatnonzero(mask)) == expected
    rest = np.array(sorted(set(range(len(frame))) - expected))
    rest, _, alone = informative(response, codes, rest)
    fit = fit_ppml(frame, "trade ~ agreement + other", absorb=THREE_WAY, cluster=PAIR)
    assert set(fit.rows) == set(rest)
    assert any(note.startswith("separation") for note in fit.warnings)
    assert any(note.startswith("singletons") for note in fit.warnings) == (alone > 0)


def test_a_panel_of_nothing_but_separated_rows_and_singletons_is_refused():
    # The engine panics on an empty sample.
    frame = trade_panel(6, 4, seed=11, zeros=0.75)
    with pytest.raises(InputError, match="no observation is left"):
        fit_ppml(frame, "trade ~ agreement + other", absorb=THREE_WAY, cluster=PAIR)


def test_leaving_out_is_repeated_until_nothing_changes():
    # a = 1 has no positive flow; without its row b = 0 holds row 1 alone; without that, a = 2 holds row 2 alone.
    response = np.array([0.0, 1, 1, 1, 1, 1])
    a, b = np.array([1, 2, 2, 3, 3, 3]), np.array([0, 0, 1, 1, 1, 1])
    rows, zeros, singletons = informative(response, [a, b], np.arange(6))
    assert (rows.tolist(), zeros, singletons) == ([3, 4, 5], 1, 2)


def test_one_cluster_left_is_refused():
    frame = trade_panel(5, 4, seed=0, zeros=0.0)
    silent = frame.exporter == "C01"
    frame = frame.assign(trade=frame.trade.where(~silent, 0.0), region=silent.astype(int))
    with pytest.raises(InputError, match="two clusters in the estimation sample"):
        fit_ppml(frame, "trade ~ agreement", absorb=THREE_WAY, cluster=["region"])


def test_no_regressor_is_refused():
    with pytest.raises(InputError, match="no regressor"):
        fit_ppml(trade_panel(4, 3, seed=0), "trade ~ 1", absorb=[], cluster=[])


def test_the_rectifier_for_large_samples():
    """A regressor of the zeros alone, and two whose difference is: both found. In sparse panels, none wrongly."""
    group = np.arange(60) % 3
    rng = np.random.default_rng(2)
    alone = (np.arange(60) < 6) * 1.0
    response = np.where(alone == 1, 0.0, rng.poisson(2.0, 60) + 1.0)
    level = rng.integers(1, 5, 60).astype(float)
    for regressors in (alone[:, None], np.column_stack([level + alone, level])):
        np.testing.assert_array_equal(rectified(response, regressors, [group]), alone == 1)
    for countries, zeros, seed in PANELS:
        frame = trade_panel(countries, 4, seed=seed, zeros=zeros)
        codes = [pd.factorize(frame[names].astype(str).agg("|".join, axis=1))[0] for names in EFFECTS]
        rows, _, _ = informative(frame.trade.to_numpy(), codes, np.arange(len(frame)))
        given = (frame.trade.to_numpy()[rows], frame[["agreement", "other"]].to_numpy()[rows], [c[rows] for c in codes])
        assert not (rectified(*given) & ~separated(*given)).any()
