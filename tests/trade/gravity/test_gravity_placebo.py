"""Placebo blocs: the batch against single fits, p-values by counting, and a known effect."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from deadletter.errors import InputError
from deadletter.trade import fit_ppml
from deadletter.trade.gravity.placebo_blocs import placebo_blocs, placebo_dates
from deadletter.trade.gravity.treatment import bloc_dummy, event_time
from tests.trade.gravity.gravity_panels import PAIR, THREE_WAY, trade_panel

MEMBERS = dict.fromkeys(["C00", "C01"], 2004)
CANDIDATES = [f"C{k:02d}" for k in range(2, 9)]


def panel(effect=0.0, seed=2, noise=0.4):
    frame = trade_panel(9, 8, seed=seed, effect=0.0, noise=noise)
    frame["trade"] *= np.exp(effect * (event_time(frame, MEMBERS) >= 0))
    frame.loc[5, "trade"] = np.nan
    return frame


def test_every_placebo_equals_its_own_fit():
    frame = panel(0.7)
    found = placebo_blocs(frame, "trade", MEMBERS, CANDIDATES, controls=["other"])
    assert [*found.placebos["bloc"]] == list(combinations(CANDIDATES, 2))
    frame["real"] = bloc_dummy(frame, MEMBERS)
    for row in found.placebos.itertuples():
        frame["fake"] = bloc_dummy(frame, dict.fromkeys(row.bloc, 2004))
        fit = fit_ppml(frame, "trade ~ fake + real + other", absorb=THREE_WAY, cluster=PAIR)
        # The batch stops when a step moves an estimate by less than 1e-7 standard errors of the information.
        assert row.estimate == pytest.approx(fit.coef["fake"], abs=1e-6)
    alone = fit_ppml(frame, "trade ~ real + other", absorb=THREE_WAY, cluster=PAIR)
    assert found.observed == pytest.approx(alone.coef["real"], abs=1e-6)


def test_score_statistic_by_hand():
    # The common model by the ordinary fit, x̃ by least squares on its dummies and controls, pair scores summed.
    frame = panel(0.7).dropna().reset_index(drop=True)
    frame["real"] = bloc_dummy(frame, MEMBERS)
    fit = fit_ppml(frame, "trade ~ real + other", absorb=THREE_WAY, cluster=PAIR)
    sample = frame.iloc[fit.rows]
    columns = [["exporter", "year"], ["importer", "year"], ["exporter", "importer"]]
    blocks = [pd.get_dummies(sample[names].astype(str).agg("|".join, axis=1)).to_numpy(float) for names in columns]
    nuisance = np.column_stack([*blocks, sample[["real", "other"]]])
    root = np.sqrt(fit.fitted)
    x = bloc_dummy(sample, dict.fromkeys(["C03", "C05"], 2004)).to_numpy()
    slope = np.linalg.lstsq(nuisance * root[:, None], x * root, rcond=None)[0]
    scores = pd.Series((x - nuisance @ slope) * (fit.response - fit.fitted)).groupby(
        (sample.exporter + sample.importer).to_numpy()
    ).sum()  # fmt: skip
    table = placebo_blocs(frame, "trade", MEMBERS, CANDIDATES, controls=["other"]).placebos.set_index("bloc")
    assert table["score"].to_dict()[("C03", "C05")] == pytest.approx(
        scores.sum() / np.sqrt((scores**2).sum()), rel=1e-6
    )


def test_p_values_count_and_print_the_smallest_attainable():
    found = placebo_blocs(panel(0.0), "trade", MEMBERS, CANDIDATES)
    n = 21
    assert found.n == n
    assert found.smallest_p == 1 / 22
    larger = (found.placebos["estimate"].abs() >= abs(found.observed)).sum()
    assert found.p == (1 + larger) / (1 + n)
    assert found.p_score == (1 + (found.placebos["score"].abs() >= abs(found.observed_score)).sum()) / (1 + n)


def test_a_large_effect_has_the_smallest_p():
    found = placebo_blocs(panel(3.0, noise=0.1), "trade", MEMBERS, CANDIDATES)
    assert found.p == found.smallest_p


def test_a_bloc_without_flows_is_left_out_and_said():
    frame = panel(0.5)
    silent = frame.exporter.isin(["C02", "C03"]) & frame.importer.isin(["C02", "C03"])
    frame.loc[silent, "trade"] = 0.0
    found = placebo_blocs(frame, "trade", MEMBERS, CANDIDATES)
    assert found.n == 20
    assert ("C02", "C03") not in set(found.placebos["bloc"])
    assert found.warnings == ("placebo: 1 blocs without variation or without any flow left out",)


def test_a_bloc_that_trades_only_after_its_start_is_not_estimable():
    frame = panel(0.5)
    pair = frame.exporter.isin(["C02", "C03"]) & frame.importer.isin(["C02", "C03"])
    frame.loc[pair & (frame.year < 2004), "trade"] = 0.0
    frame.loc[pair & (frame.year >= 2004), "trade"] = 1.0
    found = placebo_blocs(frame, "trade", MEMBERS, CANDIDATES)
    assert ("C02", "C03") not in set(found.placebos["bloc"])


def test_a_sample_of_blocs_is_seeded_and_part_of_all():
    frame = panel(0.5)
    everything = placebo_blocs(frame, "trade", MEMBERS, CANDIDATES)
    some = placebo_blocs(frame, "trade", MEMBERS, CANDIDATES, draws=8, seed=3)
    again = placebo_blocs(frame, "trade", MEMBERS, CANDIDATES, draws=8, seed=3)
    other = placebo_blocs(frame, "trade", MEMBERS, CANDIDATES, draws=8, seed=4)
    assert (some.n, some.smallest_p) == (8, 1 / 9)
    pd.testing.assert_frame_equal(some.placebos, again.placebos)
    assert set(some.placebos["bloc"]) != set(other.placebos["bloc"])
    merged = some.placebos.merge(everything.placebos, on="bloc")
    np.testing.assert_allclose(merged["estimate_x"], merged["estimate_y"], atol=1e-6)


def test_dates_are_drawn_before_the_bloc_and_by_the_seed():
    frame = panel(0.5)
    first = placebo_dates(frame, "trade", MEMBERS, CANDIDATES, [2001, 2002, 2003], years=1, seed=1, draws=30)
    again = placebo_dates(frame, "trade", MEMBERS, CANDIDATES, [2001, 2002, 2003], years=1, seed=1, draws=30)
    other = placebo_dates(frame, "trade", MEMBERS, CANDIDATES, [2001, 2002, 2003], years=1, seed=2, draws=30)
    pd.testing.assert_frame_equal(first.placebos, again.placebos)
    assert not first.placebos.equals(other.placebos)
    assert first.n == 30
    assert not first.placebos.duplicated(["bloc", "start"]).any()


def test_dates_compare_windows_of_one_length():
    # By hand: fit_ppml in the two years on each side of the date, for a placebo and for the real bloc alike.
    frame = panel(0.5)
    found = placebo_dates(frame, "trade", MEMBERS, CANDIDATES, [2002], years=2, seed=1)

    def alone(members, start):
        window = frame[frame.year.between(start - 2, start + 1)]
        window = window.assign(fake=bloc_dummy(window, dict.fromkeys(members, start)))
        return fit_ppml(window, "trade ~ fake", absorb=THREE_WAY, cluster=PAIR).coef["fake"]

    assert found.observed == pytest.approx(alone(list(MEMBERS), 2004), abs=1e-6)
    row = found.placebos.iloc[0]
    assert row.estimate == pytest.approx(alone(row.bloc, 2002), abs=1e-6)


def test_all_of_a_small_product_is_used():
    found = placebo_dates(panel(), "trade", MEMBERS, CANDIDATES[:3], [2002, 2003], years=1, seed=0)
    assert found.n == 6


BAD = {
    "several first years": lambda f: placebo_blocs(f, "trade", {"C00": 2004, "C01": 2005}, CANDIDATES),
    "member as candidate": lambda f: placebo_blocs(f, "trade", MEMBERS, ["C00", *CANDIDATES]),
    "stranger": lambda f: placebo_blocs(f, "trade", MEMBERS, ["X", *CANDIDATES]),
    "too few": lambda f: placebo_blocs(f, "trade", MEMBERS, ["C05"]),
    "twice": lambda f: placebo_blocs(f, "trade", MEMBERS, ["C05", "C05", "C06"]),
    "negative flow": lambda f: placebo_blocs(f.assign(trade=-1.0), "trade", MEMBERS, CANDIDATES),
    "duplicates": lambda f: placebo_blocs(pd.concat([f, f]), "trade", MEMBERS, CANDIDATES),
    "late date": lambda f: placebo_dates(f, "trade", MEMBERS, CANDIDATES, [2005], years=1, seed=0),
    "first year": lambda f: placebo_dates(f, "trade", MEMBERS, CANDIDATES, [2000], years=1, seed=0),
    "long window": lambda f: placebo_dates(f, "trade", MEMBERS, CANDIDATES, [2002], years=3, seed=0),
    "real window": lambda f: placebo_dates(f[f.year < 2006], "trade", MEMBERS, CANDIDATES, [2001], years=3, seed=0),
    "no years": lambda f: placebo_dates(f, "trade", MEMBERS, CANDIDATES, [2002], years=0, seed=0),
    "no draws": lambda f: placebo_dates(f, "trade", MEMBERS, CANDIDATES, [2002], years=1, seed=0, draws=0),
    "no draws of blocs": lambda f: placebo_blocs(f, "trade", MEMBERS, CANDIDATES, draws=0),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_refused(case):
    with pytest.raises(InputError):
        BAD[case](panel())


def test_where_all_flows_are_reproduced_no_bloc_stands_out():
    """Estimates and scores are rounding there, which would rank blocs at random."""
    frame = trade_panel(9, 8, seed=2, effect=0.0, noise=0.0, zeros=0.0)
    nothing = placebo_blocs(frame, "trade", MEMBERS, CANDIDATES)
    assert (nothing.p, nothing.p_score) == (1.0, 1.0)
    frame["trade"] *= np.exp(0.7 * (event_time(frame, MEMBERS) >= 0))
    real = placebo_blocs(frame, "trade", MEMBERS, CANDIDATES)
    assert real.p == real.p_score == real.smallest_p
    assert (real.placebos["score"] == 0).all()
