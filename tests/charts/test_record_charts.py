"""Charts of the record against counts by hand on the shipped rows, and nothing where nothing is declared."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pytest

from deadletter.argument.grounds import Grounds
from deadletter.argument.kinds import read_test
from deadletter.chapter import Chapter
from deadletter.charts.channels import spread_apart
from deadletter.charts.figure import Figure, section, table_section
from deadletter.charts.record_charts import (
    alignment_chart,
    blocs_chart,
    crises_table,
    crisis_positions,
    crisis_votes_chart,
    opinion_chart,
    ranks_chart,
)
from deadletter.charts.theory import component_examples, holsti_roles, index_meanings
from deadletter.charts.verdicts_chart import shuffles_chart
from deadletter.coding import Coding
from deadletter.dataset.load import Dataset, load_dataset
from deadletter.labels import RECORD

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def chapters(dataset: Dataset, baseline: Coding) -> dict[str, Chapter]:
    return {focal: Chapter(dataset, baseline, None, focal) for focal in dataset.focal}


def test_votes_on_crises(chapters: dict[str, Chapter]) -> None:
    chapter = chapters["CSTO"]
    assert chapter.promoter == "RUS"
    found = crisis_positions(chapter).set_index(["vote", "state"])
    # the vote on Crimea of 27 March 2014 (68/262): Armenia and Belarus against, Kazakhstan abstaining, two absent
    march = found.loc["2014-03-27 Ukraine"]
    assert march["cast"].to_dict() == {"ARM": "N", "BLR": "N", "KAZ": "A", "KGZ": ".", "TJK": "."}
    assert march.loc[["ARM", "KAZ", "TJK"], "how"].tolist() == ["the same vote", "one of the two abstained", "absent"]
    assert found["date"].max() <= chapter.coding.as_of
    figure = crisis_votes_chart(found.reset_index(), chapter.state_names, "RUS")
    assert isinstance(figure, Figure)
    same, cast = (found["how"] == "the same vote").sum(), (found["how"] != "absent").sum()
    assert figure.title == f"Members cast {same} of {cast} votes on crises as Russia did"
    assert crisis_positions(chapters["EEU"]).empty


def test_crises_count_those_that_hit_members(chapters: dict[str, Chapter]) -> None:
    table, caption = crises_table(chapters["CSTO"])
    assert caption == "Members were hit in 8 crises, asked for help in 4, and were sent troops in 0"
    assert "Kyrgyzstan and Tajikistan" in set(table["hit"])
    assert crises_table(chapters["EEU"])[0].empty


def test_opinion_has_intervals_of_its_samples(chapters: dict[str, Chapter]) -> None:
    figure = opinion_chart(chapters["EEU"])
    assert isinstance(figure, Figure)
    assert figure.title == "Approval in 2017: from 50% in Armenia to 83% in Kyrgyzstan"
    rows = next(iter(figure.spec["datasets"].values()))
    drawn = [row for data in figure.spec["datasets"].values() for row in data]
    armenia = next(row for row in drawn if row["name"] == "Armenia" and row["year"] == 2017)
    # Wilson's interval of 500 of 1,000
    assert (armenia["low"], armenia["high"]) == pytest.approx((46.91, 53.09), abs=0.01)
    assert rows
    assert opinion_chart(chapters["CSTO"]) == ""


def test_blocs_are_compared_in_one_year(chapters: dict[str, Chapter]) -> None:
    figure = blocs_chart(chapters["EEU"])
    assert isinstance(figure, Figure)
    # in 2016: EU 61.7, NAFTA 40.4, ASEAN 23.3, CIS 18.4 and MERCOSUR 14.5 per cent are above 14.4
    assert figure.title == "Mutual trade is 14.4% of the trade of the EEU in 2016, less than in 5 of 14 blocs"
    assert blocs_chart(chapters["CSTO"]) == ""


def test_ranks_count_measures_above_the_median() -> None:
    like = {"regime": "B", "like_bodies": "yes", "group": "pacts", "verified": "yes", "n": 40, "dataset": "ATOP 5"}
    ranks = pd.DataFrame(
        [
            {**like, "measure": "atop_form", "percentile": 0.6, "below": 0.4, "at_or_below": 0.8},
            {**like, "measure": "depth", "percentile": 0.8, "below": 0.7, "at_or_below": 0.9},
            {**like, "measure": "staff", "percentile": 0.9, "below": 0.8, "at_or_below": 1.0, "verified": "no"},
        ]
    )
    figure = ranks_chart(ranks, ["A", "B"])
    assert isinstance(figure, Figure)
    assert figure.title == "Among like bodies, the B ranks above the median on 1 of 2 measures, on the strict reading"
    assert "B, ATOP form, pacts (40): 0.60" in figure.words
    assert ranks_chart(ranks.iloc[:0], ["A"]) == ""


def test_alignment_has_the_promoter_the_world_and_a_band(dataset: Dataset, baseline: Coding, monkeypatch) -> None:
    values = {"CSTO": 0.7, "world": 0.6, "six members": 0.7}
    rows = [
        ("whole", unit, "RUS", year, "agreement", value, value - 0.1, value + 0.1, 50)
        for year in (2018, 2019)
        for unit, value in values.items()
    ]
    table = pd.DataFrame(rows, columns=["vote_set", "unit", "anchor", "year", "measure", "value", "low", "high", "n"])
    band = {"vote_set": "whole", "measure": "agreement", "anchor": "RUS", "p10": 0.5, "p90": 0.65, "percentile": 0.95}
    drawn = pd.DataFrame([{**band, "group": "CSTO", "year": year} for year in (2018, 2019)])
    chapter = Chapter(dataset, baseline, None, "CSTO")
    tables = {"alignment.csv": table, "alignment_random.csv": drawn}
    monkeypatch.setitem(chapter.__dict__, "_votes", tables)
    figure = alignment_chart(chapter)
    assert isinstance(figure, Figure)
    assert figure.title == "In 2019 members voted as Russia did on 70% of roll-calls, all states on 60%"
    assert "exceeds 95% of random groups" in figure.words
    # a group that shares members with the regime is no comparison
    units = {row["unit"] for data in figure.spec["datasets"].values() for row in data if "unit" in row}
    assert units == {"CSTO", "world"}
    monkeypatch.setitem(chapter.__dict__, "_votes", {**tables, "alignment.csv": table[table["unit"] == "world"]})
    assert alignment_chart(chapter) == ""


@pytest.mark.slow
def test_one_vote_in_the_file_reaches_agreement_verdict_and_chapter(tmp_path: Path, baseline: Coding) -> None:
    # of the votes on crises only A/RES/62/249 is left, on which Armenia voted no as Russia did
    data = shutil.copytree(ROOT / "data", tmp_path / "data")
    crises = data / "votes" / "crisis_votes.csv"
    head, *rows = crises.read_text(encoding="utf-8").splitlines()
    crises.write_text("\n".join([head, *(row for row in rows if "A/RES/62/249" in row)]) + "\n", encoding="utf-8")
    before = seen_with(data, baseline)
    file = data / "votes" / "rollcalls.csv"
    table = pd.read_csv(file, dtype=str, keep_default_na=False).set_index("id")
    armenia = pd.read_csv(data / "votes" / "voters.csv").set_index("iso3").at["ARM", "position"] - 1
    cast = table.at["4829", "votes"]
    assert cast[armenia] == "N"
    table.at["4829", "votes"] = f"{cast[:armenia]}Y{cast[armenia + 1 :]}"
    table.to_csv(file, index_label="id", lineterminator="\n")
    after = seen_with(data, baseline)

    changed = before.agreement.compare(after.agreement, result_names=("before", "after"))["value"]
    assert {year for *_, year, _ in changed.index} == {2008}
    here = ("whole", "ARM", "RUS", 2008, "agreement")
    rollcalls = before.both_voted[here]
    assert changed.at[here, "before"] - changed.at[here, "after"] == pytest.approx(1 / rollcalls)
    # the claim that Armenia kept its distance on Georgia fails with the vote as it was cast, and holds with the other
    assert (before.score, after.score) == (0, 1)
    assert "the mean is 1.000" in before.reason
    assert "the mean is 0.000" in after.reason
    assert [seen.tiles.title for seen in (before, after)] == [
        f"Members cast {same} of 5 votes on crises as Russia did" for same in (2, 1)
    ]
    assert before.lines.words != after.lines.words
    assert before.lines.spec != after.lines.spec


class Seen(NamedTuple):
    """What is seen of a folder of data: votes compared, a claim decided, two charts of a chapter."""

    agreement: pd.DataFrame
    both_voted: pd.Series
    score: float
    reason: str
    tiles: Figure
    lines: Figure


def seen_with(data: Path, coding: Coding, claim: str = "c060") -> Seen:
    dataset = load_dataset(data)
    chapter = Chapter(dataset, coding, None, "CSTO")
    table = chapter.alignment.set_index(["vote_set", "unit", "anchor", "year", "measure"])
    tests = dataset["tests"].set_index(["claim", "source"])
    nothing = pd.DataFrame()
    grounds = Grounds(dataset, coding, nothing, nothing, nothing).seen_by(claim)
    declared = tests.loc[claim, RECORD]
    found = read_test(declared["kind"], declared["arguments"], claim).run(grounds)
    tiles = crisis_votes_chart(crisis_positions(chapter), chapter.state_names, chapter.promoter)
    lines = alignment_chart(chapter)
    assert isinstance(tiles, Figure)
    assert isinstance(lines, Figure)
    return Seen(table[["value"]], table["n"], found.score, found.reason, tiles, lines)


def test_shuffles_count_what_holds_by_chance() -> None:
    placebo = pd.DataFrame(
        {
            "claim": ["c1", "c2", "c3", "c4"],
            "observed": ["holds", "holds", "fails", "holds"],
            "share": [0.8, 0.1, 0.9, float("nan")],
            "draws": [199, 199, 199, 0],
            "by_chance": ["yes", "no", "no", ""],
        }
    )
    figure = shuffles_chart(placebo)
    assert isinstance(figure, Figure)
    assert figure.title == "1 of 2 tests that hold would also hold in most shuffles of the ratings"
    assert shuffles_chart(placebo.iloc[:0]) == ""


def test_theory_has_one_example_each(dataset: Dataset, baseline: Coding) -> None:
    examples = component_examples(dataset, baseline)
    assert list(examples["component"]) == ["principle", "norm", "rule", "procedure"]
    assert examples[list(dataset.focal)].apply(lambda column: column.str.contains(r"\(")).all(axis=None)
    roles = holsti_roles(dataset, baseline).set_index("role")
    assert roles.loc["regional leader", list(dataset.focal)].eq("Russia").all()
    assert (index_meanings()[["measures", "cannot"]] != "").all(axis=None)


def test_a_heading_without_data_is_not_said(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr("deadletter.charts.figure.display", lambda value, **_: said.append(value["text/plain"]))
    section("Nothing", "Text", "", "")
    table_section("Nothing", "Text", pd.DataFrame(), "Caption", {})
    assert said == []
    section("Something", "Text", "", "- a line")
    assert said == ["## Something\n\nText", "- a line"]


def test_labels_are_spread_apart() -> None:
    assert spread_apart(pd.Series([0.5, 0.1, 0.52]), 0.1).tolist() == pytest.approx([0.5, 0.1, 0.6])
