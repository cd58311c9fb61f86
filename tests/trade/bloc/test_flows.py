"""Flows, growth, shares and measures of integration: hand computations and identities."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deadletter.errors import InputError
from deadletter.trade.bloc.flows import Flows, among_outsiders, mutual, outside, read_flows, turnover
from deadletter.trade.bloc.shares import (
    SMALL_WORLD,
    integration,
    intra_share,
    partner_share,
    partner_shares,
    share_change,
)
from tests.trade.trade_tables import FIVE, flows, small_flows, small_frame


def test_sums_by_hand():
    world = small_flows()
    assert list(mutual(world, ["A", "B"]).values) == [40, 60]
    assert list(outside(world, ["A", "B"]).values) == [200, 100]
    assert list(among_outsiders(world, ["A", "B"]).values) == [150, 150]
    assert turnover(world, "A").loc["B", 1] == 40
    assert mutual(world, ["A", "B", "C"], without=[("C", "A")]).values[1] == 40 + 60 + 40
    assert mutual(world, ["A", "B", "C"], without=[("C", "A")]).flows == 4


def test_both_conventions_by_hand():
    world = small_flows()
    assert list(intra_share(world, ["A", "B"], "twice")) == pytest.approx([80 / 280, 120 / 220])
    assert list(intra_share(world, ["A", "B"], "once")) == pytest.approx([40 / 240, 60 / 160])
    # shares sum to one over partners; A trades 40 with B, 60 with C, 10 with D in year 1
    assert partner_shares(world, "A")[1].to_dict() == pytest.approx({"B": 40 / 110, "C": 60 / 110, "D": 10 / 110})
    assert partner_share(world, "A", ["B", "D"])[1] == pytest.approx(50 / 110)


def test_change_of_the_share_is_numerator_less_denominator():
    change = share_change(small_flows(), ["A", "B"], 1, 2, "once")
    assert change.mutual == pytest.approx(np.log(60 / 40))
    assert change.outside == pytest.approx(np.log(100 / 200))
    assert change.logit == pytest.approx(np.log(60 / 100) - np.log(40 / 200))


positive = st.floats(0.1, 1e4)


@st.composite
def worlds(draw):
    n = draw(st.integers(4, 6))
    values = np.array([[[draw(positive) if i != j else 0.0 for _ in range(2)] for j in range(n)] for i in range(n)])
    return Flows(tuple("ABCDEF"[:n]), (1, 2), values)


@given(worlds())
def test_identity_is_exact_under_both_conventions(world):
    twice, once = (share_change(world, ["A", "B"], 1, 2, convention) for convention in ("twice", "once"))
    # shares near 0 or 1 lose digits in 1 − share: 1e-9 of a log point leaves room for that and for nothing else
    assert twice.logit == pytest.approx(twice.mutual - twice.outside, abs=1e-9)
    assert twice.logit == pytest.approx(once.logit, abs=1e-9)


@given(worlds())
def test_sums_exhaust_the_world_and_measures_keep_their_bounds(world):
    parts = [f(world, ["A", "B"]).values for f in (mutual, outside, among_outsiders)]
    assert sum(parts).to_numpy() == pytest.approx(world.values.sum(axis=(0, 1)))
    for convention in ("twice", "once"):
        found = integration(world, ["A", "B"], convention)
        assert found.share.between(0, 1).all()
        assert found.introversion.between(-1, 1).all()
        if convention == "twice":  # both say 4·I·O > X²
            clear = (found.intensity - 1).abs() > 1e-9
            assert ((found.intensity > 1) == (found.introversion > 0))[clear].all()
    assert partner_shares(world, "A").sum().to_numpy() == pytest.approx([1, 1])


def test_measures_by_hand():
    # twice: S = 2/7, T_r/T_w = 280/780, V = 2/5, HI = 5/7, HE = 25/21; once: S = 1/6, V = 4/7, HI = 7/24, HE = 35/18
    twice = integration(small_flows(), ["A", "B"], "twice")
    assert twice.intensity[1] == pytest.approx((2 / 7) / (280 / 780))
    assert twice.introversion[1] == pytest.approx(-1 / 4)
    once = integration(small_flows(), ["A", "B"], "once")
    assert once.intensity[1] == pytest.approx((1 / 6) / (240 / 390))
    assert once.introversion[1] == pytest.approx(-119 / 161)


def test_neutral_world_has_intensity_near_one_and_no_introversion():
    # every pair trades in proportion to the product of weights: S = T_r/T_w up to the trade that nobody has with itself
    weights = np.array([0.01] * 100)
    values = np.repeat(np.outer(weights, weights)[:, :, None], 2, axis=2)
    values[np.arange(100), np.arange(100)] = 0
    world = Flows(tuple(f"E{i}" for i in range(100)), (1, 2), values)
    bloc = list(world.codes[:50])
    found = integration(world, bloc, "twice")
    assert found.intensity[1] == pytest.approx(1, abs=0.02)
    assert found.introversion[1] == pytest.approx(0, abs=0.03)
    assert integration(world, bloc, "twice", aggregates=["E99"]).warnings == (SMALL_WORLD,)
    assert found.warnings == ()


def test_introversion_without_trade_among_outsiders_is_refused():
    frame = small_frame()
    frame.loc[frame["exporter"].isin(["C", "D"]) & frame["importer"].isin(["C", "D"]), "exports_musd"] = 0
    with pytest.raises(InputError, match="no trade among outsiders"):
        integration(read_flows(frame), ["A", "B"], "twice")


def test_missing_cells_of_the_measures_are_named():
    found = integration(flows(), FIVE, "twice", aggregates=["ROW", "EU28"])
    assert found.missing == ("KAZ→RUS 2010", "RUS→KAZ 2010")
    for series in (found.share, found.intensity, found.introversion):
        assert list(series.index[series.isna()]) == [2010]
    assert found.warnings == (SMALL_WORLD,)


def test_missing_cells_are_named_and_never_counted_as_zero():
    assert np.isnan(partner_shares(flows(), "RUS")[2010]).all()
    assert partner_shares(flows(), "BLR")[2010].notna().all()
    with pytest.raises(InputError, match="KAZ→RUS 2010"):
        share_change(flows(), FIVE, 2010, 2011, "once")


def test_the_share_of_the_five_under_both_conventions():
    # the Commission's figures as the article cites them, in per cent; only the double count is near them
    cited = pd.Series({2014: 12.3, 2015: 13.5, 2016: 14.4, 2017: 14.6, 2018: 13.5})
    twice = 100 * intra_share(flows(), FIVE, "twice")[cited.index]
    once = 100 * intra_share(flows(), FIVE, "once")[cited.index]
    assert (twice - cited).abs().max() < 0.4
    assert (once - cited).abs().min() > 5


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: f.drop(columns="year"), "column is missing.*year"),
        (lambda f: f.assign(exports_musd=-1), "at least 0"),
        (lambda f: f.assign(exports_musd="many"), "at least 0.*many"),
        (lambda f: f.assign(exports_musd=np.inf), "finite"),
        (lambda f: f.assign(importer=f["exporter"]), "exports to itself"),
        (lambda f: pd.concat([f, f.head(1)]), "duplicate flow.*A→B 1"),
        (
            lambda f: pd.concat([f.assign(industry=1), f.assign(industry=2)]),
            r"duplicate flow \(the two differ in industry\)",
        ),
        (lambda f: f.assign(year="last year"), "whole number"),
        (lambda f: f.assign(year=1.5), "whole number"),
    ],
)
def test_bad_flows_are_refused(change, message):
    with pytest.raises(InputError, match=message):
        read_flows(change(small_frame()))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda w: mutual(w, ["A", "X"]), "no such economy.*'X'"),
        (lambda w: mutual(w, ["A"]), "two members"),
        (lambda w: mutual(w, ["A", "A"]), "twice"),
        (lambda w: mutual(w, ["A", "B"], [("A", "C")]), "leave out"),
        (lambda w: intra_share(w, ["A", "B"], "thrice"), "did you mean|allowed: twice, once"),
        (lambda w: partner_share(w, "A", ["A"]), "own partner"),
    ],
)
def test_bad_arguments_are_refused(call, message):
    with pytest.raises(InputError, match=message):
        call(small_flows())


def test_a_share_of_nothing_is_not_split():
    frame = small_frame()
    inside = frame["exporter"].isin(["A", "B"]) & frame["importer"].isin(["A", "B"])
    frame.loc[(frame["year"] == 1) & inside, "exports_musd"] = 0
    with pytest.raises(InputError, match="trade is zero"):
        share_change(read_flows(frame), ["A", "B"], 1, 2, "once")


def test_a_pair_without_a_row_is_missing_not_zero():
    frame = small_frame().drop(index=0)  # A→B in year 1
    total = mutual(read_flows(frame), ["A", "B"])
    assert np.isnan(total.values[1])
    assert total.missing == ("A→B 1",)
