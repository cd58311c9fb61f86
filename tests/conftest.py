"""The real project, read once for all unit tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

from deadletter.environment import prepare

prepare()  # before numpy loads: the last bits of results depend on the number of threads

# ruff: noqa: E402
from deadletter.coding import Coding, load_coding
from deadletter.dataset.load import Dataset, load_dataset

ROOT = Path(__file__).resolve().parents[1]

# no example fails for being slow on a busy machine; continuous integration tries the same examples each time
settings.register_profile("project", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("project")


# whole commands, or one full run of the real project, or a browser
LONG_FOLDERS = ("journeys", "faults")
LONG_FIXTURES = {"baseline_run"}
# simulations, every chart under every coding, sheets that check all tables again, whole processes, a cluster
LONG_FILES = (
    *("test_gravity_bias", "test_gravity_fuzz", "test_gravity_placebo", "test_against_r", "breaks_test"),
    *("test_report", "test_universes", "test_answers", "test_places", "test_breaks", "test_placebo", "test_forecasts"),
    *("test_charts", "test_sheets", "test_interrupt", "test_cluster", "test_kernels", "test_recipes"),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as slow what `make test` leaves to `make test-all`, so that no folder has to repeat it test by test."""
    for item in items:
        folder = item.path.relative_to(ROOT / "tests").parts[0] if item.path.is_relative_to(ROOT / "tests") else ""
        long = (
            folder in LONG_FOLDERS
            or item.path.stem in LONG_FILES
            or LONG_FIXTURES & set(getattr(item, "fixturenames", ()))
        )
        if long or item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def dataset() -> Dataset:
    return load_dataset(ROOT / "data")


@pytest.fixture(scope="session")
def baseline() -> Coding:
    return load_coding(ROOT / "params", "baseline")
