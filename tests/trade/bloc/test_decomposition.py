"""LMDI: hand computations, exactness, symmetry in time, and the bundled figures."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deadletter.errors import InputError
from deadletter.trade.bloc.decomposition import FACTORS, lmdi, log_mean, mutual_exports
from tests.trade.trade_tables import TRIO, flows, table


def state(*rows):
    return pd.DataFrame(rows, columns=["p", "q"], index=[f"e{i}" for i in range(len(rows))], dtype=float)


def test_one_factor_alone_takes_the_whole_change():
    found = lmdi(state((2, 3)), state((4, 3)))
    assert found.effects.loc["e0", "p"] == pytest.approx(6)
    assert found.effects.loc["e0", "q"] == 0


def test_factors_that_both_double_share_the_change():
    # 6 → 24; L = 18/ln 4; each effect L·ln 2 = 9
    found = lmdi(state((2, 3)), state((4, 6)))
    assert found.effects.loc["e0"].tolist() == pytest.approx([9, 9])


def test_two_economies_by_hand():
    # e0: 6 → 12 through p alone; e1: 8 → 2 through q alone
    found = lmdi(state((2, 3), (2, 4)), state((4, 3), (2, 1)))
    assert found.effects.sum().tolist() == pytest.approx([6, -6])
    assert found.change == 0


def test_logarithmic_mean():
    assert log_mean(np.array([np.e]), np.array([1.0]))[0] == pytest.approx(np.e - 1)
    assert log_mean(np.array([5.0]), np.array([5.0]))[0] == 5
    # the series L(b+d, b) = b + d/2 − d²/12b …, where a plain quotient of differences has lost seven digits
    assert log_mean(np.array([1 + 1e-9]), np.array([1.0]))[0] == pytest.approx(1 + 5e-10, rel=1e-14)


factor = st.floats(1e-3, 1e3)
states = st.lists(st.tuples(factor, factor), min_size=1, max_size=5)


@given(states, st.data())
def test_effects_add_up_and_time_can_be_reversed(first, data):
    last = data.draw(st.lists(st.tuples(factor, factor), min_size=len(first), max_size=len(first)))
    there, back = lmdi(state(*first), state(*last)), lmdi(state(*last), state(*first))
    scale = sum(a * b for a, b in (*first, *last))
    assert there.effects.to_numpy().sum() == pytest.approx(there.change, abs=1e-12 * scale)
    assert there.effects.to_numpy() == pytest.approx(-back.effects.to_numpy(), rel=1e-9, abs=1e-12 * scale)


def test_bundled_trade_is_decomposed_exactly():
    found = mutual_exports(flows(), table("macro/annual.csv"), TRIO, 2014, 2015)
    assert found.effects.to_numpy().sum() == pytest.approx(found.change, rel=1e-9)
    # I of the trio: 56354.395 in 2014 and 41076.861 in 2015
    assert found.change == pytest.approx(41076.861 - 56354.395, abs=0.01)
    assert list(found.effects.columns) == list(FACTORS)
    # the rouble lost 37 % against the dollar: ln(38.3782/60.9376) times the mean of Russia's exports to the two
    v0, v1 = 19788.0 + 13999.0, 15054.0 + 10648.0
    hand = (v1 - v0) / np.log(v1 / v0) * np.log(38.3782 / 60.9376)
    assert found.effects.loc["RUS", "exchange_rate"] == pytest.approx(hand)
    real = (v1 - v0) / np.log(v1 / v0) * np.log(1 - 0.01973)
    assert found.effects.loc["RUS", "real_gdp"] == pytest.approx(real)


def test_nominal_output_is_the_product_of_its_three_factors():
    macro = table("macro/annual.csv")
    found = mutual_exports(flows(), macro, TRIO, 2011, 2014)
    own = macro.loc[macro["economy"] == "KAZ"].set_index("year")["gdp_current_musd"]
    v0, v1 = 7513.2 + 111.98, 6678.5 + 92.085
    hand = (v1 - v0) / np.log(v1 / v0) * np.log(own[2014] / own[2011])
    assert found.effects.loc["KAZ", ["real_gdp", "deflator", "exchange_rate"]].sum() == pytest.approx(hand)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: lmdi(state((2, 3)), state((0, 3))), "last table, e0, p.*found: 0"),
        (lambda: lmdi(state((2, np.nan)), state((1, 3))), "first table, e0, q"),
        (
            lambda: lmdi(state((2, 3), (1e-200, 1)), state((2, 3), (1e200, 1))),
            "beyond what numbers can hold; found: 'e1'",
        ),
        (lambda: lmdi(state((1e-200, 1e200)), state((1e200, 1e-200))), "beyond what numbers can hold; found: 'e0'"),
        (lambda: lmdi(state((2, 3)), state((2, 3), (2, 3))), "same economies"),
        (lambda: mutual_exports(flows(), table("macro/annual.csv"), TRIO, 2009, 2010), "RUS→KAZ 2010"),
        (lambda: mutual_exports(flows(), table("macro/annual.csv"), TRIO, 2015, 2014), "not before"),
        (lambda: mutual_exports(flows(), table("macro/annual.csv"), ["RUS", "CHN"], 2014, 2015), "CHN 2014"),
        (
            lambda: mutual_exports(flows(), table("macro/annual.csv").drop(columns="year"), TRIO, 2014, 2015),
            "column is missing.*year",
        ),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
