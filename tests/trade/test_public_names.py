"""The public names of deadletter.trade: all there, described, and no dearer to import than the package itself."""

import inspect
import subprocess
import sys

import pytest

from deadletter import trade


@pytest.mark.parametrize("name", trade.__all__)
def test_every_name_is_there_and_described(name):
    found = getattr(trade, name)
    assert found.__module__.startswith("deadletter.trade.")
    # a dataclass without a docstring of its own is given its signature
    assert inspect.getdoc(found)
    assert not found.__doc__.startswith(f"{name}(")


def test_names_of_the_contract():
    assert {"fit_ppml", "correct_bias", "sup_f"} <= set(trade.__all__) <= set(dir(trade))
    with pytest.raises(AttributeError, match="no attribute 'fit_pmml'"):
        _ = trade.fit_pmml


def test_importing_the_room_loads_no_library():
    code = "import sys, deadletter.trade; print(sorted({'numpy', 'pandas', 'scipy', 'pyfixest'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
