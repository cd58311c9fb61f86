"""The wheel in an empty environment: a study of one's own in a folder elsewhere, without this checkout."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands import ROOT

UV = Path(sys.executable).with_name("uv")


@pytest.mark.skipif(not UV.is_file(), reason="uv is not installed: `make test-slow` installs it")
def test_a_study_from_the_wheel_alone(tmp_path: Path):
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}

    def ended(*command: str | Path, cwd: Path = tmp_path) -> str:
        done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    python = tmp_path / "empty" / "bin" / "python"
    ended(UV, "build", "--quiet", "--wheel", "--out-dir", tmp_path / "dist", ROOT)
    ended(UV, "venv", "--quiet", "--python", sys.executable, tmp_path / "empty")
    wheel = next((tmp_path / "dist").glob("*.whl"))
    options = ("--quiet", "--compile-bytecode", "--constraint", ROOT / "requirements.lock")
    ended(UV, "pip", "install", *options, "--python", python, wheel)

    program, study = python.with_name("deadletter"), tmp_path / "mine"
    ended(program, "new", "mine")
    assert "notebooks executed" in ended(program, "run", cwd=study)
    assert "site/index.html" in ended(program, "publish", cwd=study)
    assert "0 problems" in ended(program, "check", cwd=study)
    assert str(ROOT) not in (study / "results" / "REPLICATION.md").read_text(encoding="utf-8")
