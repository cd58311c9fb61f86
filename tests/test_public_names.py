"""The public names of the package: each is there and described, and asking for a room loads no library."""

import importlib
import inspect
import subprocess
import sys

import pytest

ROOMS = ("indices", "trade")
NAMES = [(room, name) for room in ROOMS for name in importlib.import_module(f"deadletter.{room}").__all__]


@pytest.mark.parametrize(("room", "name"), NAMES)
def test_every_name_is_there_and_described(room, name):
    found = getattr(importlib.import_module(f"deadletter.{room}"), name)
    assert found.__module__.startswith(f"deadletter.{room}.")
    # a dataclass without a docstring of its own is given its signature
    assert inspect.getdoc(found)
    assert not found.__doc__.startswith(f"{name}(")


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
