"""The real project, read once for all unit tests and run once for all journeys; Chromium."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from deadletter.environment import LONGEST, prepare

prepare()  # before numpy loads: the last bits of results depend on the number of threads

# ruff: noqa: E402
from deadletter.coding import Coding, load_coding
from deadletter.dataset.load import Dataset, load_dataset
from tests.browser import CHROMIUM, QUIET
from tests.commands import copy_project, deadletter, shared_folder
from tests.faults.tiny import tiny_project

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
    *(
        "test_report",
        "test_universes",
        "test_answers",
        "test_places",
        "test_breaks",
        "test_placebo",
        "test_shipped_forecasts",
    ),
    *("test_charts", "test_sheets", "test_interrupt", "test_cluster", "test_kernels", "test_recipes"),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as slow what `make test` leaves to `make test-slow`, so that no folder has to repeat it test by test."""
    for item in items:
        folder = item.path.relative_to(ROOT / "tests").parts[0] if item.path.is_relative_to(ROOT / "tests") else ""
        long = (
            folder in LONG_FOLDERS
            or item.path.stem in LONG_FILES
            or LONG_FIXTURES & set(getattr(item, "fixturenames", ()))
        )
        if long or item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session", autouse=True)
def own_temporary_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Commands that tests kill leave their folders among those that pytest clears away, unseen by others."""
    folder = tmp_path_factory.getbasetemp() / "tmp"
    with pytest.MonkeyPatch.context() as patch:
        if len(os.fsencode(folder)) <= LONGEST:  # sockets are made there
            folder.mkdir()
            patch.setenv("TMPDIR", str(folder))
            patch.setattr(tempfile, "tempdir", None)
        yield


@pytest.fixture(scope="session")
def dataset() -> Dataset:
    return load_dataset(ROOT / "data")


@pytest.fixture(scope="session")
def baseline() -> Coding:
    return load_coding(ROOT / "params", "baseline")


@pytest.fixture(scope="session")
def baseline_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One full run of the baseline for every focal regime, shared by all test processes, which only look at it."""

    def run(project: Path) -> None:
        done = deadletter("run", "--jobs", "2", cwd=copy_project(project), timeout=600)
        assert done.returncode == 0, done.stderr

    return shared_folder(tmp_path_factory, "baseline", run)


@pytest.fixture(scope="session")
def tiny_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny project with everything up to date, shared by all test processes, which copy it."""

    def run(project: Path) -> None:
        done = deadletter("run", "--jobs", "1", cwd=tiny_project(project))
        assert done.returncode == 0, done.stderr

    return shared_folder(tmp_path_factory, "tiny", run)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Headless Chromium; a test opens pages or contexts of its own.

    Started for each module, as its event loop would stop others of the same process from starting theirs.
    """
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()
