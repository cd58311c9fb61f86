"""The real project, read once for all unit tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.coding import Coding, load_coding
from analysis.evidence.load import Evidence, load_evidence

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def evidence() -> Evidence:
    return load_evidence(ROOT / "data")


@pytest.fixture(scope="session")
def baseline() -> Coding:
    return load_coding(ROOT / "params", "baseline")
