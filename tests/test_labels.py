"""Text as in print: spans of years and minus signs in what readers see; code stays as it is."""

from __future__ import annotations

import pandas as pd
import pytest

from deadletter.charts.bundle import MIME, cell_text, sentence_bundle, table_bundle
from deadletter.labels import in_print, p_value


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1992/1999", "1992–1999"),
        ("in 2014/2019, so", "in 2014–2019, so"),
        ("34/2", "34/2"),
        ("12014/2019", "12014/2019"),
        ("from -0.15 (-0.31 to 0.02)", "from −0.15 (−0.31 to 0.02)"),
        ("-3 years", "−3 years"),
        ("2019-12-31, HS12-V2, c-1, exporter-year", "2019-12-31, HS12-V2, c-1, exporter-year"),
        ("run `--set a=-1 -2 2014/2019` on -1", "run `--set a=-1 -2 2014/2019` on −1"),
    ],
)
def test_spans_and_signs_are_as_in_print(text: str, words: str):
    assert in_print(text) == words


def test_p_values_are_as_in_papers():
    assert [p_value(p) for p in (0.513, 0.0851, 0.001, 3.5e-7)] == ["p = 0.51", "p = 0.085", "p = 0.001", "p < 0.001"]


def test_cells_and_sentences_of_notebooks_are_as_in_print():
    assert [cell_text(one) for one in (-0.153, -0.001, "-2", "2014/2019")] == ["−0.15", "0.00", "−2", "2014–2019"]
    assert cell_text(-3) == "−3"
    assert cell_text("dead_letter by expectation, states=one_two") == "dead letter by expectation, states=one two"
    assert cell_text("data/a_b.csv, argument.a_b, a_b.csv") == "data/a_b.csv, argument.a_b, a_b.csv"
    assert sentence_bundle("- **A:** *b* & c")[MIME]["title"] == "A: b & c"
    assert sentence_bundle("It fell by -0.2 in 2014/2019.")["text/markdown"] == "It fell by −0.2 in 2014–2019."
    mixed = pd.DataFrame({"value": [2005.0, 0.5, float("nan")], "unit": ["year", "log", ""]})
    rows = table_bundle(mixed, "Mixed", {"value": "value", "unit": "unit"})["text/plain"].splitlines()
    assert rows == ["Mixed", "value\tunit", "2005\tyear", "0.50\tlog", "–\t"]
    shown = table_bundle(pd.DataFrame({"a": [-1.5]}), "Change, -1 to 1", {"a": "change"})
    assert "−1.50" in shown["text/html"]
    assert "Change, −1 to 1" in shown["text/plain"]
