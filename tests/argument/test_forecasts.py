"""Forecasts against later facts: rules by hand, verdicts that turn with a fact, the model of 2019 out of sample."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from deadletter.argument.forecast_rules import last_day, read_rules
from deadletter.argument.forecasts import CHECKED, SCORED, by_year, out_of_sample, score_forecasts
from deadletter.coding import Coding, apply_settings
from deadletter.errors import InputError

NAN = math.nan
CLAIMS = pd.DataFrame(
    {"id": ["c1", "c2", "c3"], "level": ["forecast"] * 3, "regime": ["R"] * 3, "label": ["stays", "works", "unknown"]}
)
KNOWN = {"claim": ["c1", "c2", "c3"], "acts": ["leave", "help", "talk"], "actors": ["A", "B"], "measure": ["share"]}
FIGURES = pd.DataFrame(columns=["fact", "measure", "period_end", "value", "unit"])


def rule(**cells: object) -> dict[str, object]:
    empty = {"acts": "", "actors": "", "since": "2020-01-01", "at_least": NAN, "at_most": NAN}
    empty |= {"measure": "", "relation": "", "value": NAN, "caveat": "", "why": "because"}
    return {"id": "r1", "claim": "c1", "effect": "supports", **empty, **cells}


def rules_of(*rows: dict[str, object]):
    return read_rules(pd.DataFrame(list(rows)), KNOWN)


def facts_of(*rows: tuple[str, str, str, str]) -> pd.DataFrame:
    facts = pd.DataFrame(list(rows), columns=["id", "date", "actors", "acts"])
    return facts.assign(regime="R", direction="supports", source="Paper", page="https://example.org/1", label="x")


HELP = rule(id="r1", claim="c2", acts="help", at_least=2.0)
LEFT = rule(id="r2", claim="c1", acts="leave", at_most=0.0)
GONE = rule(id="r3", claim="c1", effect="contradicts", acts="leave", actors="A", at_least=1.0)
FACTS = facts_of(
    ("f1", "2021-03", "A", "help"),
    ("f2", "2022", "B;A", "talk;help"),
    ("f3", "2019-06-01", "A", "help"),
    ("f4", "2024-05-01", "A", "leave"),
)


def verdict(facts: pd.DataFrame, as_of: str, claim: str = "c2", figures: pd.DataFrame = FIGURES) -> pd.Series:
    scored = score_forecasts(CLAIMS, facts, figures, rules_of(HELP, LEFT, GONE), as_of)
    assert list(scored.columns) == SCORED
    return scored.set_index("id").loc[claim]


@pytest.mark.parametrize(
    ("date", "day"), [("2021", "2021-12-31"), ("2024-02", "2024-02-29"), ("2021-04", "2021-04-30"), ("2021-05-14",) * 2]
)
def test_a_date_counts_from_its_last_possible_day(date: str, day: str):
    assert last_day(date) == day


def test_two_acts_are_needed_and_the_second_tips_the_verdict():
    assert verdict(FACTS, "2022-12-30")["verdict"] == "open"  # 2022 is over on its last day only
    found = verdict(FACTS, "2022-12-31")
    assert (found["verdict"], found["score"], found["decided"]) == ("supported", 1.0, "2022-12-31")
    assert found["facts_for"] == "f1;f2"  # f3 is older than the rule's first day
    assert found["source"] == "Paper <https://example.org/1>"
    assert found["reason"] == "for (r1): 2 facts show help, 2 needed, reached with f2 (2022)"


def test_a_changed_fact_turns_the_verdict():
    other = FACTS.assign(acts=FACTS["acts"].replace({"talk;help": "talk"}))
    assert verdict(other, "2025-12-31")["verdict"] == "open"
    assert verdict(FACTS, "2025-12-31")["verdict"] == "supported"


def test_absence_speaks_only_where_the_record_reaches_and_an_act_refutes():
    assert verdict(FACTS, "2020-12-31", "c1")["verdict"] == "open"  # no fact of 2020: the record does not reach
    held = verdict(FACTS, "2023-12-31", "c1")
    assert (held["verdict"], held["decided"]) == ("supported", "2021-03-31")
    assert held["reason"] == "for (r2): 0 of 2 facts up to 31 December 2023 show leave, and 0 may"
    assert verdict(FACTS, "2024-05-01", "c1")["verdict"] == "not supported"
    # the first actor acts: where B leaves, the rule about A is not met, nor is the one about nobody
    by_b = FACTS.assign(actors=["A", "B;A", "A", "B;A"])
    assert verdict(by_b, "2024-05-01", "c1")["verdict"] == "open"


def test_rules_met_on_both_sides_are_partly_supported():
    rules = rules_of(rule(acts="help", at_least=1.0), {**GONE, "caveat": "one voice"})
    found = score_forecasts(CLAIMS, FACTS, FIGURES, rules, "2024-12-31").set_index("id").loc["c1"]
    assert (found["verdict"], found["score"]) == ("partly supported", 0.5)
    assert (found["facts_for"], found["facts_against"]) == ("f1;f2", "f4")
    assert found["reason"].endswith("; caveat: one voice")
    assert found["collector_for"] == 3


def test_facts_of_another_regime_do_not_count():
    assert verdict(FACTS.assign(regime="Q"), "2025-12-31")["verdict"] == "open"


def test_the_latest_figure_is_held_against_the_threshold():
    figures = pd.DataFrame(
        {"fact": ["f1", "f2", "f1"], "measure": ["share"] * 3, "period_end": ["2021-12", "2023-12", "2015-12"]}
    ).assign(value=[14.0, 16.0, 99.0], unit="percent")
    low, high = (rule(id=i, effect=e, measure="share", relation=r, value=15.0) for i, e, r in
                 (("r1", "supports", "<="), ("r2", "contradicts", ">")))  # fmt: skip
    score = [
        score_forecasts(CLAIMS, FACTS, figures, rules_of(low, high), day)["verdict"][0]
        for day in ("2020-12-31", "2021-12-31", "2023-12-30", "2023-12-31")
    ]
    assert score == ["open", "supported", "supported", "not supported"]


def test_a_forecast_without_facts_is_open_and_says_why():
    undecided = rule(id="r9", claim="c1", effect="undecided", since="", why="needs archives")
    scored = score_forecasts(CLAIMS, FACTS.head(0), FIGURES, rules_of(undecided, HELP), "2025-12-31").set_index("id")
    assert set(scored["verdict"]) == {"open"}
    assert scored["score"].isna().all()
    assert scored.loc["c1", "reason"] == "cannot be decided here: needs archives"
    assert scored.loc["c2", "reason"] == "its rule is not met by what is known on 31 December 2025"
    assert scored.loc["c3", "reason"] == "no rule is declared for it"
    early = score_forecasts(CLAIMS, FACTS, FIGURES, rules_of(HELP), "2019-12-31").set_index("id")
    assert (
        early.loc["c2", "reason"] == "facts count from 1 January 2020; what this coding knows ends on 31 December 2019"
    )


def test_years_up_to_the_last_known_day():
    history = by_year(CLAIMS, FACTS, FIGURES, rules_of(HELP, LEFT, GONE), "2024-06-30")
    table = history.pivot(index="id", columns="year", values="verdict")
    assert list(table.loc["c2"]) == ["open", "open", "supported", "supported", "supported"]
    assert list(table.loc["c1"]) == ["open", "supported", "supported", "supported", "not supported"]
    assert set(history.loc[history["year"] == 2024, "as_of"]) == {"2024-06-30"}
    assert by_year(CLAIMS, FACTS, FIGURES, rules_of(HELP), "2019-12-31").empty


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ({"acts": "hepl", "at_least": 1.0}, "did you mean: help"),
        ({"acts": "help", "at_least": 1.0, "actors": "C"}, "column actors"),
        ({"acts": "help", "at_least": 1.0, "claim": "c9"}, "column claim"),
        ({"acts": "help", "at_least": 0.0}, "greater than or equal to 1"),
        ({"acts": "help", "at_least": 1.5}, "at_least"),
        ({"acts": "help"}, "needs one of at_least and at_most"),
        ({"acts": "help", "at_least": 1.0, "at_most": 2.0}, "needs one of at_least and at_most"),
        ({}, "asks either for acts or for a measure"),
        ({"acts": "help", "at_least": 1.0, "measure": "share"}, "asks either for acts or for a measure"),
        ({"measure": "share", "value": 3.0}, "needs measure, relation and value"),
        ({"measure": "share", "relation": "~", "value": 3.0}, "is not allowed"),
        ({"measure": "shore", "relation": "<", "value": 3.0}, "did you mean: share"),
        ({"measure": "share", "relation": "<", "value": 3.0, "at_least": 1.0}, "counts no acts"),
        ({"acts": "help", "at_least": 1.0, "since": ""}, "first day that counts"),
        ({"acts": "help", "at_least": 1.0, "since": "2020"}, "since"),
        ({"acts": "help", "at_least": 1.0, "why": ""}, "why"),
        ({"acts": "help", "at_least": 1.0, "effect": "suports"}, "did you mean: supports"),
        ({"effect": "undecided", "acts": "help"}, "asks for nothing"),
    ],
)
def test_a_bad_rule_is_refused(cells: dict[str, object], told: str):
    with pytest.raises(InputError, match=r"after_2019/forecast_rules\.csv row 2") as caught:
        rules_of(rule(**cells))
    assert told in str(caught.value)


def test_a_rule_that_is_there_twice_is_refused():
    with pytest.raises(InputError, match=r"row 3 .*is a duplicate"):
        rules_of(HELP, HELP)


def world(baseline: Coding, outcomes: list[str], expectation: tuple[float, float, float]) -> pd.DataFrame:
    """Out-of-sample checks of one regime: later outcomes against an expectation and a compliance of 0.5 (0.4–0.6)."""
    value, low, high = expectation
    rows = [("expectation", value, low, high), ("compliance", 0.5, 0.4, 0.6), ("formalisation", 0.9, 0.8, 1.0)]
    indices = pd.DataFrame(rows, columns=["index", "value", "low", "high"])
    indices = indices.assign(bound_low=indices["value"], bound_high=indices["value"])
    indices = indices.assign(regime="R", component="all", krasner="all", period="2015/2019")
    placement = pd.DataFrame({"basis": ["expectation", "compliance"], "label": ["dead_letter", "full_blown"]})
    placement = placement.assign(regime="R", component="all", period="2015/2019")
    facts = pd.DataFrame({"id": [f"f{i}" for i in range(len(outcomes))], "date": "2021-01-01", "regime": "R"})
    tests = pd.DataFrame({"fact": facts["id"], "outcome": outcomes})
    findings = score_forecasts(CLAIMS.head(0), FACTS, FIGURES, [], "2025-12-31")
    coding = apply_settings(baseline, ["as_of='2025-12-31'"])
    checked = out_of_sample(findings, indices, placement, facts, tests, coding, coding.calibration.codification)
    assert list(checked.columns) == CHECKED
    return checked.set_index("check")


def test_later_conduct_by_hand(baseline: Coding):
    # 8 of 10 broken, 2 ambiguous at ½: 1 of 10 kept. Wilson's interval at 95 %, by hand: centre
    # (0.1 + 1.92073/10) / (1 + 3.84146/10) = 0.21101, half-width 1.95996/1.384146 × √(0.009 + 0.0096036) = 0.19314
    checks = world(baseline, ["violated"] * 8 + ["ambiguous"] * 2, (0.2, 0.1, 0.3))
    row = checks.loc["expectation"]
    assert (float(row["later"]), row["n"]) == (pytest.approx(0.1), 10)
    assert (row["low"], row["high"]) == (pytest.approx(0.01787, abs=2e-5), pytest.approx(0.40415, abs=2e-5))
    assert row["verdict"] == "supported"
    assert checks.loc["compliance", "verdict"] == "partly supported"  # 0.5 lies above 0.404, but 0.4 does not
    assert checks.loc["placement by expectation", ["expected", "later", "verdict"]].tolist() == [
        "dead_letter", "dead_letter", "supported",
    ]  # fmt: skip
    assert checks.loc["placement by compliance", "verdict"] == "not supported"


def test_the_reason_tells_where_ambiguous_tests_sway_a_verdict(baseline: Coding):
    # half of 10 at ½: 0.25, interval 0.08–0.55, holds 0.2; at 1 it is 0.5, interval 0.24–0.76, which 0.2 (≤ 0.3) meets
    # in part only
    checks = world(baseline, ["violated"] * 5 + ["ambiguous"] * 5, (0.2, 0.1, 0.3))
    assert checks.loc["expectation", "reason"].endswith(
        "2.5 of 10 later tests of norms count as kept (5 ambiguous ones at 0.5 each); "
        "it would read 'supported' with all of these as broken, 'partly supported' with all as kept"
    )
    assert "it would read" not in world(baseline, ["violated"] * 10, (0.2, 0.1, 0.3)).loc["expectation", "reason"]


def test_later_conduct_turns_the_checks(baseline: Coding):
    kept = world(baseline, ["complied"] * 10, (0.2, 0.1, 0.3))
    assert kept.loc["expectation", "verdict"] == "not supported"
    assert kept.loc["placement by expectation", "later"] == "full_blown"
    few = world(baseline, ["complied"] * 4, (0.2, 0.1, 0.3))
    assert set(few["verdict"]) == {"open"}
    assert "too few for a value, which requires 5" in few.loc["expectation", "reason"]
    assert world(baseline, ["complied"] * 10, (NAN, 0.1, 0.3)).loc["expectation", "verdict"] == "open"
