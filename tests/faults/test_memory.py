"""Memory of a full run, and of a process that executes one notebook after the other."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.commands import copy_project
from tests.faults.killed import marked, of_mark
from tests.faults.scale import ALL
from tests.faults.tiny import ROOT, command

pytestmark = [
    pytest.mark.skipif(not ALL, reason="only with DEADLETTER_FAULTS=all"),
    pytest.mark.skipif(not Path("/proc").is_dir(), reason="reads sizes from /proc"),
]
MIB = 1024
LIMIT, LEAK = 1024, 8


def sizes(mark: str) -> list[int]:
    """Each process's share of the memory that it uses with others, in KiB; what is shared counts once in the sum."""
    found = []
    for process in of_mark(mark):
        try:
            told = Path(f"/proc/{process}/smaps_rollup").read_text()
        except OSError:  # it has just ended
            continue
        found.append(int(told.split("Pss:")[1].split()[0]))
    return found


@pytest.mark.parametrize("kernels", ["forked", "plain"])
def test_a_full_run(tmp_path: Path, tell: Callable[[str], None], kernels: str):
    project, mark = copy_project(tmp_path / "project"), uuid.uuid4().hex
    words = ["run", "--jobs", "1", *(["--plain-kernels"] if kernels == "plain" else [])]
    largest = together = 0
    with marked(mark), command(*words, cwd=project) as running:
        while running.poll() is None:
            now = sizes(mark)
            largest, together = max([largest, *now]), max(together, sum(now))
            time.sleep(0.1)
        _, told = running.communicate()
    assert running.returncode == 0, told
    tell(
        f"memory of a full run with one job, {kernels} kernels: {together / MIB:.0f} MiB in all processes together, "
        f"{largest / MIB:.0f} MiB in the largest"
    )
    assert together <= LIMIT * MIB


def test_no_leak_over_a_hundred_notebooks(tmp_path: Path, tell: Callable[[str], None]):
    command_line = [sys.executable, "-m", "tests.faults.repeated", str(tmp_path / "project"), "100"]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'analysis'}"}
    done = subprocess.run(command_line, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=3_000)
    assert done.returncode == 0, done.stderr
    seen = [int(line) for line in done.stdout.split()]
    assert len(seen) == 100
    grown = (seen[99] - seen[19]) / MIB
    tell(
        f"one process, 100 notebooks: {seen[0] / MIB:.0f} MiB after 1, {seen[19] / MIB:.0f} after 20, "
        f"{seen[99] / MIB:.0f} after 100"
    )
    assert grown < LEAK
