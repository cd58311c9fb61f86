"""The program from end to end in seconds: every command on a tiny project, and one notebook of the real one."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
import papermill
import pytest

from tests.commands import ROOT, called, deadletter
from tests.faults.tiny import tiny_project

STRICT = "extends: baseline\ntitle: Strict\nwhy: a test\noutput: {partly: 0.0}\n"
SETTINGS = ["argument.placebo_draws=19", "trade.placebo_draws=19", "intervals.vote_draws=19"]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tiny_project(tmp_path_factory.mktemp("smoke") / "project")
    (root / "params" / "strict.yaml").write_text(STRICT, encoding="utf-8")
    return root


def said(project: Path, *words: str) -> str:
    done = deadletter(*words, cwd=project)
    assert done.returncode == 0, (words, done.stdout, done.stderr)
    return done.stdout


def test_one_journey_through_every_command(project: Path, monkeypatch: pytest.MonkeyPatch):
    assert "1 notebook executed" in said(project, "run")
    assert "0 notebooks executed" in said(project, "run")
    executed = nbformat.read(project / "executed" / "baseline" / "RIVER" / "01_tiny.ipynb", as_version=4)
    printed = [output.text for cell in executed.cells for output in cell.get("outputs", [])]
    indices = (project / "results" / "baseline" / "indices.csv").read_text(encoding="utf-8").splitlines()
    assert [line.split()[-1] for line in printed] == [str(len(indices) - 1)]
    for words in (("why", "c901"), ("compare", "baseline", "strict")):
        done = called(*words, cwd=project)
        assert (done.returncode, "c901" in done.stdout) == (0, words[0] == "why"), done
    moved = (project / "results" / "compare" / "baseline_strict" / "indices.csv").read_text(encoding="utf-8")
    # one plan, kept in part: 0.5 by the baseline, and nothing for who counts only what is whole
    assert any(line.startswith("output,") or ",output," in line for line in moved.splitlines())
    # the reference of the package is the same for every study: tests/journeys has sites with it
    monkeypatch.setattr("deadletter.site.publish.reference_pages", lambda: iter(()))
    done = called("publish", "baseline", cwd=project)
    assert (done.returncode, (project / "site" / "index.html").is_file()) == (0, True), done
    page = (project / "site" / "notebooks" / "baseline" / "RIVER" / "01_tiny.html").read_text(encoding="utf-8")
    assert "River Commission" in page


def test_outputs_whose_records_are_gone_are_not_a_first_run(project: Path):
    said(project, "run")
    shutil.rmtree(project / "results" / ".cache")
    told = said(project, "run", "--dry-run")
    assert "no run of it is on record" in told
    assert "first run" not in told
    done = called("publish", "baseline", cwd=project)
    assert (done.returncode, "is stale (no run of it is on record)" in done.stderr) == (2, True), done


def test_one_notebook_of_the_real_project(tmp_path: Path):
    """As JupyterLab would execute it: by papermill alone, from the notebook's own folder."""
    target = tmp_path / "01.ipynb"
    papermill.execute_notebook(
        ROOT / "notebooks" / "01_emergence.ipynb",
        target,
        {"regime": "CSTO", "coding": "baseline", "settings": SETTINGS},
        cwd=ROOT / "notebooks",
        progress_bar=False,
        kernel_name="python3",
    )
    cells = [cell for cell in nbformat.read(target, as_version=4).cells if cell.cell_type == "code"]
    outputs = [output for cell in cells for output in cell.outputs]
    assert len(outputs) > 3
    assert [output for output in outputs if output.output_type in ("error", "stream")] == []
