"""Ctrl-C ends a run at once and with everything that it started, and says that what was finished stays."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from tests.faults.tiny import command, tiny_project

HANGS = "import os, pathlib, time\npathlib.Path('pid').write_text(str(os.getpid()))\ntime.sleep(600)"


@pytest.mark.parametrize("kernels", [[], ["--plain-kernels"]], ids=["forked", "plain"])
def test_an_interrupt_ends_the_run_and_its_kernels(tmp_path: Path, kernels: list[str]):
    project = tiny_project(tmp_path / "project", HANGS)
    told = project / "notebooks" / "pid"
    with command("run", "--jobs", "2", *kernels, cwd=project) as running:
        limit = time.monotonic() + 120
        while not (told.is_file() and told.read_text()):
            assert running.poll() is None
            assert time.monotonic() < limit
            time.sleep(0.05)
        os.killpg(running.pid, signal.SIGINT)
        said, errors = running.communicate(timeout=30)
    assert running.returncode == 130
    assert errors.count("interrupted: what was finished stays usable") == 1, "said once, by the command"
    assert "interrupted" not in said
    assert "Traceback" not in errors
    limit = time.monotonic() + 10
    while Path("/proc", told.read_text()).is_dir():
        assert time.monotonic() < limit, "the kernel outlives the run"
        time.sleep(0.05)
    assert (project / "results" / "baseline" / "indices.csv").is_file()
    assert not (project / "executed" / "baseline" / "RIVER" / "01_tiny.ipynb").exists()
