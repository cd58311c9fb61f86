"""What helps readers: sentences of finding that follow their values, spans of years, functions with docstrings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from deadletter.errors import InputError
from deadletter.site import pdf
from deadletter.site.build import _in_print
from deadletter.site.links import leads, rows_behind
from deadletter.site.pages.home import _contested, findings, tally
from deadletter.site.pages.method import reference_pages


def material(called: str = "the text") -> SimpleNamespace:
    dataset = {"regimes": pd.DataFrame({"id": ["R"], "name": ["Regime of Rivers"]})}
    return SimpleNamespace(dataset=dataset, study=SimpleNamespace(called=called))


def results(codification: str, legalisation: str, value: float) -> SimpleNamespace:
    where = {"regime": "R", "component": "all", "period": "2001/2004"}
    calibration = SimpleNamespace(expectation=SimpleNamespace(crossover=0.5))
    placements = pd.DataFrame(
        [
            {**where, "measure": "codification", "label": codification},
            {**where, "measure": "legalisation", "label": legalisation},
            {**where, "measure": "codification", "label": "tacit", "period": "1991/1999"},
        ]
    ).assign(basis="expectation", formalisation_crossover=0.6)
    indices = pd.DataFrame(
        [
            {**where, "krasner": "all", "index": "codification", "value": value},
            {**where, "krasner": "all", "index": "legalisation", "value": float("nan")},
            {**where, "krasner": "all", "index": "expectation", "value": 0.2},
        ]
    )
    coding = SimpleNamespace(calibration=calibration)
    return SimpleNamespace(placements=placements, indices=indices, coding=coding)


def test_the_finding_of_a_regime_follows_its_last_placement_under_both_measures():
    assert findings(material(), results("dead_letter", "dead_letter", 0.71)) == [
        "The Regime of Rivers (R) is a dead letter on the account of the text for 2001–2004: its norms are highly "
        "formalised (codification 0.71 of 1, crossover 0.60), yet members hardly expect them to be kept (expectation "
        "0.20, crossover 0.50). Measured by legalisation (no value) instead of codification, its place is the same."
    ]
    (other,) = findings(material(), results("none", "not_identified", 0.4))
    assert "weakly formalised (codification 0.40 of 1, crossover 0.60), and members hardly expect" in other
    assert other.endswith("it is not identified because what is unknown decides.")


def test_theses_are_listed_where_nothing_could_be_tested():
    claims = pd.DataFrame({"id": ["c2", "c1"], "level": "thesis", "regime": ["R", ""], "claim": "x"})
    made = SimpleNamespace(name="mine", claims=claims, nodes={name: {"section": "s"} for name in claims["id"]})
    assert [row[1:] for row in _contested(made, [])] == [("both", "x"), ("R", "x")]


def test_claims_are_counted_by_half_kind_and_standing_on_each_source():
    class Tables(dict[str, pd.DataFrame]):
        def once(self, _: str, make: Callable[[], Any]) -> Any:
            return make()

    lineage = Tables(lineage=pd.DataFrame({"regime": ["Q", "R"], "focal": ["R", "R"]}))
    claims = pd.DataFrame(
        [
            ("thesis", "R", "consistent with", "supported", "supported"),
            ("thesis", "Q", "in tension with", "not tested", "in tension with"),
            ("thesis", "", "not tested", "not tested", "not tested"),
            ("finding", "R", "not tested", "not supported", "not supported"),
        ],
        columns=["level", "regime", "account_verdict", "record_verdict", "verdict"],
    )
    counted = tally(SimpleNamespace(dataset=lineage), SimpleNamespace(claims=claims), ["account", "record"])
    counted = [tuple(cell.replace("\N{NO-BREAK SPACE}", " ") for cell in row) for row in counted]
    assert counted == [
        ("R", "thesis", "2", "1 · 1 · 0", "1 · 0 · 0", "0"),
        ("R", "finding", "1", "0 · 0 · 0", "0 · 0 · 1", "0"),
        ("both", "thesis", "1", "0 · 0 · 0", "0 · 0 · 0", "1"),
        ("all", "thesis", "3", "1 · 1 · 0", "1 · 0 · 0", "1"),
        ("all", "finding", "1", "0 · 0 · 0", "0 · 0 · 1", "0"),
    ]


def test_spans_and_signs_change_in_words_but_not_in_code_or_markup():
    page = '<p title="2001/2004">2001/2004</p><pre>--set 2001/2004 <b>-1</b></pre><a href="2001/2004">-0.5</a>'
    wanted = page.replace(">2001/2004</p>", ">2001–2004</p>").replace(">-0.5<", ">−0.5<")
    assert "".join(_in_print(page)) == wanted


def test_every_public_function_of_trade_is_in_the_reference():
    from deadletter import trade

    pages = dict(reference_pages())
    for name in trade.__all__:
        assert f":: deadletter.trade.{name}\n" in pages["reference/trade"], name
    assert ":: deadletter.argument.verdicts.standing\n" in pages["reference/argument"]
    assert "._" not in pages["reference/argument"]
    # each opens from its name and what it is
    assert "<summary><code>wilson</code> Wilson&#39;s score interval of a share</summary>" in pages["reference/indices"]


def test_without_a_browser_printing_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match="--pdf: no browser to print with; found: 'none'; allowed: one of chromium"):
        pdf.browser()


def test_rows_behind_a_chart_do_not_depend_on_the_order_in_which_it_names_them(dataset):
    material, results = SimpleNamespace(dataset=dataset), SimpleNamespace(nodes={})
    links = [
        rows_behind(material, leads(material, results, named, ""), "")
        for named in (["m002", "l02", 1.5, "m001", "x"], ["x", "m001", "m002", "l02", "m001"])
    ]
    assert links[0] == links[1]
    assert "memberships.html#only=m001+m002" in links[0][1]
