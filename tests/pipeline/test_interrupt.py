"""What ends a run ends everything that it started, leaves no temporary file, and says that what was finished stays."""

from __future__ import annotations

import os
import signal
import tempfile
import time
from pathlib import Path

import pytest

from tests.faults.tiny import command, tiny_project

HANGS = "import os, pathlib, time\npathlib.Path('pid').write_text(str(os.getpid()))\ntime.sleep(600)"


@pytest.mark.parametrize(
    ("number", "kernels", "code"),
    [
        (signal.SIGINT, [], 130),
        (signal.SIGINT, ["--plain-kernels"], 130),
        (signal.SIGTERM, [], 143),
        (signal.SIGHUP, [], 129),
    ],
    ids=["forked", "plain", "by a scheduler", "by a terminal that closes"],
)
def test_an_interrupt_ends_the_run_and_its_kernels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals, kernels: list[str], code: int
):
    made = Path(tempfile.mkdtemp(dir="/tmp"))  # sockets are made there, whose names are short
    monkeypatch.setenv("TMPDIR", str(made))
    project = tiny_project(tmp_path / "project", HANGS)
    told = project / "notebooks" / "pid"
    with command("run", "--jobs", "2", *kernels, cwd=project) as running:
        limit = time.monotonic() + 120
        while not (told.is_file() and told.read_text()):
            assert running.poll() is None
            assert time.monotonic() < limit
            time.sleep(0.05)
        (os.killpg if number == signal.SIGINT else os.kill)(running.pid, number)
        said, errors = running.communicate(timeout=30)
    assert running.returncode == code
    assert errors.count("interrupted: what was finished stays usable") == 1, "said once, by the command"
    assert "interrupted" not in said
    assert "Traceback" not in errors
    limit = time.monotonic() + 10
    while Path("/proc", told.read_text()).is_dir():
        assert time.monotonic() < limit, "the kernel outlives the run"
        time.sleep(0.05)
    assert (project / "results" / "baseline" / "indices.csv").is_file()
    assert not (project / "executed" / "baseline" / "RIVER" / "01_tiny.ipynb").exists()
    while leftovers := list(made.iterdir()):
        assert time.monotonic() < limit, leftovers
        time.sleep(0.05)
    made.rmdir()


def test_an_interrupt_while_libraries_load_shows_nothing_of_them(tmp_path: Path):
    with command("run", cwd=tiny_project(tmp_path / "project")) as running:
        begun = running.stderr.readline()
        time.sleep(0.4)  # the server of kernels loads them for a second or more
        os.killpg(running.pid, signal.SIGINT)
        _, rest = running.communicate(timeout=30)
    assert (running.returncode, begun) == (130, "running baseline …\n")
    assert "interrupted: what was finished stays usable\n" in rest
    assert "preload" not in rest
