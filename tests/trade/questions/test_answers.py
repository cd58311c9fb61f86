"""The treated bloc of a regime and its answers: dummies by hand, rows against single fits, choices."""

from __future__ import annotations

from math import comb

import numpy as np
import pandas as pd
import pytest

from deadletter.coding import apply_settings
from deadletter.errors import InputError
from deadletter.results import to_csv
from deadletter.trade import correct_bias, fit_ppml
from deadletter.trade.bloc.decomposition import mutual_exports
from deadletter.trade.bloc.treated import trade_bloc
from deadletter.trade.questions import answers as results
from deadletter.trade.questions.answers import COLUMNS, trade_tables
from deadletter.trade.questions.robustness_rows import placebo_questions
from deadletter.trade.questions.row import KEYS, attempt
from deadletter.trade.statements.measured import Sources
from tests.trade.gravity.gravity_panels import PAIR, THREE_WAY

FOUNDERS, LATER = {"RUS", "BLR", "KAZ"}, {"ARM", "KGZ"}
QUESTIONS = {
    "break", "decomposition", "gravity", "gravity_curve", "gravity_event", "gravity_leave_one_out", "gravity_member",
    "gravity_phase", "gravity_placebo", "gravity_variant", "integration_by_year", "interrupted", "share_by_year",
    "share_change",
}  # fmt: skip


def choices(baseline, *settings):
    return apply_settings(baseline, [f"trade.{setting}" for setting in settings]).trade


@pytest.fixture(scope="module")
def tables(dataset, baseline) -> dict[str, pd.DataFrame]:
    return trade_tables(dataset, apply_settings(baseline, ["trade.placebo_draws=25"]))


@pytest.fixture(scope="module")
def answers(tables) -> pd.DataFrame:
    return tables["trade.csv"][tables["trade.csv"]["role"] == "estimate"].set_index("id")


def test_dummies_by_hand(dataset, baseline):
    bloc = trade_bloc(dataset, choices(baseline), "EEU")
    panel = bloc.panel
    a, b, year = panel["exporter"], panel["importer"], panel["year"]
    founders = a.isin(FOUNDERS) & b.isin(FOUNDERS) & (year >= 2010)
    assert (panel["bloc"] == founders).all()
    members = FOUNDERS | LATER
    later = a.isin(members) & b.isin(members) & (a.isin(LATER) | b.isin(LATER)) & (year >= 2015)
    assert (panel["later"] == later).all()
    pairs = ((a == "EU28") & b.isin({"GEO", "MDA"})) | ((b == "EU28") & a.isin({"GEO", "MDA"}))
    ukraine = ((a == "EU28") & (b == "UKR")) | ((b == "EU28") & (a == "UKR"))
    assert (panel["eu_association"] == ((pairs & (year >= 2014)) | (ukraine & (year >= 2016)))).all()
    assert (bloc.end, bloc.start, bloc.controls) == (2019, 2010, ("later",))


def test_terms_are_words(answers):
    assert not answers["term"].str.contains("_").any()
    assert answers.at["gravity_variant.from_eeu_treaty_in_force", "term"] == "from EEU treaty in force"


def test_before_the_accessions_there_are_680_and_84_placebo_trios(dataset, baseline):
    bloc = trade_bloc(dataset, choices(baseline, "sample_end=2014"), "EEU")
    assert (comb(len(bloc.candidates), 3), comb(len(bloc.neighbours), 3)) == (680, 84)
    assert (dict(bloc.later), bloc.controls) == ({}, ())


@pytest.mark.parametrize(
    ("event", "part_year", "year"),
    [
        ("single_customs_territory_code", "treated", 2010),
        ("single_customs_territory_code", "untreated", 2011),
        ("common_economic_space", "untreated", 2012),  # in force from the first of January
    ],
)
def test_the_first_treated_year_is_a_choice(dataset, baseline, event, part_year, year):
    bloc = trade_bloc(dataset, choices(baseline, f"event={event}", f"part_year={part_year}"), "EEU")
    assert bloc.start == year
    assert bloc.later["KGZ"] == (2015 if part_year == "treated" else 2016)
    assert bloc.panel.loc[bloc.panel["bloc"] == 1, "year"].min() == year


def test_dropping_other_events_keeps_the_members_pairs(dataset, baseline):
    whole, kept = (trade_bloc(dataset, choices(baseline, f"others={word}"), "EEU") for word in ("control", "drop"))
    assert set(whole.controls) == {"later", "cis_free_trade_area", "eu_association", "russia_ukraine_break"}
    inside = whole.panel[["exporter", "importer"]].isin(FOUNDERS | LATER).all(axis=1)
    hit = whole.panel[list(whole.others)].any(axis=1) & ~inside
    assert len(kept.panel) == len(whole.panel) - hit.sum() < len(whole.panel)
    assert kept.panel["bloc"].sum() == whole.panel["bloc"].sum()
    bare = trade_bloc(dataset, choices(baseline, "aggregates=drop"), "EEU")
    assert not {"EU28", "ROW"} & (set(bare.panel["exporter"]) | set(bare.panel["importer"]))


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("sample_end=2009", "the sample ends before the step"),
        ("event=customs_union_lunched", "did you mean: customs_union_launched"),
    ],
)
def test_choices_that_no_sample_meets_are_refused(dataset, baseline, setting, told):
    with pytest.raises(InputError, match=told):
        trade_bloc(dataset, choices(baseline, setting), "EEU")


def test_a_regime_without_steps_has_no_line_and_no_answers(dataset, baseline, tables):
    assert trade_bloc(dataset, choices(baseline), "CSTO") is None
    for table in tables.values():
        assert set(table["regime"]) == {"EEU"}


def test_every_question_is_answered_or_says_why_not(answers):
    assert set(answers["question"]) == QUESTIONS
    assert not answers.index.has_duplicates
    assert answers.loc[answers["estimate"].isna(), "why"].str.len().gt(5).all()
    assert (answers["n"] > 0).all()
    assert answers[["method", "unit", "source"]].map(len).min().min() > 0
    # where there is an interval, it holds the estimate
    bounded = answers.dropna(subset=["low"])
    bounded = bounded[bounded["question"] != "gravity_placebo"]
    assert (bounded["low"] <= bounded["estimate"]).all()
    assert (bounded["estimate"] <= bounded["high"]).all()


def test_columns_are_those_promised(tables):
    assert list(tables["trade.csv"].columns) == list(COLUMNS)
    assert list(COLUMNS)[-len(KEYS) :] == list(KEYS)
    assert list(COLUMNS)[:8] == ["question", "term", "estimate", "se", "low", "high", "n", "method"]


def test_the_main_effect_equals_a_fit_by_hand(dataset, answers):
    frame = dataset["bilateral"].query("year <= 2019")
    a, b, year = frame["exporter"], frame["importer"], frame["year"]
    both = a.isin(FOUNDERS | LATER) & b.isin(FOUNDERS | LATER) & (year >= 2015)
    frame = frame.assign(founders=(a.isin(FOUNDERS) & b.isin(FOUNDERS) & (year >= 2010)).astype(float))
    frame["later"] = (both & ~(a.isin(FOUNDERS) & b.isin(FOUNDERS))).astype(float)
    fit = fit_ppml(frame, "exports_musd ~ founders + later", absorb=THREE_WAY, cluster=PAIR)
    fixed = correct_bias(fit)
    for name, found in (("gravity.founders", fit), ("gravity.founders_bias_corrected", fixed)):
        assert answers.loc[name, "estimate"] == pytest.approx(found.coef["founders"], abs=1e-9)
        assert answers.loc[name, "se"] == pytest.approx(found.se["founders"], rel=1e-9)
    percent = answers.loc["gravity.founders_per_cent"]
    assert percent["estimate"] == pytest.approx(100 * (np.exp(fixed.coef["founders"]) - 1))
    assert answers.loc["gravity_placebo.all_blocs_effect", "estimate"] == pytest.approx(fit.coef["founders"], abs=1e-6)


def test_the_parts_of_the_series_add_up(dataset, answers):
    change = answers[answers["question"] == "share_change"].set_index("factor")["estimate"]
    logit, mutual, outside = change[["logit", "mutual", "outside"]]
    assert logit == pytest.approx(mutual - outside, abs=1e-9)
    parts = answers[answers["question"] == "decomposition"]
    # the highest year of the trio's trade, the lowest after it
    assert set(zip(parts["base_year"], parts["year"], strict=True)) == {(2012, 2016)}
    cells = parts.loc[parts["exporter"].notna(), "estimate"]
    assert cells.sum() == pytest.approx(parts.loc[parts["factor"] == "change", "estimate"].iloc[0], rel=1e-9)
    found = mutual_exports(Sources.of(dataset).flows, dataset["annual"], ["BLR", "KAZ", "RUS"], 2012, 2016)
    assert cells.sum() == pytest.approx(found.change)


def test_keys_say_what_the_words_of_a_row_say(answers):
    """Every year, code and lag in the words of a row stands in its columns, and the other way round."""
    dated = answers[answers["question"].isin(["share_by_year", "integration_by_year"])]
    assert (dated["year"].astype(int).astype(str) == dated["term"].str[-4:]).all()
    shares = answers[answers["question"] == "share_by_year"]
    assert (shares["convention"] + " " + shares["year"].astype(int).astype(str) == shares["term"]).all()
    event = answers[answers["question"] == "gravity_event"].dropna(subset=["lead_lag"])
    words = [f"{'lead' if k < 0 else 'lag'} {abs(int(k))}" for k in event["lead_lag"]]
    assert words == list(event["term"])
    member = answers[answers["question"] == "gravity_member"]
    words = [
        f"exports of {e}" if isinstance(e, str) else f"imports of {p}"
        for e, p in zip(member["exporter"], member["partner"], strict=True)
    ]
    assert words == list(member["term"])
    placebo = answers[answers["question"] == "gravity_placebo"]
    assert (placebo["convention"] + ", " + placebo["factor"] == placebo["term"]).all()
    steps = answers[answers["question"] == "interrupted"].dropna(subset=["year"])
    assert [f"step of {year:.0f}: level" for year in steps["year"]] == list(steps["term"])


def test_the_missing_year_is_told(answers):
    gap = answers.loc["share_by_year.twice_2010"]
    assert np.isnan(gap["estimate"])
    assert gap["why"] == "a flow of the year is missing"
    assert "2010" in answers.loc["break.chow_2010", "why"]


def test_placebos_and_curve_are_what_the_rows_sum_up(tables, answers):
    mine = tables["trade_placebo.csv"][tables["trade_placebo.csv"]["test"] == "all blocs"]
    extreme = (mine["estimate"].abs() >= abs(mine["observed"].iloc[0])).sum()
    assert answers.loc["gravity_placebo.all_blocs_coefficient", "estimate"] == (1 + extreme) / (1 + len(mine))
    assert answers.loc["gravity_placebo.all_blocs_smallest", "estimate"] == 1 / (1 + len(mine))
    ppml = tables["trade_curve.csv"][tables["trade_curve.csv"]["model"] == "PPML"]["estimate"].dropna()
    assert answers.loc["gravity_curve.median_ppml", "estimate"] == pytest.approx(ppml.median())
    assert tables["trade_curve.csv"].loc[tables["trade_curve.csv"]["estimate"].isna(), "note"].str.len().gt(0).all()


def test_equal_seeds_give_equal_placebos(dataset, baseline):
    few = choices(baseline, "placebo_draws=19", "sample_end=2014")
    bloc = trade_bloc(dataset, few, "EEU")
    first, again = (to_csv(placebo_questions(bloc, few)[1]) for _ in range(2))
    assert first == again
    other = placebo_questions(bloc, few.model_copy(update={"seed": 1}))
    assert to_csv(other[1]) != first


def test_what_cannot_be_estimated_is_a_row_that_says_so():
    def fails():
        raise InputError("two few clusters", where="cluster")

    (found,) = attempt("gravity", "A Term: 2", fails)
    assert np.isnan(found["estimate"])
    assert "two few clusters" in found["why"]
    assert found["id"] == "gravity.a_term_2"


def test_tolerances_can_be_scaled(dataset, baseline, monkeypatch):
    monkeypatch.setattr(results, "trade_bloc", lambda *_: None)
    narrow = apply_settings(baseline, ["trade.tolerance_factor=1e-6"])
    strict, usual = (trade_tables(dataset, coding)["trade.csv"].set_index("id") for coding in (narrow, baseline))
    assert usual.loc["share_2015", "verdict"] == "agrees"
    assert strict.loc["share_2015", "verdict"] == "differs"
    assert strict.loc["share_2015", "tolerance"] == pytest.approx(1e-6 * usual.loc["share_2015", "tolerance"])
