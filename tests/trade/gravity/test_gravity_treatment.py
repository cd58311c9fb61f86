"""Treatment columns by hand, and what is read off a fit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from deadletter.errors import InputError
from deadletter.trade import correct_bias, fit_ppml
from deadletter.trade.gravity import effects, treatment
from tests.trade.gravity.gravity_panels import PAIR, THREE_WAY, trade_panel

MEMBERS = {"A": 2, "B": 2, "C": 3}


@pytest.fixture
def dyads():
    keys = [(e, m, t) for e in "ABCD" for m in "ABCD" for t in range(1, 6)]
    return pd.DataFrame(keys, columns=["exporter", "importer", "year"])


def cells(frame, column):
    return {(r.exporter + r.importer, r.year) for r in frame[column == 1].itertuples()}


def test_bloc_starts_with_the_later_member_and_spares_domestic_flows(dyads):
    expected = {(p, t) for p in ("AB", "BA") for t in (2, 3, 4, 5)}
    expected |= {(p, t) for p in ("AC", "CA", "BC", "CB") for t in (3, 4, 5)}
    assert cells(dyads, treatment.bloc_dummy(dyads, MEMBERS)) == expected


@pytest.mark.parametrize("backend", ["numpy_nullable", "pyarrow"])
def test_columns_that_can_be_missing_change_no_dummy(dyads, backend):
    """A comparison with a missing year of such a column is missing, and missing is true as a number."""
    other = dyads.convert_dtypes(dtype_backend=backend)
    for make in (
        lambda frame: treatment.bloc_dummy(frame, MEMBERS),
        lambda frame: treatment.leads_lags(frame, MEMBERS, -2, 1),
        lambda frame: treatment.phase_in(frame, MEMBERS, [0, 1]),
        lambda frame: treatment.by_member(frame, MEMBERS, "exports"),
    ):
        np.testing.assert_array_equal(make(other), make(dyads))


@pytest.mark.parametrize("direction", ["exports", "imports"])
def test_splits_add_up_to_the_bloc(dyads, direction):
    parts = treatment.by_member(dyads, MEMBERS, direction)
    assert (parts.sum(axis=1) == treatment.bloc_dummy(dyads, MEMBERS)).all()
    assert parts.shape[1] == 3
    name = {"exports": "bloc_exports_A", "imports": "bloc_imports_A"}[direction]
    wanted = {"exports": {"AB", "AC"}, "imports": {"BA", "CA"}}[direction]
    assert {pair for pair, _ in cells(dyads, parts[name])} == wanted


def test_leads_and_lags_by_hand(dyads):
    table = treatment.leads_lags(dyads, MEMBERS, -2, 2)
    assert list(table) == ["bloc_m2", "bloc_p0", "bloc_p1", "bloc_p2"]
    assert cells(dyads, table["bloc_m2"]) == {(p, 1) for p in ("AC", "CA", "BC", "CB")}
    assert cells(dyads, table["bloc_p0"]) == {("AB", 2), ("BA", 2)} | {(p, 3) for p in ("AC", "CA", "BC", "CB")}
    # The last bin holds everything from two years on.
    late = {("AB", 4), ("AB", 5), ("BA", 4), ("BA", 5)} | {(p, 5) for p in ("AC", "CA", "BC", "CB")}
    assert cells(dyads, table["bloc_p2"]) == late


def test_phase_in_by_hand(dyads):
    table = treatment.phase_in(dyads, MEMBERS, [0, 2])
    assert list(table) == ["bloc_lag0", "bloc_lag2"]
    assert (table["bloc_lag0"] == treatment.bloc_dummy(dyads, MEMBERS)).all()
    assert cells(dyads, table["bloc_lag2"]) == {("AB", 4), ("AB", 5), ("BA", 4), ("BA", 5)} | {
        (p, 5) for p in ("AC", "CA", "BC", "CB")
    }


BAD = {
    "one member": lambda f: treatment.bloc_dummy(f, {"A": 2}),
    "stranger": lambda f: treatment.bloc_dummy(f, {"A": 2, "X": 2}),
    "never treated": lambda f: treatment.bloc_dummy(f, {"A": 9, "B": 9}),
    "unknown column": lambda f: treatment.bloc_dummy(f, MEMBERS, treatment.Keys(year="Jahr")),
    "no number": lambda f: treatment.bloc_dummy(f, {"A": 2, "B": np.nan}),
    "unknown split": lambda f: treatment.by_member(f, MEMBERS, "sideways"),
    "empty lead": lambda f: treatment.leads_lags(f, MEMBERS, -5, 2),
    "no lead": lambda f: treatment.leads_lags(f, MEMBERS, -1, 2),
    "empty lag": lambda f: treatment.phase_in(f, MEMBERS, [0, 7]),
    "negative lag": lambda f: treatment.phase_in(f, MEMBERS, [-1]),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_blocs_are_refused(dyads, case):
    with pytest.raises(InputError):
        BAD[case](dyads)


def bloc_panel(effect=0.8, seed=4):
    """A panel with no effect but the bloc's; lags double it after three years."""
    frame = trade_panel(12, 10, seed=seed, effect=0.0, noise=0.05, zeros=0.0)
    members = {"C00": 2005, "C01": 2005, "C02": 2006}
    time = treatment.event_time(frame, members)
    return frame.assign(trade=frame.trade * np.exp(effect * ((time >= 0) + 0.5 * (time >= 3)))), members


def test_event_study_recovers_the_path():
    frame, members = bloc_panel()
    study = effects.event_study(frame, "trade", members, -3, 4, absorb=THREE_WAY, cluster=PAIR)
    expected = [0, 0, 0, 0.8, 0.8, 0.8, 1.2, 1.2]
    # Noise of 5 % on 6 pairs a year: standard errors near 0.03.
    np.testing.assert_allclose(study.table["estimate"], expected, atol=0.12)
    assert study.table.loc[-1, ["estimate", "se"]].tolist() == [0, 0]
    assert (study.table.drop(-1)["se"] > 0).all()


def test_event_study_finds_a_trend_before():
    frame, members = bloc_panel(effect=0.0)
    time = treatment.event_time(frame, members)
    early = frame.assign(trade=frame.trade * np.exp(0.3 * (time <= -3)))
    arguments = {"absorb": THREE_WAY, "cluster": PAIR}
    assert effects.event_study(early, "trade", members, -4, 2, **arguments).pretrend_p < 1e-3


def test_phase_in_sum_and_its_error_by_hand():
    frame, members = bloc_panel()
    frame = frame.join(treatment.phase_in(frame, members, [0, 3]))
    fit = fit_ppml(frame, "trade ~ bloc_lag0 + bloc_lag3", absorb=THREE_WAY, cluster=PAIR)
    total = effects.linear_sum(fit, ["bloc_lag0", "bloc_lag3"])
    v = fit.vcov.to_numpy()
    assert total.estimate == pytest.approx(fit.coef.sum())
    assert total.se == pytest.approx(np.sqrt(v[0, 0] + v[1, 1] + 2 * v[0, 1]))
    assert total.estimate == pytest.approx(1.2, abs=0.1)
    assert total.percent == pytest.approx(100 * (np.exp(total.estimate) - 1))
    assert total.percent_se == pytest.approx(100 * np.exp(total.estimate) * total.se)
    # The same number as one coefficient: with the last lag and the years before it as regressors.
    other = frame.assign(before=frame.bloc_lag0 - frame.bloc_lag3)
    direct = fit_ppml(other, "trade ~ before + bloc_lag3", absorb=THREE_WAY, cluster=PAIR)
    assert total.se == pytest.approx(direct.se["bloc_lag3"], rel=1e-6)
    corrected = effects.linear_sum(correct_bias(fit), {"bloc_lag0": 1, "bloc_lag3": -1})
    assert corrected.se > 0


def test_an_effect_by_hand():
    found = effects.effect(np.log(1.5), 0.1)
    assert (found.percent, found.percent_se) == (pytest.approx(50), pytest.approx(15))
    assert found.percent_low == pytest.approx(100 * (1.5 * np.exp(-0.1959964) - 1), abs=1e-4)
    assert found.p == pytest.approx(5.019e-5, rel=1e-3)  # z = 4.05465


def test_wald_of_one_coefficient_is_its_z_test():
    frame, members = bloc_panel()
    frame = frame.assign(bloc=treatment.bloc_dummy(frame, members))
    fit = fit_ppml(frame, "trade ~ bloc + other", absorb=THREE_WAY, cluster=PAIR)
    assert effects.wald_p(fit, ["other"]) == pytest.approx(effects.linear_sum(fit, ["other"]).p)
    with pytest.raises(InputError, match="no such coefficient"):
        effects.wald_p(fit, ["blok"])


def test_leave_one_out_is_the_fit_without_the_economy():
    frame, _ = bloc_panel()
    frame = frame[frame.exporter.isin(frame.exporter.unique()[:6]) & frame.importer.isin(frame.exporter.unique()[:6])]
    frame = frame.assign(bloc=treatment.bloc_dummy(frame, {"C00": 2005, "C01": 2005}))
    table = effects.leave_one_out(frame, "trade ~ bloc", "bloc", absorb=THREE_WAY, cluster=PAIR)
    rest = frame[(frame.exporter != "C04") & (frame.importer != "C04")]
    assert list(table.index) == [f"C0{k}" for k in range(6)]
    alone = fit_ppml(rest, "trade ~ bloc", absorb=THREE_WAY, cluster=PAIR)
    assert table.loc["C04", "estimate"] == pytest.approx(alone.coef["bloc"], abs=1e-12)
    assert table.loc["C04", "se"] == pytest.approx(alone.se["bloc"], rel=1e-9)
    # Without a member the bloc is gone: said in the note, not an estimate.
    assert np.isnan(table.loc["C00", "estimate"])
    assert "no regressor varies" in table.loc["C00", "note"]


@pytest.mark.parametrize(("se", "level"), [(0.0, 0.95), (-0.1, 0.95), (0.1, 95), (0.1, 1.0)])
def test_an_interval_that_cannot_be_made_is_refused(se, level):
    with pytest.raises(InputError, match="no interval"):
        effects.effect(0.1, se, level)
