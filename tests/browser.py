"""Chromium, where it is found: how tests start it, and how they say that they need it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import Any, TypeVar

import pytest

Test = TypeVar("Test", bound=Callable[..., Any])
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
# nothing that would ask the network, and no sandbox, which root cannot have
QUIET = [
    *("--no-sandbox", "--no-first-run"),
    *(f"--disable-{name}" for name in ("quic", "background-networking", "component-update", "sync", "gpu")),
]
NEEDS = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: the browser tests are left out"),
]


def in_browser(test: Test) -> Test:
    """Mark a test that needs Chromium; a whole module says ``pytestmark = NEEDS``."""
    for mark in NEEDS:
        test = mark(test)
    return test
