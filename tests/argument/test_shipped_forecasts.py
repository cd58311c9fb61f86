"""The shipped forecasts: open at the article's own horizon, decided later, and each verdict turns with a fact."""

from __future__ import annotations

import pandas as pd
import pytest

from deadletter.argument.forecast_rules import declared_rules
from deadletter.argument.forecasts import score_forecasts
from deadletter.chapter import Chapter
from deadletter.charts.figure import Figure
from deadletter.charts.outcomes import deciding_facts, forecasts_chart, model_chart, tally
from deadletter.coding import Coding, apply_settings
from deadletter.dataset.load import Dataset
from deadletter.dataset.rules import check_rules
from deadletter.errors import InputError
from deadletter.results import forecast_tables, indices_table, placement_table


@pytest.fixture(scope="module")
def tables(dataset: Dataset, baseline: Coding) -> dict[str, dict[str, pd.DataFrame]]:
    indices = indices_table(dataset, baseline)
    placement = placement_table(dataset, baseline, indices)
    days = ("2019-12-31", "2025-12-31")
    return {
        day: forecast_tables(dataset, apply_settings(baseline, [f"as_of='{day}'"]), indices, placement) for day in days
    }


def test_the_article_s_own_horizon_leaves_every_forecast_open(tables: dict[str, dict[str, pd.DataFrame]]):
    then, later = (tables[day]["forecasts.csv"] for day in ("2019-12-31", "2025-12-31"))
    assert (set(then["verdict"]), set(then["basis"])) == ({"open"}, {"none"})
    assert tables["2019-12-31"]["forecasts_by_year.csv"].empty
    assert set(tables["2019-12-31"]["out_of_sample.csv"]["verdict"]) == {"open"}
    assert (later.loc[later["verdict"] != "open", "basis"] == "after").sum() >= 5
    assert later["reason"].ne("no rule is declared for it").all()


def test_leaving_and_doing_less_are_scored_apart(dataset: Dataset):
    """Without the facts on leaving, only the forecast on leaving turns; without those on doing less, only the other."""
    rules, facts = declared_rules(dataset), dataset["facts"]
    leaving, less = {"exit_announced", "exit_notified"}, {"participation_withheld"}
    claims = {name: {r.claim for r in rules if acts & set(r.acts)} for name, acts in (("out", leaving), ("less", less))}
    assert all(claims.values())
    assert claims["out"] & claims["less"] == set()

    def verdicts(without: set[str]) -> dict[str, str]:
        kept = facts[[not without & set(acts.split(";")) for acts in facts["acts"]]]
        rest = (dataset["later_figures"], rules, "2025-12-31")
        return score_forecasts(dataset["claims"], kept, *rest).set_index("id")["verdict"].to_dict()

    whole = verdicts(set())
    for acts, turns, stays in ((leaving, "out", "less"), (less, "less", "out")):
        changed = {claim for claim, verdict in verdicts(acts).items() if verdict != whole[claim]}
        assert changed & claims[turns], f"no forecast turns without {acts}"
        assert changed & claims[stays] == set()


def test_the_verdict_of_every_decided_forecast_can_turn(dataset: Dataset, tables: dict[str, dict[str, pd.DataFrame]]):
    rules, facts = declared_rules(dataset), dataset["facts"]
    rest = (dataset["later_figures"], rules, "2025-12-31")
    for row in tables["2025-12-31"]["forecasts.csv"].query("verdict != 'open'").to_dict("records"):
        claims = dataset["claims"].query("id == @row['id']")
        seen = set()
        for act in {act for rule in rules if rule.claim == row["id"] for act in rule.acts}:
            changed = facts.assign(acts=act)
            seen.add(score_forecasts(claims, changed, *rest)["verdict"][0])
        seen.add(score_forecasts(claims, facts.assign(acts="statement"), *rest)["verdict"][0])
        assert seen - {row["verdict"]}, row["id"]


def test_a_fact_of_an_unknown_kind_or_a_test_of_an_unknown_norm_is_told(dataset: Dataset):
    strings = {name: dataset[name].astype(str).replace("nan", "") for name in dataset.names}
    assert [p for p in check_rules(strings) if "after_2019" in p.where] == []
    bad = strings["facts"].assign(acts=["troops_snt", *strings["facts"]["acts"][1:]])
    (problem,) = (p for p in check_rules({**strings, "facts": bad}) if "after_2019" in p.where)
    assert "did you mean: troops_sent" in str(problem)
    bad = strings["norm_tests"].assign(norms=["n999", *strings["norm_tests"]["norms"][1:]])
    assert any("norm_tests.csv row 2" in p.where for p in check_rules({**strings, "norm_tests": bad}))


def test_a_bad_rule_stops_the_tables(dataset: Dataset):
    rules = dataset["forecast_rules"]
    other = dataset.with_tables(forecast_rules=rules.assign(claim=["c999", *rules["claim"][1:]]))
    with pytest.raises(InputError, match="column claim"):
        declared_rules(other)


def test_a_corrected_figure_moves_the_rules_that_name_it(dataset: Dataset):
    figures = dataset["figures"]
    right = figures.assign(value=figures["value"].where(figures["id"] != "f059", 20.0))
    corrected = dataset.with_tables(figures=right)
    before, after = ({rule.id: rule.value for rule in declared_rules(one)} for one in (dataset, corrected))
    assert {name: (before[name], after[name]) for name in after if before[name] != after[name]} == {
        "r24": (14.6, 20.0), "r25": (14.6, 20.0),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        ("figure", "f0599", r"row 25 \(r24\) column figure: no such figure of account/figures.csv; found: 'f0599'"),
        ("value", 3.0, r"row 25 \(r24\) column figure: has a threshold and names a figure; found: 'f059'"),
    ],
)
def test_a_figure_that_a_rule_cannot_take_is_refused(dataset: Dataset, column: str, value: object, told: str):
    rules = dataset["forecast_rules"]
    given = rules[column].where(rules["id"] != "r24", value)
    with pytest.raises(InputError, match=told):
        declared_rules(dataset.with_tables(forecast_rules=rules.assign(**{column: given})))


def test_figures_that_stand_in_two_tables_agree(dataset: Dataset):
    key = ["measure", "period_start", "period_end"]
    both = dataset["later_figures"].merge(dataset["reported_totals"], on=key, suffixes=("", "_told"))
    both = both[~both["fact"].isin(["after-e15"]) & (both["economy"] == "")]
    assert len(both) >= 5
    assert (both["value"] == both["value_told"]).all()


def test_charts_tell_what_the_tables_hold(dataset: Dataset, baseline: Coding):
    coding = apply_settings(baseline, ["as_of='2025-12-31'"])
    for focal in dataset.focal:
        study = Chapter(dataset, coding, None, focal)
        forecasts, facts = study.forecasts, dataset["facts"]
        figure = forecasts_chart(study.forecast_history, forecasts, facts)
        assert isinstance(figure, Figure)
        assert figure.title == f"{len(forecasts)} forecasts by 31 December 2025: {tally(forecasts)}"
        assert all(f"{row.claim}: {row.verdict}." in figure.words for row in forecasts.itertuples())
        assert 'href="http' not in figure.svg()
        listed = deciding_facts(forecasts, facts)
        assert set(listed["side"]) <= {"for", "against"}
        assert (listed["page"].str.startswith("http")).all()
        model = model_chart(study.out_of_sample)
        assert isinstance(model, Figure)
        assert "later tests of norms count as kept" in model.words
    early = Chapter(dataset, baseline, None, dataset.focal[0])
    assert "is open" in forecasts_chart(early.forecast_history, early.forecasts, facts)
    assert "Too few" in model_chart(early.out_of_sample)
