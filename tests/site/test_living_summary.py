"""The living summary: every thesis and finding once, in its section; unknown claims are refused."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest

from deadletter.dataset.load import load_dataset
from deadletter.errors import InputError
from tests.dataset.test_tables_and_rules import line

ROOT = Path(__file__).resolve().parents[2]


def test_the_summary_names_every_thesis_finding_and_forecast_once_in_the_order_of_the_article():
    dataset = load_dataset(ROOT / "data")
    summary, claims = dataset["summary"], dataset["claims"].set_index("id")
    named = [(claim, row.section) for row in summary.itertuples() for claim in row.claims.split(";")]
    wanted = claims.index[claims["level"].isin(["thesis", "finding", "forecast"])]
    assert Counter(claim for claim, _ in named) == Counter(wanted)
    assert [(claim, section) for claim, section in named if claims.at[claim, "section"] != section] == []
    order = summary["section"].map(dataset["sections"].set_index("id")["order"])
    assert order.is_monotonic_increasing


def test_a_sentence_about_an_unknown_claim_is_refused(tmp_path: Path):
    data = shutil.copytree(ROOT / "data", tmp_path / "data")
    line(data / "argument" / "summary.csv", 2, lambda row: row.replace("c001", "c999"))
    message = r"argument/summary\.csv row 2 \(s01\) column claims: refers to a row that is not there; found: 'c999'"
    with pytest.raises(InputError, match=message):
        load_dataset(data)
