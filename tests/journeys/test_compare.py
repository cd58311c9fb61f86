"""`deadletter compare`: what moves between two codings, and which decision moves it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import pytest

from deadletter.coding import Coding, apply_settings, load_coding
from deadletter.comparison.compute import Comparison, compare, differing_settings, moves_by_index
from deadletter.comparison.page import attribution_chart, moves_chart
from deadletter.dataset.load import Dataset, load_dataset
from tests.commands import ROOT, called
from tests.faults.tiny import errors, tiny_project


@pytest.fixture(scope="module")
def found(dataset: Dataset, baseline: Coding) -> Comparison:
    return compare(dataset, baseline, load_coding(ROOT / "params", "lenient"))


def test_the_command_tells_what_moves_and_writes_it(project: Path, found: Comparison, monkeypatch: pytest.MonkeyPatch):
    # computed once for this file; tests/test_smoke.py has the command compute by itself
    monkeypatch.setattr("deadletter.comparison.write.compare", lambda *_: found)
    done = called("compare", "baseline", "lenient", cwd=project)
    assert (done.returncode, errors(done.stderr)) == (0, "")
    lines = done.stdout.splitlines()
    folder = project / "results" / "compare" / "baseline_lenient"
    indices = pd.read_csv(folder / "indices.csv")
    moved = indices[indices["change"].abs() > 1e-9]
    placements = pd.read_csv(folder / "placements.csv", keep_default_na=False)
    assert lines[0].startswith(f"{len(moved)} of {len(indices)} indices and {placements['moved'].sum()} of")
    # the lenient reading raises compliance and output and touches nothing else
    assert set(moved["index"]) == {"compliance", "output", "output_substance", "output_procedure"}
    assert (moved["change"] > 0).all()
    assert moved["change"].abs().is_monotonic_decreasing
    assert any(line.startswith("compliance.ambiguous=1.0 alone moves") for line in lines)
    assert any(
        "no value of these indices moves: " in line and "expectation," in line and "formalisation" in line
        for line in lines
    )
    page = (folder / "index.html").read_text(encoding="utf-8")
    # one file by itself: nothing runs in it, nothing is loaded
    assert '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'' in page
    assert re.findall(r"<script|<link|<img|<iframe|url\((?!#)|@import|\son\w+=", page) == []
    assert set(re.findall(r"https?://[^\s\"]+", page)) <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    for name in ("moves", "attribution"):
        svg = (folder / f"{name}.svg").read_text(encoding="utf-8")
        assert svg in page
        ElementTree.fromstring(svg)
    assert "Placements that stay" in page
    verdicts = pd.read_csv(folder / "verdicts.csv", keep_default_na=False)
    flipped = verdicts.loc[verdicts["flipped"], "id"]
    assert list(flipped) == list(verdicts.loc[verdicts["base_verdict"] != verdicts["other_verdict"], "id"])
    assert f"{len(flipped)} of {len(verdicts)} verdicts on claims flip" in done.stdout
    assert len(flipped)
    table = page.split("<caption>Verdicts that flip")[1].split("</table>")[0]
    assert re.findall(r"<td>(c\d{3})</td>", table) == list(flipped)


def test_unknown_codings_are_refused(project: Path):
    done = called("compare", "baseline", "strikt", cwd=project)
    assert done.returncode == 2
    assert "unknown coding; found: 'strikt'; did you mean: strict" in done.stderr
    assert not (project / "results").exists()


def test_attribution_applies_each_decision_alone(found: Comparison):
    alone = found.attribution.set_index("settings")
    assert set(alone.index) == {"compliance.ambiguous=1.0", "output.partly=1.0"}
    # the two decisions bear on different indices, so that here their effects add up
    moved = found.indices[found.indices["change"].abs() > 1e-9]
    assert alone["indices_moved"].sum() == len(moved)
    assert alone["largest_change"].max() == pytest.approx(moved["change"].abs().max())
    assert alone["placements_moved"].sum() == found.placements["moved"].sum()
    drawn = moves_chart(found, "baseline", "lenient")
    largest = moved.iloc[0]
    assert drawn.title.endswith(f"from {largest['base']:.2f} to {largest['other']:.2f}")
    bars = attribution_chart(found)
    assert f"all together: {found.placements['moved'].sum()} placements" in bars.words
    by_index = moves_by_index(found).set_index("index")
    assert by_index.loc["formalisation", ["moved", "largest"]].tolist() == [0, 0]
    assert by_index["moved"].sum() == len(moved)


def test_a_coding_beside_itself_is_refused_in_one_line(project: Path):
    done = called("compare", "baseline", "baseline", cwd=project)
    assert (done.returncode, done.stdout) == (2, "")
    assert "compares a coding with itself; found: 'baseline'" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (project / "results").exists()


def test_two_codings_of_equal_settings_move_nothing(tmp_path: Path):
    project = tiny_project(tmp_path / "project")
    (project / "params" / "twin.yaml").write_text("extends: baseline\ntitle: Twin\nwhy: The same.\n", encoding="utf-8")
    done = called("compare", "baseline", "twin", cwd=project)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("0 of ")
    page = (project / "results" / "compare" / "baseline_twin" / "index.html").read_text(encoding="utf-8")
    assert "Verdicts that flip: none." in page


def test_each_override_is_applied_alone(tmp_path: Path):
    project = tiny_project(tmp_path / "project")
    dataset, baseline = load_dataset(project / "data"), load_coding(project / "params", "baseline")
    both = ["e901 compliance=violated: Plainly.", "n901 status=announced: A wish."]
    other = apply_settings(baseline, [f"overrides={json.dumps(both)}"])
    attribution = compare(dataset, baseline, other).attribution
    assert sorted(attribution["settings"]) == [f"overrides={json.dumps([text])}" for text in both]
    assert (attribution["indices_moved"] > 0).any()


def test_weights_and_anchors_of_one_group_stay_together(baseline: Coding):
    weights = ["obligation=1.0", "precision=0.0", "delegation=0.0"]
    other = apply_settings(baseline, [f"formalisation.dimension_weights.{weight}" for weight in weights])
    assert len(differing_settings(baseline, other)) == 3
    from deadletter.comparison.compute import _groups

    assert [len(group) for group in _groups(differing_settings(baseline, other))] == [3]
    # either threshold alone would stand on the wrong side of the other's old value
    higher = apply_settings(baseline, ["argument.partly=0.7", "argument.holds=0.9"])
    assert _groups(differing_settings(baseline, higher)) == [["argument.holds=0.9", "argument.partly=0.7"]]
