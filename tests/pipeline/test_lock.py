"""Two runs on one output take turns, and a run that was killed leaves nothing that must be cleared."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from deadletter.pipeline.lock import only_one

HOLD = """
import sys, time
from pathlib import Path
from deadletter.pipeline.lock import only_one
with only_one(Path(sys.argv[1]), print):
    print("held", flush=True)
    time.sleep(float(sys.argv[2]))
"""
ROOT = Path(__file__).resolve().parents[2]


def holder(lock: Path, seconds: float) -> subprocess.Popen:
    command = [sys.executable, "-c", HOLD, str(lock), str(seconds)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    return process


def test_the_second_waits_and_says_for_whom(tmp_path: Path):
    lock, said = tmp_path / "cache" / "lock", []
    with holder(lock, 1.5) as first:
        started = time.monotonic()
        with only_one(lock, said.append):
            waited = time.monotonic() - started
            assert first.wait() == 0
    assert waited > 1
    assert len(said) == 1
    assert f"process {first.pid}, since 2" in said[0]


def test_a_killed_holder_leaves_the_lock_free(tmp_path: Path):
    lock, said = tmp_path / "lock", []
    with holder(lock, 600) as first:
        os.kill(first.pid, signal.SIGKILL)
        first.wait()
    started = time.monotonic()
    with only_one(lock, said.append):
        assert time.monotonic() - started < 10
    assert said == []
