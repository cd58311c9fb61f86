"""Figures of the suite, printed after it, also where tests run in several processes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Tell = Callable[[str], None]
FIGURES = "figures"


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> Tell:
    """Say a line that is printed when the suite has ended."""
    return lambda line: record_property(FIGURES, line)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [r for kind in ("passed", "failed") for r in terminalreporter.stats.get(kind, [])]
    lines = [(r.nodeid, line) for r in reports for name, line in r.user_properties if name == FIGURES]
    if lines:
        terminalreporter.section("figures")
        for _, line in sorted(lines):
            terminalreporter.write_line(line)
