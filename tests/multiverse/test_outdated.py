"""A multiverse whose tables or declaration were changed is told, and evaluated again."""

from __future__ import annotations

from pathlib import Path

import pytest

from deadletter.dataset.load import load_dataset
from deadletter.dataset.new_study import new_study
from deadletter.multiverse.evaluate import run
from deadletter.multiverse.evaluated import outdated
from deadletter.project import Project


def evaluated(root: Path) -> list[str]:
    told: list[str] = []
    run(Project(root, root), root / "params" / "multiverse.yaml", None, 1, "", told.append)
    return told


def reason(root: Path) -> str:
    return outdated(Project(root, root), load_dataset(root / "data"))


@pytest.mark.parametrize(
    ("file", "found", "instead", "told"),
    [
        ("results/multiverse/shares.csv", ",4,0.5\n", ",4,0.9\n", "changed since it was written (shares.csv)"),
        ("results/multiverse/meta.json", ": 8", ": 9", "changed since it was written (meta.json)"),
        ("results/multiverse/tipping.csv", "", None, "changed since it was written (tipping.csv)"),
        ("results/multiverse/key", "", None, "changed since it was written (key)"),
        ("params/multiverse.yaml", "{partly: 0.0}", "{partly: 0.25}", "evaluated with other branches"),
        ("params/multiverse.yaml", "branches:", "branchs:", "evaluated with other branches"),
        ("params/multiverse.yaml", "# Decisions", "# Our decisions", ""),
    ],
)
def test_what_was_changed_is_told(tmp_path: Path, file: str, found: str, instead: str | None, told: str):
    new_study(root := tmp_path / "study")
    evaluated(root)
    assert (reason(root), evaluated(root)) == ("", ["multiverse of 8 universes: up to date"])
    path = root / file
    before = path.read_text(encoding="utf-8")
    if instead is None:
        path.unlink()
    else:
        assert found in before
        path.write_text(before.replace(found, instead), encoding="utf-8")
    assert reason(root) == told
    if instead != "branchs:":
        assert bool(evaluated(root) == []) is bool(told)
        assert reason(root) == ""
    if file.startswith("results/"):
        assert path.read_text(encoding="utf-8") == before
