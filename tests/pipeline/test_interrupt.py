"""What ends a run ends everything that it started, leaves no temporary file, and says that what was finished stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from deadletter.pipeline.kernels import CAN_FORK
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


AS_WORKERS_START = """
import os, signal, threading
signal.signal(signal.SIGINT, signal.default_int_handler)  # tests started in the background ignore it
from deadletter.pipeline.kernels import start_server
from deadletter.workers.executor import open_executor

def work():
    with open_executor(2, "", print, start_server("slow")) as pool:
        pool.submit(abs, 1).result()

threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
try:
    work()
except KeyboardInterrupt:
    print("interrupted")
"""


@pytest.mark.skipif(not CAN_FORK, reason="this system forks no kernels")
def test_an_interrupt_as_workers_start_shows_nothing_of_them(tmp_path: Path):
    """The server is asked for workers that it forks only after it has imported what is slow."""
    (tmp_path / "slow.py").write_text("import time\ntime.sleep(1.5)\n", encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    words = [sys.executable, "-c", AS_WORKERS_START]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "interrupted\n", "")


def test_who_interrupts_again_and_again_sees_one_line(tmp_path: Path):
    project = tiny_project(tmp_path / "project", HANGS)
    told = project / "notebooks" / "pid"
    with command("run", "--jobs", "2", cwd=project) as running:
        limit = time.monotonic() + 120
        while not (told.is_file() and told.read_text()):
            assert time.monotonic() < limit
            time.sleep(0.05)
        while running.poll() is None:
            os.killpg(running.pid, signal.SIGINT)
            time.sleep(0.1)
            assert time.monotonic() < limit
        _, errors = running.communicate(timeout=30)
    assert (running.returncode, errors) == (130, "running baseline …\ninterrupted: what was finished stays usable\n")
