"""What docs/trade.md says is what the program prints, and its example runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from deadletter.coding import apply_settings
from deadletter.coding.settings import to_flat
from deadletter.fetch import RELEASES
from deadletter.trade.bloc.treated import trade_bloc
from deadletter.trade.questions.gravity_rows import gravity_rows
from deadletter.trade.questions.robustness_rows import variant_rows
from deadletter.trade.questions.series_rows import series_rows
from deadletter.trade.statements.measured import Sources

DOCS = Path(__file__).resolve().parents[2] / "docs"
TEXT = (DOCS / "trade.md").read_text(encoding="utf-8")
SOURCES = (DOCS / "data_sources.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def rows(dataset, baseline):
    bloc, level = trade_bloc(dataset, baseline.trade, "EEU"), baseline.intervals.level
    found = [
        *series_rows(bloc, Sources.of(dataset), baseline.trade),
        *gravity_rows(bloc, baseline.trade, level),
        *variant_rows(dataset, baseline.trade, bloc, level),
    ]
    return {row["id"]: row for row in found}


def test_the_table_of_results_is_current(rows):
    told = re.findall(r"^\| `(\w+\.\w+)` \| (\S+) \| (\S*) ?\| (\S*) ?\|$", TEXT, flags=re.M)
    assert len(told) >= 10
    for identifier, *cells in told:
        for name, cell in zip(("estimate", "low", "high"), cells, strict=True):
            value = rows[identifier][name]
            assert cell == ("" if value != value else f"{value:.3f}"), (identifier, name)


def test_ids_and_keys_that_the_text_names_exist(rows, baseline):
    flat = to_flat(baseline)
    named = set(
        re.findall(r"trade\.(\w+)=?", re.sub(r"`?results\S*|\S*trade\.(csv|md)\S*|deadletter\.trade\S*", "", TEXT))
    )
    assert {f"trade.{name}" for name in named} <= set(flat)
    assert "gravity_event.leads_jointly_zero" in rows
    apply_settings(baseline, re.findall(r"--set (trade\.\S+)", TEXT))


def test_files_that_the_texts_name_are_there():
    for name in re.findall(r"`(tests/[\w/]+\.py|data/[\w/]+\.csv|analysis/[\w/]+\.py)`", TEXT + SOURCES):
        assert (DOCS.parent / name).is_file(), name
    for name in re.findall(r"`((?:trade|macro)/\w+\.csv)`", SOURCES):
        assert (DOCS.parent / "data" / name).is_file(), name


def test_the_example_runs(capsys):
    (code,) = re.findall(r"```python\n(.*?)```", TEXT, flags=re.S)
    exec(compile(code, "docs/trade.md", "exec"), {})
    assert len(capsys.readouterr().out.splitlines()) == 3


def test_every_release_and_table_is_told(dataset):
    assert set(re.findall(r"^\| `(\w+)` \|", SOURCES, flags=re.M)) == set(RELEASES)
    tables = {r["path"] for r in dataset.package["resources"] if r["path"].startswith(("trade/", "macro/"))}
    assert tables == set(re.findall(r"^\| `((?:trade|macro)/\w+\.csv)` \|", SOURCES, flags=re.M))
