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


@pytest.fixture(scope="session")
def dataset() -> Dataset:
    return load_dataset(ROOT / "data")


@pytest.fixture(scope="session")
def baseline() -> Coding:
    return load_coding(ROOT / "params", "baseline")
