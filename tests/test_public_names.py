"""The public names of the package: each is there and described, and asking for a room loads no library."""

import importlib
import inspect
import pickle
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from deadletter import alignment, indices, notebook, trade
from deadletter.errors import InputError

ROOMS = ("indices", "trade")
NAMES = [
    (room, name)
    for room in (*ROOMS, "alignment")
    for name in importlib.import_module(f"deadletter.{room}").__all__
    if name != "SETS"
]
FUNCTIONS = [
    found
    for room, name in NAMES
    if inspect.isfunction(found := getattr(importlib.import_module(f"deadletter.{room}"), name))
]


def test_a_cell_may_take_all_that_notebooks_use():
    taken: dict[str, object] = {}
    exec("from deadletter.notebook import *", taken)
    assert callable(taken["open_chapter"])
    assert set(notebook.NAMES) <= set(taken)


@pytest.mark.parametrize(("room", "name"), NAMES)
def test_every_name_is_there_and_described(room, name):
    found = getattr(importlib.import_module(f"deadletter.{room}"), name)
    assert found.__module__.startswith(f"deadletter.{room}")
    assert pickle.loads(pickle.dumps(found)) is found
    # a dataclass without a docstring of its own is given its signature
    assert inspect.getdoc(found)
    assert not found.__doc__.startswith(f"{name}(")


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda one: one.__name__)
def test_what_is_of_another_type_is_named(function):
    names = inspect.signature(function).parameters
    for value in (object(), None, {}):
        with pytest.raises(InputError, match=r"^\w+(, \w+)?: \S"):
            function(**dict.fromkeys(names, value))


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: trade.sup_f([1, 2, 3, 4.0], trim="0.15"), "sup_f, trim: has the wrong type; found: .*'0.15'.*: float"),
        (lambda: trade.effect(None, 0.1), "effect, estimate: .*NoneType.*allowed: float"),
        (lambda: trade.bootstrap_p([1.0, 2, 1, 3] * 9, seed=1.5), "bootstrap_p, seed: .*allowed: int"),
        (lambda: trade.read_flows([1, 2]), "read_flows, frame: .*list.*allowed: DataFrame"),
        (lambda: trade.wald_p({"a": 1}, ["a"]), r"wald_p, fit: .*dict.*allowed: FitResult \| Correction"),
        (lambda: indices.krippendorff_alpha([[1, 2], [1, 2]], draws=[9]), "krippendorff_alpha, draws: .*list"),
        (lambda: indices.power_mean([0.2, 0.5], [1, 2], float("nan")), "exponent: is not a number"),
        (lambda: indices.weighted_mean([0.2, 0.5], [1, float("nan")]), "weights: is not a number"),
        (lambda: indices.weighted_mean([0.2, 0.5], [1, float("inf")]), "weights: is not a number"),
        (
            lambda: indices.power_mean({"a": 1}, [1], 1),
            "power_mean, x: has the wrong type; .*allowed: numbers: an array, ",
        ),
        (lambda: trade.sup_f(iter([1.0, 2.0])), "sup_f, y: has the wrong type; .*allowed: numbers: an array, a list"),
        (lambda: indices.weighted_mean([0.1, 0.3], [1e308, 1e308]), "weights: is not a number to compute with"),
        (lambda: indices.convergence([0.1, 0.3], [5e-324, 5e-324]), "weights: is not a number to compute with"),
        (lambda: indices.convergence([0, 10], [1, 1]), "values: is above 1; found: 10"),
        (lambda: indices.calibrate(1, float("-inf"), 1, float("inf"), 3), "anchors are not in order"),
        (
            lambda: trade.bloc_dummy(pd.DataFrame(), pd.Series({"A": 2010})),
            r"bloc_dummy, members: .*Series.*allowed: Mapping\[str, int\]",
        ),
        (lambda: trade.sup_f([1 + 1j, 2, 3, 4, 7, 6]), "series: not numbers"),
        (lambda: alignment.similarity([[1, 0], [0, 1]], distance=["linear"]), "similarity, distance: .*list"),
    ],
)
def test_a_wrong_argument_is_told_with_what_is_allowed(call, told):
    with pytest.raises(InputError, match=told):
        call()


def test_numbers_of_libraries_are_numbers():
    level = pd.Series([0.95], dtype="Float64")[0]
    assert trade.effect(np.float32(0.5), np.array(0.25), level=Fraction(95, 100)).p == trade.effect(0.5, 0.25, level).p
    series = pd.Series([1, 2, 1, 3] * 9, dtype="Int64", index=range(36, 0, -1))
    assert trade.bootstrap_p(series, seed=np.int64(1), draws=1e2) > 0
    assert indices.calibrate([0.5], 0, 0.5, 1, [3.0]).tolist() == [0.5]


@pytest.mark.parametrize(
    ("room", "names"),
    [("trade", {"fit_ppml", "correct_bias", "sup_f"}), ("indices", {"krippendorff_alpha", "calibrate"})],
)
def test_names_of_the_contract(room, names):
    module = importlib.import_module(f"deadletter.{room}")
    assert names <= set(module.__all__) <= set(dir(module))
    with pytest.raises(AttributeError, match="no attribute 'fit_pmml'"):
        _ = module.fit_pmml


@pytest.mark.parametrize("room", ROOMS)
def test_importing_a_room_loads_no_library(room):
    code = f"import sys, deadletter.{room}; print({{'numpy', 'pandas', 'scipy', 'pyfixest'}} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
