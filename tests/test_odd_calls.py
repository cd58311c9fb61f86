"""Each argument of each public function, one at a time, is given what nobody should give: the answer is a value or one
sentence, never an error of a library."""

import datetime
import inspect
import warnings
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from deadletter import alignment, indices, trade
from deadletter.coding.model import Anchors
from deadletter.errors import InputError

rng = np.random.default_rng(0)
NAMES = [f"C{k}" for k in range(5)]
PANEL = pd.DataFrame(
    [(i, j, t) for i in NAMES for j in NAMES if i != j for t in range(2000, 2005)],
    columns=["exporter", "importer", "year"],
)
PANEL = PANEL.assign(x=rng.normal(size=len(PANEL)), flow=rng.gamma(2.0, 1.0, len(PANEL)))
BLOC, PAIR = {"C0": 2003, "C1": 2003}, ["exporter^importer"]
PANEL["bloc"] = trade.bloc_dummy(PANEL, BLOC).to_numpy()
MODEL = {"absorb": ["exporter^year", "importer^year", *PAIR], "cluster": PAIR}
PLACEBO = {"frame": PANEL, "flow": "flow", "members": BLOC, "candidates": NAMES[2:], "seed": 1, "draws": 2}
FLOWS = trade.read_flows(PANEL.rename(columns={"flow": "exports_musd"}))
MACRO = pd.DataFrame(
    [(e, t, 1.0, 100.0 + t, 2.0) for e in NAMES for t in range(2000, 2005)],
    columns=["economy", "year", "real_gdp_growth_pct", "gdp_current_musd", "lcu_per_usd"],
)
FIT = trade.fit_ppml(PANEL, "flow ~ bloc + x", **MODEL)
SERIES = np.r_[rng.normal(size=12), rng.normal(2, 1, 12)]
TABLE = pd.DataFrame({"p": [1.0, 2.0], "q": [3.0, 4.0]}, index=["a", "b"])
AXIS = indices.Axis(0.8, 0.7, 0.9, Anchors(exclusion=0.2, crossover=0.5, inclusion=0.9))
VOTERS = pd.DataFrame({"iso3": ["AAA", "BBB", "CCC", "DDD"], "position": [1, 2, 3, 4]})
ROLLS = pd.DataFrame({"votes": ["YYNN", "NNNY", "YAN.", "YYYY"], "date": ["2001-05-01"] * 2 + ["2002-05-01"] * 2})
ROLLS = ROLLS.assign(id=["1", "2", "3", "4"], session="1", resolution="", kind="whole", important="", topics="a")
VOTES = alignment.read_votes({"voters": VOTERS, "rollcalls": ROLLS})
BLOCS = {"members": ["C0", "C1"], "flows": FLOWS}

CALLS = {
    trade.lmdi: {"first": TABLE, "last": TABLE * 1.2},
    trade.mutual_exports: {**BLOCS, "macro": MACRO, "first": 2000, "last": 2004},
    trade.read_flows: {"frame": PANEL.rename(columns={"flow": "exports_musd"})},
    trade.integration: {**BLOCS, "convention": "twice", "aggregates": ["C4"]},
    trade.intra_share: {**BLOCS, "convention": "twice"},
    trade.partner_share: {"flows": FLOWS, "economy": "C0", "partners": ["C1"]},
    trade.share_change: {**BLOCS, "first": 2000, "last": 2004, "convention": "once"},
    trade.bai_perron: {"y": SERIES, "regressors": np.arange(24.0), "trim": 0.2, "most": 2},
    trade.cusum: {"y": SERIES, "regressors": np.arange(24.0)},
    trade.hansen: {"y": SERIES, "regressors": np.arange(24.0)},
    trade.interrupted: {"y": SERIES, "time": range(24), "interruptions": {"u": 12}, "covariates": {"c": SERIES**2}},
    trade.bootstrap_p: {"y": SERIES, "trim": 0.2, "draws": 9, "seed": 1},
    trade.chow: {"y": SERIES, "index": 11, "regressors": np.arange(24.0)},
    trade.sup_f: {"y": SERIES, "regressors": np.arange(24.0), "trim": 0.2},
    trade.correct_bias: {"fit": FIT, "time": "year"},
    trade.specification_curve: {
        "frame": PANEL, "flow": "flow", "treatments": ["bloc"], "controls": ["x"], "absorb": MODEL["absorb"],
        "cluster": PAIR[0], "ppml": [["x"]],
    },
    trade.effect: {"estimate": 0.1, "se": 0.1, "level": 0.9},
    trade.event_study: {"frame": PANEL, "flow": "flow", "members": BLOC, "first": -2, "last": 1, **MODEL},
    trade.leave_one_out: {"frame": PANEL, "formula": "flow ~ bloc", "term": "bloc", **MODEL},
    trade.linear_sum: {"fit": FIT, "weights": {"bloc": 1, "x": -1}, "level": 0.9},
    trade.wald_p: {"fit": FIT, "names": ["bloc", "x"]},
    trade.placebo_blocs: {**PLACEBO, "controls": ["x"]},
    trade.placebo_dates: {**PLACEBO, "controls": ["x"], "dates": [2001], "years": 1},
    trade.fit_ppml: {"frame": PANEL, "formula": "flow ~ bloc", **MODEL, "start": FIT.start(len(PANEL))},
    trade.bloc_dummy: {"frame": PANEL, "members": BLOC, "keys": trade.Keys(), "name": "b"},
    trade.by_member: {"frame": PANEL, "members": BLOC, "direction": "exports", "keys": trade.Keys()},
    trade.leads_lags: {"frame": PANEL, "members": BLOC, "first": -2, "last": 1, "keys": trade.Keys()},
    trade.phase_in: {"frame": PANEL, "members": BLOC, "lags": [0, 1], "keys": trade.Keys()},
    indices.krippendorff_alpha: {"ratings": [[1, 2, 3], [1, 2, np.nan]], "level": "ordinal", "seed": 1, "draws": 9},
    indices.wilson: {"successes": 3, "n": 10, "level": 0.9},
    indices.convergence: {"x": [0.1, 0.5], "weights": [1, 2]},
    indices.power_mean: {"x": [0.1, 0.5], "weights": [1, 2], "exponent": 0.5},
    indices.weighted_mean: {"x": [0.1, 0.5], "weights": [1, 2]},
    indices.calibrate: {"x": [0.1, 0.5], "exclusion": 0.2, "crossover": 0.5, "inclusion": 0.9, "log_odds": 3.0},
    indices.place: {"formalisation": AXIS, "basis": AXIS, "log_odds": 3.0},
    indices.banzhaf: {"votes": [3, 2, 1], "quota": Fraction(1, 2)},
    indices.shapley_shubik: {"votes": [3, 2, 1], "quota": 0.6},
    alignment.read_votes: {"source": {"voters": VOTERS, "rollcalls": ROLLS}},
    alignment.select: {"votes": VOTES, "vote_set": "whole", "anchor": "AAA", "rival": "BBB", "years": (2001, 2002)},
    alignment.similarity: {"table": [[3, 1], [1, 2]], "distance": "linear"},
    alignment.alignment_table: {"votes": VOTES, "anchor": "AAA", "groups": {"G": ["BBB", "CCC"]}, "draws": 9},
    alignment.random_groups: {"votes": VOTES, "groups": {"G": ["BBB", "CCC"]}, "anchor": "AAA", "draws": 9},
    alignment.difference_in_differences: {
        "votes": VOTES, "anchor": "AAA", "treated": ["BBB"], "before": (2001, 2001), "after": (2002, 2002), "draws": 9,
    },
}  # fmt: skip

ODD = [
    None, object(), "", "zzz", b"abc", [], {}, set(), [1], ["a"], [None], [[1, 2], [3]], {"a": [1, 2]}, {"a": None},
    float("nan"), float("inf"), 0, -1, 2**63, 10**400, 1e308, 5e-324, True, 1 + 2j, np.complex128(1 + 2j),
    Decimal("0.5"), Decimal("NaN"), Fraction(1, 2), pd.NA, pd.NaT, datetime.date(2001, 1, 1), pd.Timestamp("2001"), int,
    len, range(3), np.array(0.5), np.array("a"), np.array([]), np.zeros((2, 2, 2)), np.zeros((0, 3)),
    np.array([1, "a", None], dtype=object), np.array([1 + 1j, 2]), np.array(["2001-01-01"], dtype="M8[D]"),
    np.ma.array([1.0, 2.0], mask=[0, 1]), pd.Series([1, None], dtype="Int64"), pd.Series(["a"], dtype="category"),
    pd.DataFrame(), pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", "b"), ("c", "d")])),
]  # fmt: skip


def spoilt(frame):
    """Frames that are nearly right."""
    yield from (frame.iloc[:0], frame.iloc[:1], frame[[]], frame.set_axis([0] * len(frame)), pd.concat([frame] * 2))
    yield from (pd.concat([frame] * 2, axis=1), frame.astype(object), pd.concat({"a": frame}, axis=1))
    for name in frame.columns:
        for cell in (None, pd.NA, np.inf, -1.0, 1e308, 10**400, [1], {}, 1j, (1, 2), pd.Timestamp("2001"), "x", True):
            yield frame.assign(**{name: pd.Series([cell] * len(frame), frame.index)})
        yield frame.assign(**{name: frame[name].astype("category")})


def test_every_function_is_called():
    rooms = (trade, indices, alignment)
    named = {getattr(room, name) for room in rooms for name in room.__all__}
    assert set(CALLS) == {one for one in named if inspect.isfunction(one)}


@pytest.mark.parametrize("function", CALLS, ids=lambda one: one.__name__)
def test_an_odd_argument_is_answered_or_refused_in_one_sentence(function):
    base = CALLS[function]
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        function(**base)
        for name, value in base.items():
            odd = [*ODD, (one for one in "ab"), *(spoilt(value) if isinstance(value, pd.DataFrame) else ())]
            if isinstance(value, dict):
                odd += [{**value, key: one} for key in value for one in ODD]
                odd += [{**value, key: one} for key in value if isinstance(value[key], pd.DataFrame)
                        for one in spoilt(value[key])]  # fmt: skip
            for one in odd:
                try:
                    function(**{**base, name: one})
                except InputError as error:
                    assert "\n" not in str(error)
                except Exception as error:
                    error.add_note(f"{function.__name__}, {name}: {str(one)[:300]}")
                    raise
