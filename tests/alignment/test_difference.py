"""Difference in differences: by hand, and what each interval resamples."""

import numpy as np
import pytest

from deadletter.alignment import difference_in_differences
from deadletter.errors import InputError
from tests.alignment.panels import STATES, by_state, panel

PERIODS = {"before": (1999, 2000), "after": (2001, 2001)}
ROWS = [
    *by_state(1999, RUS="Y", ARM="Y", BLR=".", KAZ="Y", USA="N"),
    *by_state(2000, RUS="YYYY.", ARM="YYNNN", BLR="....Y", KAZ="YYYNY", USA="NNNNN"),
    *by_state(2001, RUS="YYYY", ARM="YNNN", BLR="YYYY", KAZ="YYYN", USA="YNNN"),
]


def test_means_are_of_years_then_of_states():
    found = difference_in_differences(panel(ROWS), "RUS", ["ARM"], **PERIODS, draws=50)
    # Armenia: 1 in 1999 and 1/2 in 2000; Kazakhstan 1 and 3/4; the USA 0 and 0
    assert found.treated_before == pytest.approx(3 / 4)
    assert found.treated_after == pytest.approx(1 / 4)
    assert found.control_before == pytest.approx((7 / 8 + 0) / 2)
    assert found.control_after == pytest.approx((3 / 4 + 1 / 4) / 2)
    assert found.value == pytest.approx(-1 / 2 - (1 / 2 - 7 / 16))
    # Belarus has no vote in common with Russia before
    assert (found.treated, found.control, found.rollcalls) == (1, 2, 10)


def test_roll_calls_are_drawn_within_years():
    # every year is of one piece, though years differ
    rows = [
        *by_state(1999, RUS="YY", ARM="YY", BLR="NN", KAZ="YY", USA="NN"),
        *by_state(2000, RUS="YYY", ARM="NNN", BLR="NNN", KAZ="YYY", USA="YYY"),
        *by_state(2001, RUS="YYY", ARM="NNN", BLR="YYY", KAZ="YYY", USA="NNN"),
    ]
    found = difference_in_differences(panel(rows), "RUS", ["ARM", "BLR"], **PERIODS, draws=200)
    assert found.rollcall_low == found.rollcall_high == pytest.approx(found.value)
    assert found.state_low < found.value < found.state_high


def test_states_are_drawn_within_arms():
    # both treated have changed alike, and both controls
    texts = {"RUS": "YYYY", "ARM": "YYNN", "BLR": "NNYY", "KAZ": "YNNN", "USA": "NNNY"}
    rows = [*by_state(2000, **texts), *by_state(2001, **texts | {"ARM": "YNNN", "BLR": "NNNY"})]
    periods = {"before": (2000, 2000), "after": (2001, 2001)}
    found = difference_in_differences(panel(rows), "RUS", ["ARM", "BLR"], **periods, draws=200)
    assert found.state_low == found.state_high == pytest.approx(found.value) == -1 / 4
    assert found.rollcall_low < found.value < found.rollcall_high


def test_the_roll_call_interval_has_the_width_of_the_textbook():
    rng = np.random.default_rng(5)
    rows = []
    for year in (2000, 2001):
        drawn = {state: "".join(rng.choice(["Y", "N"], 300)) for state in ("RUS", "ARM", "KAZ")}
        rows += by_state(year, **drawn | {"RUS": "Y" * 300})
    votes = panel(rows, ("RUS", "ARM", "KAZ"))
    periods = {"before": (2000, 2000), "after": (2001, 2001)}
    found = difference_in_differences(votes, "RUS", ["ARM"], **periods, draws=2000)
    equal = votes.matrix[:, [1, 2]] == votes.matrix[:, [0]]
    apart = equal[:, 0].astype(float) - equal[:, 1]
    error = np.sqrt(apart[:300].var() / 300 + apart[300:].var() / 300)
    assert found.rollcall_high - found.rollcall_low == pytest.approx(2 * 1.96 * error, rel=0.08)


def test_the_same_seed_gives_the_same_and_order_does_not_matter():
    first = difference_in_differences(panel(ROWS), "RUS", ["ARM", "KAZ"], **PERIODS, draws=99)
    assert first == difference_in_differences(panel(ROWS), "RUS", ["KAZ", "ARM"], **PERIODS, draws=99)
    other = difference_in_differences(panel(ROWS), "RUS", ["ARM", "KAZ"], **PERIODS, draws=99, seed=1)
    assert other.value == first.value
    assert other.rollcall_low != first.rollcall_low
    wider = panel([(day, text + ".") for day, text in ROWS], [*STATES, "TWN"])
    assert difference_in_differences(wider, "RUS", ["ARM", "KAZ"], **PERIODS, draws=99) == first


def test_the_order_of_columns_changes_no_draw():
    states, rng = [*STATES, "CHN", "MDA", "UKR"], np.random.default_rng(0)
    rows = [(f"{year}-03-01", "".join(rng.choice(list("YAN"), len(states)))) for year in (1999, 2001) for _ in range(9)]
    turned = panel([(day, text[::-1]) for day, text in rows], states[::-1])
    periods = {"before": (1999, 1999), "after": (2001, 2001)}
    plain, other = (
        difference_in_differences(votes, "RUS", ["ARM"], **periods) for votes in (panel(rows, states), turned)
    )
    assert plain == other


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"treated": ["ARN"]}, "did you mean: ARM"),
        ({"treated": ["RUS"]}, "treated: a state is the anchor itself"),
        ({"treated": []}, "treated: no states to compare"),
        ({"treated": ["ARM", "ARM"]}, "treated: a state is named twice"),
        ({"treated": ["BLR"]}, "no vote in common with the anchor in a period; found: 'BLR'"),
        ({"treated": "ARM"}, "treated: has the wrong type"),
        ({"before": (2000, 2001)}, "does not end before"),
        ({"before": (1980, 1985)}, "no roll-call of the set in a period"),
        ({"before": (2000, 1999)}, "the first year is after the last"),
        ({"coverage": 1.0}, "the coverage is not between 0 and 1"),
        ({"draws": 0}, "at least one draw"),
    ],
)
def test_what_cannot_be_compared(changed, told):
    arguments = {"treated": ["ARM"], **PERIODS, "draws": 9} | changed
    with pytest.raises(InputError, match=told):
        difference_in_differences(panel(ROWS), "RUS", **arguments)
