"""What a computation reads is recorded once for all who use it, and found in source where nothing is executed."""

from __future__ import annotations

import os
from pathlib import Path
from types import ModuleType

import pytest

from deadletter import indices, tracing, trade
from deadletter.coding import Coding, load_coding
from deadletter.dataset.load import Dataset
from deadletter.pipeline.import_graph import ROOT as SOURCE
from deadletter.pipeline.import_graph import closure, module_path
from deadletter.pipeline.steps import BY_NAME, STEPS, compute
from deadletter.tracing import recording
from tests.conftest import ROOT


def names(seen: set, kind: str) -> set[str]:
    return {name for found, name, _ in seen if found == kind}


def test_tables_are_recorded_also_when_what_is_made_of_them_is_kept(dataset: Dataset):
    for _ in range(2):
        with recording() as seen:
            dataset.once(
                "a test's own", lambda: len(dataset["votes"]) + dataset.once("inner", lambda: dataset["plans"].size)
            )
        assert names(seen, "data") == {"account/votes.csv", "account/plans.csv"}
    with recording() as seen:
        assert dataset.focal
    assert names(seen, "data") == {"account/regimes.csv"}


def test_a_read_is_noted_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write, noted = os.write, tmp_path / "reads"
    monkeypatch.setattr(os, "write", lambda handle, line: write(handle, line[:5]))  # as a disk that fills
    handle = os.open(noted, os.O_WRONLY | os.O_CREAT)
    tracing._Sink(handle).update([("file", "a.csv", ""), ("data", "b.csv", "")])
    os.close(handle)
    assert tracing.traced(noted) == {("file", "a.csv", ""), ("data", "b.csv", "")}
    noted.write_bytes(noted.read_bytes()[:-3])
    assert tracing.traced(noted) == {("file", "a.csv", "")}


def test_a_coding_is_recorded_with_its_values_and_its_files_are_not():
    with recording() as seen:
        load_coding(ROOT / "params", "strict")
    assert names(seen, "coding") == {"strict"}


def test_imports_are_followed_wherever_they_stand():
    found = set(closure(["deadletter.chapter"]))
    assert {
        "deadletter",
        "deadletter.trade",
        "deadletter.trade.questions.answers",
        "deadletter.argument.ledger",
    } <= found
    # what nothing of it imports is not in it
    assert found & {"deadletter.cli.app", "deadletter.multiverse.evaluate", "deadletter.charts.theme"} == set()
    assert module_path("deadletter.trade") == "deadletter/trade/__init__.py"


@pytest.mark.parametrize("room", [indices, trade])
def test_the_modules_of_public_names_are_followed(room: ModuleType):
    found = set(closure([room.__name__]))
    assert {getattr(room, name).__module__ for name in room.__all__} <= found


def test_no_module_imports_this_package_by_a_made_up_name():
    for path in SOURCE.rglob("*.py"):
        # libraries only, modules that bear on no result, names that a kernel records when it looks them up, and public
        # names, whose modules are written out in full
        if path.name not in ("preload.py", "papermill_engine.py", "notebook_imports.py", "notebook.py", "arguments.py"):
            assert not {"import_module", "__import__"} & set(path.read_text(encoding="utf-8").split("(")), path


def test_no_step_sees_a_setting_that_is_none_of_its_own(baseline: Coding):
    narrowed = BY_NAME["trade"].narrowed(baseline)
    assert narrowed.trade == baseline.trade
    assert narrowed.intervals.level == baseline.intervals.level
    for read in (lambda: narrowed.compliance, lambda: narrowed.intervals.draws, lambda: narrowed.title):
        with pytest.raises(AttributeError):
            read()
    assert set(BY_NAME["claims"].parameters(baseline)) & {"title", "trade.leads"} == set()
    assert sum(len(step.files) for step in STEPS) == len({file for step in STEPS for file in step.files})


def test_steps_tell_the_tables_that_they_read(baseline: Coding):
    indices, forecasts = compute(ROOT / "data", baseline, ["indices", "forecasts"])
    assert {"account/events.csv", "account/regimes.csv"} <= indices.data.keys()
    assert not any(name.startswith(("trade/", "after_2019/", "argument/")) for name in indices.data)
    # the indices are computed once for both, and count as read by both
    assert indices.data.items() <= forecasts.data.items()
    assert "after_2019/facts.csv" in forecasts.data
