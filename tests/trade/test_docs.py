"""What docs/trade.md says is what the program prints, and its example runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from analysis.coding import apply_settings
from analysis.coding.settings import to_flat
from analysis.trade.fetch.releases import RELEASES
from analysis.trade.gravity_questions import gravity_rows
from analysis.trade.line import trade_line
from analysis.trade.robustness_questions import variant_rows
from analysis.trade.series_questions import series_rows
from analysis.trade.sources import sources_of

DOCS = Path(__file__).resolve().parents[2] / "docs"
TEXT = (DOCS / "trade.md").read_text(encoding="utf-8")
SOURCES = (DOCS / "data_sources.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def rows(evidence, baseline):
    line, level = trade_line(evidence, baseline.trade, "EEU"), baseline.intervals.level
    found = [
        *series_rows(line, sources_of(evidence), baseline.trade),
        *gravity_rows(line, baseline.trade, level),
        *variant_rows(evidence, baseline.trade, line, level),
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
        re.findall(r"trade\.(\w+)=?", re.sub(r"`?results\S*|\S*trade\.(csv|md)\S*|analysis\.trade\S*", "", TEXT))
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


def test_every_release_and_table_is_told(evidence):
    assert set(re.findall(r"^\| `(\w+)` \|", SOURCES, flags=re.M)) == set(RELEASES)
    tables = {r["path"] for r in evidence.package["resources"] if r["path"].startswith(("trade/", "macro/"))}
    assert tables == set(re.findall(r"^\| `((?:trade|macro)/\w+\.csv)` \|", SOURCES, flags=re.M))
