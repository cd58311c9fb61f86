"""Statements: verdicts by hand on small tables, the bundled statements, and what a bad row says."""

import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from deadletter.errors import InputError
from deadletter.trade.bloc.flows import read_flows
from deadletter.trade.statements.judge import compare, judge
from deadletter.trade.statements.measured import MEASURES, Measured, Sources, mutual_growth
from tests.trade.trade_tables import CODE, DATA, FIVE, TRIO, small_flows, small_frame, sources, table


def small_sources():
    macro = pd.DataFrame(
        {"economy": "A", "year": [1, 2], "real_gdp_growth_pct": [1.0, -2.0], "lcu_per_usd": [2.0, 3.0]}
    )
    vintages = pd.DataFrame({"vintage": ["old", "new"], "economy": "A", "year": 2, "real_gdp_growth_pct": [-3.7, -2.0]})
    brent = pd.DataFrame({"year": [1, 2], "brent_usd_bbl": [100.0, 60.0]})
    tariffs = pd.DataFrame({"economy": "A", "year": [1, 2], "applied_weighted_mean_pct": [5.0, 3.0]})
    stated = pd.DataFrame({"id": ["x1", "x2"], "value": [50.0, 40.0], "stated_by": ["p", "q"]})
    return Sources(small_flows(), macro, vintages, brent, tariffs, stated)


def one(measure, arguments, relation="=", value=0.0, tolerance=1.0):
    row = {"id": "s", "role": "statement", "question": "q", "term": "t", "measure": measure, "relation": relation}
    row |= {"arguments": json.dumps(arguments), "figure": "f1", "threshold": np.nan, "unit": "percent"}
    figures = pd.DataFrame({"id": ["f1"], "value": [value], "unit": "percent"})
    return judge(pd.DataFrame([row | {"tolerance": tolerance}]), figures, small_sources()).iloc[0]


AB = {"members": ["A", "B"]}
SPAN = {"first": 1, "last": 2}


@pytest.mark.parametrize(
    ("measure", "arguments", "estimate"),
    [
        ("mutual_growth", AB | SPAN, 50),  # 40 → 60
        ("outside_growth", AB | SPAN, -50),  # 200 → 100
        ("relative_growth", AB | SPAN, 100 * (np.log(60 / 40) - np.log(100 / 200))),
        ("intra_share", AB | {"year": 1, "convention": "twice"}, 100 * 80 / 280),
        ("intra_share", AB | {"year": 1, "convention": "once"}, 100 * 40 / 240),
        ("partner_share", {"economy": "A", "partners": ["B"], "years": [1, 2]}, 50 * (40 / 110 + 60 / 100)),
        ("gdp_growth", {"economy": "A", "year": 2, "vintage": "new"}, -2),
        ("gdp_growth_each", {"economy": "A"} | SPAN, -0.5),
        ("depreciation", {"economies": ["A"]} | SPAN, 50),
        ("oil_price_growth", SPAN, -40),
        ("tariff_level", {"economy": "A", "year": 1, "concept": "applied"}, 5),
        ("tariff_change", {"economy": "A"} | SPAN, -2),
        ("reported", {"id": "x1"}, 50),
        ("reported_growth", {"first": "x1", "last": "x2"}, -20),
    ],
)
def test_every_measure_by_hand(measure, arguments, estimate):
    found = one(measure, arguments, value=estimate)
    assert found["estimate"] == pytest.approx(estimate)
    assert found["verdict"] == "agrees"
    assert one(measure, arguments, value=estimate + 1.01)["verdict"] == "differs"


def test_no_measure_is_left_untested():
    tested = {case[0] for case in test_every_measure_by_hand.pytestmark[0].args[1]}
    assert set(MEASURES) == tested | {"none"}


def test_reasons_are_made_of_the_values():
    grown = one("mutual_growth", AB | SPAN, value=-4)
    assert grown["why"] == "50.00 against -4: 54.00 apart, more than 1, and the signs differ"
    gdp = one("gdp_growth", {"economy": "A", "year": 2, "vintage": "new"}, value=-3.7)
    assert gdp["why"] == "-2.00 against -3.7: 1.70 apart, more than 1; vintages: new -2.00, old -3.70"
    assert (gdp["low"], gdp["high"], gdp["n"]) == (-3.7, -2.0, 2)
    share = one("partner_share", {"economy": "A", "partners": ["B"], "years": [1, 2]}, "<", 50, 0)
    assert share["why"] == "the largest of 2 values, 60.00, is not below 50; 1 36.36, 2 60.00"
    tariff = one("tariff_level", {"economy": "A", "year": 1, "concept": "bound_or_mfn"}, value=10.4)
    assert tariff["verdict"] == "not testable"
    assert tariff["why"] == "the statement is about bound or MFN tariffs, the table holds applied means (5.00% in 1)"


def test_an_inequality_must_hold_for_every_value():
    years = Measured(8.0, 2, "", "", each=(7.0, 9.0))
    assert compare(years, "<", 9.5, 0)[0] == "agrees"
    assert compare(years, "<", 8.5, 0)[0] == "differs"  # the mean would pass
    assert compare(years, ">", 7.5, 0)[0] == "differs"
    assert compare(years, ">", 7.5, 1)[0] == "agrees"
    assert compare(years, "<", 9.0, 0)[0] == "differs"  # below means below
    assert compare(Measured(9.5, 1, "", ""), "=", 9.0, 0.5)[0] == "agrees"


def test_growth_by_hand_and_its_range():
    grown = mutual_growth(small_sources(), ["A", "B", "C"], 1, 2)
    # I: 10+30+40+20+60+40 = 200 → 20+40+20+10+30+20 = 140; without A–C: 140 → 110, without B–C 100 → 90, A–B 160 → 80
    assert grown.estimate == pytest.approx(-30)
    assert (grown.low, grown.high) == pytest.approx((100 * (80 / 160 - 1), 100 * (90 / 100 - 1)))
    assert (grown.n, grown.detail, grown.untestable) == (6, "", "")
    with pytest.raises(InputError, match=r"do not reach this year.*1 to 2"):
        mutual_growth(small_sources(), ["A", "B"], 1, 3)


def test_growth_where_cells_are_missing_or_zero():
    grown = mutual_growth(sources(), TRIO, 2009, 2010)
    assert np.isnan([grown.estimate, grown.low]).all()
    assert grown.untestable == "no figure for KAZ→RUS 2010, RUS→KAZ 2010"
    common = mutual_growth(sources(), TRIO, 2009, 2010, [("RUS", "KAZ")])
    # (16712 + 9405.7 + 463.43 + 58.488) / (15329 + 6454.7 + 346.99 + 59.749)
    assert common.estimate == pytest.approx(100 * (26639.618 / 22190.439 - 1))
    assert common.detail == f"on {100 * 22190.439 / 34718.239:.0f}% of the mutual trade"
    frame = small_frame()
    inside = frame["exporter"].isin(["A", "B"]) & frame["importer"].isin(["A", "B"])
    frame.loc[(frame["year"] == 1) & inside, "exports_musd"] = 0
    with pytest.raises(InputError, match="growth from zero"):
        mutual_growth(replace(small_sources(), flows=read_flows(frame)), ["A", "B"], 1, 2)


@pytest.fixture(scope="module")
def judged():
    return judge(table("trade/statements.csv"), table("account/figures.csv"), sources()).set_index("id")


def judged_with(figures):
    return judge(table("trade/statements.csv"), figures, sources()).set_index("id")


def test_the_double_count_and_only_it_gives_the_stated_shares(judged):
    shares = judged[judged["term"].str.startswith("share of mutual trade")]
    assert (shares["verdict"][~shares.index.str.endswith("_once")] == "agrees").all()
    assert (shares["verdict"][shares.index.str.endswith("_once")] == "differs").all()
    assert len(shares) == 10


def test_years_that_hang_on_the_missing_cells(judged):
    for year in (2010, 2011):
        row = judged.loc[f"growth_{year}"]
        assert (row["verdict"], row["why"]) == ("not testable", "no figure for KAZ→RUS 2010, RUS→KAZ 2010")
        assert np.isnan(row["estimate"])
        assert "without RUS–KAZ" in judged.loc[f"growth_{year}_common", "method"]
        assert "on 64% of the mutual trade" in judged.loc[f"growth_{year}_common", "why"]
    # 59646.92 in 2011 over 34718.239 in 2009, from the cells of the table
    assert judged.loc["growth_2009_2011", "estimate"] == pytest.approx(100 * (59646.92 / 34718.239 - 1))


def test_superseded_and_standing_figures_of_output(judged):
    for year, sign in ((2015, False), (2016, True)):
        row = judged.loc[f"gdp_rus_{year}"]
        assert row["verdict"] == "differs"
        assert ("signs differ" in row["why"]) is sign
        assert not row["low"] <= row["article_value"] <= row["high"]
    assert (judged.loc[["gdp_blr_2015", "gdp_blr_2016", "gdp_kaz_2015", "gdp_kaz_2016"], "verdict"] == "agrees").all()


def test_verdicts_of_the_partner_shares_and_tariffs(judged):
    assert (judged.loc[judged["question"] == "partners", "verdict"] == "agrees").all()
    assert (judged.loc[["tariff_before", "tariff_after", "tariff_lines"], "verdict"] == "not testable").all()
    assert list(judged.loc[["relative_2015", "relative_2018", "outside_2017"], "verdict"]) == [
        "agrees",
        "agrees",
        "differs",
    ]


def test_the_middle_of_several_economies(judged):
    # lcu_per_usd of 2016 over 2013: 67.0559/31.8371 is the third of five
    assert judged.loc["currencies_2016", "estimate"] == pytest.approx(100 * (67.0559 / 31.8371 - 1))
    assert judged.loc["currencies_2017", "verdict"] == "differs"


def test_every_verdict_has_its_reason_and_source(judged):
    assert set(judged["verdict"]) <= {"agrees", "differs", "not testable"}
    assert (judged["why"].str.len() > 5).all()
    assert judged.loc[judged["verdict"] != "not testable", "estimate"].notna().all()
    assert list(judged.index) == list(table("trade/statements.csv")["id"])


def test_a_corrected_figure_changes_the_verdicts_that_rest_on_it(judged):
    figures = table("account/figures.csv").set_index("id")
    growth = judged.loc["growth_2012", "estimate"]
    figures.loc["f051", "value"] = round(growth, 1)
    corrected = judged_with(figures.reset_index())
    moved = judged.index[(judged["verdict"] != corrected["verdict"]) | (judged["why"] != corrected["why"])]
    assert list(moved) == ["growth_2012"]
    assert (judged.loc["growth_2012", "verdict"], corrected.loc["growth_2012", "verdict"]) == ("differs", "agrees")
    assert f"{growth:.2f} against {growth:.1f}: " in corrected.loc["growth_2012", "why"]


def test_values_come_from_the_figures_in_the_statements_unit(judged):
    value = table("account/figures.csv").set_index("id")["value"]
    assert judged.loc["growth_2012", "article_value"] == value["f051"]
    assert judged.loc["partner_blr", "article_value"] == pytest.approx(100 * value["f064"])  # a share there
    both = (1 + value["f049"] / 100) * (1 + value["f050"] / 100)
    assert judged.loc["growth_2009_2011", "article_value"] == pytest.approx(100 * (both - 1))
    assert judged.loc["oil_2016", "article_value"] == 0  # words of the article, a threshold of ours


def test_keys_are_those_of_the_arguments(judged):
    assert tuple(judged.loc["share_2015_once", ["year", "convention"]]) == (2015, "once")
    assert tuple(judged.loc["growth_2009_2011", ["year", "base_year"]]) == (2011, 2009)
    assert judged.loc["tariff_lines", ["year", "base_year", "convention"]].isna().all()


def test_no_figure_of_the_article_is_copied():
    """Neither a value of an economic figure, nor one in words, stands in a table of trade or in its code."""
    figures = table("account/figures.csv").set_index("id")
    used = {name for cell in table("trade/statements.csv")["figure"].dropna() for name in cell.split(";")}
    wanted = {"percent", "share"} & set(figures.loc[list(used), "unit"])
    assert wanted == {"percent", "share"}
    odd = {f"{abs(value):g}" for value in figures.loc[list(used), "value"] if value % 1}
    statements = (DATA / "trade/statements.csv").read_text(encoding="utf-8")
    code = "".join(path.read_text(encoding="utf-8") for path in (CODE / "trade").rglob("*.py"))
    for number in odd - {"0.5", "0.25"}:  # tolerances and quantiles
        assert not re.search(rf"(?<![\d.]){re.escape(number)}(?![\d.])", statements + code), number


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"measure": "mutual_grow"}, "statement s: no such measure.*did you mean: mutual_growth"),
        (
            {"arguments": '{"members": ["A", "B"], "first": 1}'},
            "s, last: argument of mutual_growth: Missing.*found: 'members, first'",
        ),
        ({"arguments": '{"members": ["A", "B"], "first": 1, "last": 2, "frist": 1}'}, "frist"),
        ({"arguments": '{"members": ["A", "B"], "first": "one", "last": 2}'}, "first.*'one'"),
        ({"arguments": '{"members": ["A", "X"], "first": 1, "last": 2}'}, "statement s.*no such economy.*'X'"),
        ({"arguments": '{"members": ["A", "B"], "first": 1, "last": 3}'}, "do not reach"),
        ({"figure": np.nan}, "nothing to compare"),
        ({"figure": "f2"}, "statement s, figure: no such figure of account/figures.csv.*'f2'"),
        ({"threshold": 1.0}, "has a stated figure and a threshold"),
        ({"unit": "points"}, "figure f1 has another unit"),
        ({"unit": "troops", "figure": "f3;f3"}, "several figures that are not growth"),
        ({"tolerance": -1.0}, "nothing to compare"),
    ],
)
def test_a_bad_row_is_named(change, message):
    row = {"id": "s", "role": "statement", "question": "q", "term": "t", "measure": "mutual_growth", "relation": "="}
    row |= {"arguments": json.dumps(AB | SPAN), "figure": "f1", "threshold": np.nan, "unit": "percent"}
    row |= {"tolerance": 1.0}
    figures = pd.DataFrame({"id": ["f1", "f3"], "value": 1.0, "unit": ["percent", "troops"]})
    with pytest.raises(InputError, match=message):
        judge(pd.DataFrame([row | change]), figures, small_sources())


def test_no_code_names_a_state_or_bloc():
    paths = list((CODE / "trade").rglob("*.py"))
    assert paths
    for path in paths:
        text = path.read_text(encoding="utf-8")
        assert not [code for code in (*FIVE, *TRIO, "Russia", "Eurasian", "CSTO", "EAEU") if code in text], path
