"""Every chart of the real evidence: a valid specification, a finding for a title, the same in words, no scripts."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pandas as pd
import pytest
from altair.vegalite.v6.schema import core

from deadletter.chapter import Chapter
from deadletter.charts import conduct as expectations
from deadletter.charts import framework as norms
from deadletter.charts import plane as prospects
from deadletter.charts import timelines as emergence
from deadletter.charts import trade_effects as gravity
from deadletter.charts import trade_series as statements
from deadletter.charts import trade_series as trade
from deadletter.charts.bundle import MIME
from deadletter.charts.figure import Figure, show, show_table
from deadletter.charts.plane import overview_chart
from deadletter.coding import Coding
from deadletter.dataset.load import Dataset
from deadletter.indices.compliance import carried_out
from deadletter.indices.emergence import events_of, membership_spells, plan_durations, survival
from deadletter.indices.expectation import wishes
from deadletter.indices.formalisation import norms_in_force
from deadletter.indices.functions import function_rows, role_rows
from deadletter.indices.power import voting_power
from deadletter.labels import p_value


@pytest.fixture(scope="module")
def studies(dataset: Dataset, baseline: Coding, baseline_run: Path) -> dict[str, Chapter]:
    tables = baseline_run / "results" / "baseline"
    return {focal: Chapter(dataset, baseline, tables, focal) for focal in dataset.focal}


def _plans(s: Chapter):
    return plan_durations(*s.inputs)


def _spells(s: Chapter):
    return membership_spells(*s.inputs)


def _norms(s: Chapter):
    return norms_in_force(s.dataset, s.coding, s.last)


CHARTS: dict[str, Callable[[Chapter], Figure | str]] = {
    "genealogy": lambda s: emergence.genealogy_chart(s.lineage_table, s.coding.as_of),
    "memberships": lambda s: emergence.membership_chart(_spells(s), s.state_names, s.lineage),
    "timeline": lambda s: emergence.timeline_chart(events_of(*s.inputs), s.lineage),
    "plans": lambda s: emergence.plans_chart(_plans(s)),
    "plans_survival": lambda s: emergence.plans_survival_chart(
        survival(_plans(s)["years"], _plans(s)["carried_out"]), _plans(s)
    ),
    "attrition": lambda s: emergence.attrition_chart(survival(_spells(s)["years"], _spells(s)["left"]), _spells(s)),
    "legalisation": lambda s: norms.legalisation_chart(_norms(s)),
    "trajectory": lambda s: norms.trajectory_lines(s.indices, "formalisation", "formalisation"),
    "voting": lambda s: norms.voting_chart(voting_power(s.dataset, s.focal)),
    "execution": lambda s: norms.execution_chart(carried_out(s.dataset, s.coding, s.last, "all")),
    "wishes": lambda s: expectations.wishes_chart(wishes(*s.inputs)),
    "compliance": lambda s: expectations.compliance_chart(s.tests),
    "functions": lambda s: expectations.functions_chart(function_rows(s.dataset, s.coding, s.last), s.last.period),
    "roles": lambda s: expectations.roles_chart(role_rows(*s.inputs)),
    "plane": lambda s: prospects.plane_chart(s.indices, s.placement, "expectation", (0.5, 0.5)),
    "cells": lambda s: prospects.memberships_chart(s.placement),
    "statements": lambda s: statements.statements_chart(s.statements),
    "shares": lambda s: trade.intra_share_chart(s.trade),
    "decomposition": lambda s: trade.decomposition_chart(s.trade),
    "event_study": lambda s: gravity.event_study_chart(s.trade),
    "placebos": lambda s: gravity.placebo_blocs_chart(s.trade, s.placebos),
    "curve": lambda s: gravity.specifications_chart(s.curve),
    "published": lambda s: gravity.published_chart(s.dataset["published_estimates"], s.trade),
}
# what a lineage lacks is said in a sentence: weighted voting
SENTENCES = {("CSTO", "voting")}
# nothing is drawn or said of trade where no step of integration is on record
NOTHING = {
    ("CSTO", n) for n in ("statements", "shares", "decomposition", "event_study", "placebos", "curve", "published")
}


@pytest.mark.parametrize("focal", ["CSTO", "EEU"])
@pytest.mark.parametrize("name", CHARTS)
def test_each_chart(studies: dict[str, Chapter], focal: str, name: str):
    figure = CHARTS[name](studies[focal])
    if (focal, name) in NOTHING:
        assert figure == ""
        return
    if (focal, name) in SENTENCES:
        assert isinstance(figure, str)
        assert figure.endswith(".")
        return
    jsonschema.Draft7Validator(core.load_schema()).validate(figure.spec)
    assert figure.title
    assert figure.subtitle
    drawn = figure.svg(titled=False)
    # labels of 12 px stay above 11 in a column of 720
    assert float(re.search(r'width="([\d.]+)"', drawn)[1]) <= 785
    # the renderer marks the labels that it cuts
    assert "…" not in drawn
    # the finding carries figures, and the text alternative tells them too
    numbers = re.findall(r"\d+(?:\.\d+)?", figure.title)
    assert numbers or figure.title in figure.words
    assert [number for number in numbers if number not in figure.words] == []
    assert CHARTS[name](studies[focal]).spec == figure.spec


def test_readings_are_made_of_the_values(studies: dict[str, Chapter]):
    ours = studies["EEU"].trade.set_index("id")["estimate"]
    told = gravity.gravity_reading(studies["EEU"].trade)
    assert f"{-ours['gravity.founders_per_cent']:.1f}% less" in told
    assert p_value(ours["gravity_event.leads_jointly_zero"]) in told
    halves = studies["EEU"].trade.assign(estimate=studies["EEU"].trade["estimate"] / 2)
    assert gravity.gravity_reading(halves) != told
    split = trade.trade_reading(studies["EEU"].trade)
    change = ours[[name for name in ours.index if name.startswith("decomposition.all_change")]].iloc[0]
    assert f"{change / 1000:+.1f} billion USD" in split
    assert "mostly because trade with outsiders fell" in split
    # under the question that it answers, with names of states
    assert split.index("**What moved the members' share?**\n\n- The members' share") == 0
    assert (
        re.search(r"\((?:BLR|KAZ|RUS)\)|without [A-Z]{3}\b(?<!ROW)", gravity.gravity_reading(studies["EEU"].trade))
        is None
    )
    for reading in (gravity.gravity_reading, trade.trade_reading):
        assert reading(studies["CSTO"].trade) == ""


def test_overview(studies: dict[str, Chapter], dataset: Dataset, baseline: Coding):
    indices = pd.concat([study.indices for study in studies.values()])
    placement = pd.concat([study.placement for study in studies.values()])
    figure = overview_chart(indices, placement, baseline.calibration)
    assert all(focal in figure.title for focal in dataset.focal)


@pytest.mark.parametrize(
    "sentence",
    [
        emergence.timeline_chart(pd.DataFrame(), []),
        emergence.plans_chart(pd.DataFrame()),
        norms.legalisation_chart(pd.DataFrame()),
        expectations.wishes_chart(pd.DataFrame()),
        expectations.compliance_chart(pd.DataFrame()),
        expectations.roles_chart(pd.DataFrame()),
    ],
)
def test_nothing_to_draw_is_told_in_a_sentence(sentence: str):
    assert re.fullmatch(r"No .*\.", sentence)


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list:
    outputs: list = []
    monkeypatch.setattr("deadletter.charts.figure.display", lambda value, **_: outputs.append(value))
    return outputs


def test_a_figure_is_shown_without_scripts_and_told_to_screen_readers(studies: dict[str, Chapter], shown: list):
    figure = CHARTS["memberships"](studies["CSTO"])
    show(figure)
    body = shown[0]["text/html"]
    part = shown[0][MIME]
    assert (part["kind"], part["title"], part["alternative"]) == ("figure", figure.title, figure.words)
    assert part["spec"] == figure.spec
    assert shown[0]["image/svg+xml"] in body
    assert "role=" not in body.partition("<svg")[0]  # a figure is one by itself
    assert f'aria-label="{figure.words[:20]}' in body
    assert "<script" not in body
    # the two name spaces of SVG are names, not addresses that anything loads
    assert set(re.findall(r"https?://[^\"' ]+", body)) <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert shown[0]["text/plain"].startswith(figure.title)


def test_ids_of_a_drawing_do_not_depend_on_what_was_drawn_before(studies: dict[str, Chapter]):
    first = CHARTS["plans"](studies["CSTO"]).svg()
    CHARTS["plane"](studies["EEU"]).svg()
    assert CHARTS["plans"](studies["CSTO"]).svg() == first


def test_hostile_text_in_a_table_is_shown_as_text(shown: list):
    frame = pd.DataFrame({"a": ["<script>alert(1)</script>"], "b": [1.23456]})
    show_table(frame, "<b>caption</b>", {"a": "text", "b": "number"}, digits=1)
    body = shown[0]["text/html"]
    assert "&lt;script&gt;" in body
    assert "<script" not in body
    assert "&lt;b&gt;caption" in body
    assert shown[0][MIME]["columns"] == ["text", "number"]
    assert shown[0][MIME]["rows"] == [["<script>alert(1)</script>", "1.2"]]


@pytest.mark.parametrize(
    ("values", "title"),
    [
        ([0.2, 0.3, 0.9], "X rises from 0.20 (1990–1994) to 0.90 (2000–2004)"),
        ([0.2, 0.9, 0.3], "X rises from 0.20 (1990–1994) to 0.90 (1995–1999) and falls to 0.30 (2000–2004)"),
        ([0.8, 0.1, 0.7], "X falls from 0.80 (1990–1994) to 0.10 (1995–1999) and rises to 0.70 (2000–2004)"),
        (
            [0.2, 0.3, 0.25],
            "X in the last period cannot be distinguished from that in the first: 0.20 (1990–1994), 0.25 (2000–2004)",
        ),
    ],
)
def test_the_course_of_an_index_is_told_as_far_as_intervals_carry_it(values: list[float], title: str):
    periods = ["1990/1994", "1995/1999", "2000/2004"]
    rows = [(p, "x", "all", "all", v, v - 0.1, v + 0.1, 9) for p, v in zip(periods, values, strict=True)]
    columns = ["period", "index", "krasner", "component", "value", "low", "high", "n"]
    figure = norms.trajectory_lines(pd.DataFrame(rows, columns=columns), "x", "x")
    assert isinstance(figure, Figure)
    assert figure.title == title


def test_an_index_with_one_value_is_a_sentence():
    rows = [("1990/1994", "x", "all", "all", None, 0.0, 1.0, 2), ("1995/1999", "x", "all", "all", 0.5, 0.4, 0.6, 9)]
    columns = ["period", "index", "krasner", "component", "value", "low", "high", "n"]
    told = norms.trajectory_lines(pd.DataFrame(rows, columns=columns), "x", "x")
    assert told == (
        "X has a value in 1 of 2 periods: 0.50 in 1995–1999 (interval 0.40–0.60, n = 9); the other periods have too "
        "few rows."
    )
