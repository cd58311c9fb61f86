"""`deadletter multiverse` as a user drives it: run, run again, break it off, and read what the notebook shows."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd

from tests.commands import ROOT, called, deadletter
from tests.journeys.studies import Study

# enough for a run to be killed between its slices
ENOUGH = "300000"


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_tables_are_written_once_and_shown_by_the_notebook(study: Study, tmp_path: Path):
    project, many = shutil.copytree(study.root, tmp_path / "project"), str(study.universes)
    done = deadletter("multiverse", "--universes", many, cwd=project)
    assert (done.returncode, done.stderr) == (0, "")
    folder = project / "results" / "multiverse"
    shares = pd.read_csv(folder / "shares.csv", keep_default_na=False)
    whole = shares[(shares["component"] == "all") & (shares["basis"] != "all")]
    totals = whole.groupby(["regime", "basis"])["share"].sum()
    # three bases for each regime; every universe has one label or none by each
    assert len(totals) == 3 * len(study.regimes)
    assert (totals - 1).abs().max() < 1e-9  # tables keep ten digits
    assert json.loads((folder / "meta.json").read_text())["universes"] == int(many)
    first = files(folder)

    again = called("multiverse", "--universes", many, cwd=project)
    assert again.returncode == 0
    assert "up to date" in again.stdout
    assert files(folder) == first

    # of the notebooks, which all say where regimes are placed across codings, its own is executed once, and draws what
    # the tables say
    for path in (project / "notebooks").glob("*.ipynb"):
        if path.stem != "06_robustness":
            path.unlink()
    done = deadletter("run", "--regime", study.regimes[0], cwd=project)
    assert (done.returncode, "1 notebook executed" in done.stdout) == (0, True), done.stderr
    executed = project / "executed" / "multiverse" / "06_robustness.ipynb"
    assert re.search(rf"{study.universes % 1000} universes", executed.read_text(encoding="utf-8"))


def test_a_killed_run_goes_on_where_it_stood_and_ends_with_the_same_bytes(project: Path, tmp_path: Path):
    command = [sys.executable, "-m", "deadletter", "multiverse", "--universes", ENOUGH, "--jobs", "1"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "analysis")}
    store = project / "results" / ".cache" / "multiverse"
    with subprocess.Popen(command, cwd=project, env=environment, stdout=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 120
        while len(list(store.glob("*/*.npz"))) < 3 and time.monotonic() < deadline:
            time.sleep(0.01)
        process.kill()
    kept = len(list(store.glob("*/*.npz")))
    assert 3 <= kept < 32
    assert not (project / "results" / "multiverse").exists()

    resumed = deadletter("multiverse", "--universes", ENOUGH, cwd=project)
    assert resumed.returncode == 0
    assert f"{kept} of 32 slices were kept from an earlier run" in resumed.stdout
    other = tmp_path / "other"
    fresh = deadletter("multiverse", "--universes", ENOUGH, "--jobs", "2", "--output-root", str(other), cwd=project)
    assert fresh.returncode == 0
    assert "slices were kept" not in fresh.stdout
    assert files(project / "results" / "multiverse") == files(other / "results" / "multiverse")


def test_a_misspelt_branch_key_is_refused_before_any_work(project: Path):
    path = project / "params" / "multiverse.yaml"
    path.write_text(path.read_text().replace("compliance: {aspect", "complianse: {aspect"))
    done = called("multiverse", cwd=project)
    assert done.returncode == 2
    assert "multiverse.yaml" in done.stderr
    assert "did you mean" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (project / "results" / "multiverse").exists()


def test_a_multiverse_of_other_data_is_neither_published_nor_called_current(example_run: Path, tmp_path: Path):
    project = shutil.copytree(example_run, tmp_path / "project")
    for words in (["multiverse"], ["run"]):
        assert called(*words, cwd=project).returncode == 0
    ratings = project / "data" / "account" / "ratings.csv"
    told = ratings.read_text(encoding="utf-8")
    ratings.write_text(told.replace(",compliance,complied,", ",compliance,violated,", 1), encoding="utf-8")
    assert called("data", "describe", cwd=project).returncode == 0
    reason, remedy = "evaluated with other data", "run `deadletter multiverse`"
    assert f"results/multiverse: {reason}: {remedy}" in called("run", cwd=project).stdout
    refused = called("publish", "baseline", cwd=project)
    assert (refused.returncode, reason in refused.stderr, (project / "site").exists()) == (2, True, False)
    assert f"{remedy}, then `deadletter run baseline` first" in refused.stderr
    assert called("publish", "baseline", "--allow-stale", cwd=project).returncode == 0
    chapter = "notebooks/multiverse/06_robustness.html"
    pages = ("index.html", "notebooks/baseline/05_argument.html", "rows/norms.html", chapter, f"downloads/{chapter}")
    texts = {name: (project / "site" / name).read_text(encoding="utf-8") for name in pages}
    assert [name for name, text in texts.items() if f"results/multiverse {reason}" not in text] == []
    report = called("check", cwd=project).stderr
    assert [words for words in (reason, remedy) if words not in report] == []
    # what belongs together again is no problem
    for words, code in ((["multiverse"], 0), (["run"], 0), (["check"], 0)):
        assert called(*words, cwd=project).returncode == code
