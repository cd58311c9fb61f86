"""Summaries are made from values: each sentence changes when its values do, and only then."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from shutil import copytree

import pandas as pd
import pytest

from deadletter.chapter import ArgumentView, Chapter
from deadletter.charts import summary
from deadletter.coding import Coding
from deadletter.dataset.load import Dataset

NOTEBOOKS = ("01_emergence", "02_normative_framework", "03_expectations", "04_prospects")
HEADS = ("What is claimed", "What the rows say", "What the record says", "How firm this is")


@pytest.fixture(scope="module")
def tables(dataset: Dataset, baseline: Coding, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tables of results of the baseline, by the steps that chapters read for their summaries."""
    from deadletter.pipeline.steps import BY_NAME

    folder = tmp_path_factory.mktemp("results") / "baseline"
    folder.mkdir()
    for name in ("indices", "claims"):
        for file, text in BY_NAME[name].texts(dataset, baseline).items():
            (folder / file).write_text(text, encoding="utf-8")
    return folder


def of(dataset: Dataset, baseline: Coding, focal: str, tables: Path) -> Chapter:
    return Chapter(dataset, baseline, tables, focal)


def sentences(text: str) -> dict[str, str]:
    """The four sentences by their heads."""
    pairs = (line.removeprefix("- **").split(":** ", 1) for line in text.splitlines() if line.startswith("- **"))
    return dict(pairs)


def changed(folder: Path, tmp_path: Path, file: str, column: str, old: str, new: str) -> Path:
    """A copy of tables in which some cells of a column differ."""
    copy = copytree(folder.parent, tmp_path / "changed") / folder.name
    table = pd.read_csv(copy / file, dtype=str, keep_default_na=False)
    assert (table[column] == old).any()
    table.assign(**{column: table[column].replace(old, new)}).to_csv(copy / file, index=False)
    return copy


@pytest.mark.parametrize("notebook", NOTEBOOKS)
@pytest.mark.parametrize("focal", ["CSTO", "EEU"])
def test_four_sentences_open_each_chapter(
    dataset: Dataset, baseline: Coding, tables: Path, focal: str, notebook: str
) -> None:
    chapter = of(dataset, baseline, focal, tables)
    told = sentences(summary.chapter_summary(chapter, notebook, ["Three of nine members left."]))
    assert tuple(told) == HEADS
    labels = chapter.claims.set_index("id")["claim"]
    for claim in chapter.about(notebook)["claims"]:
        assert f"*{labels[claim]}* ({claim})" in told[HEADS[0]]
    assert told[HEADS[1]].startswith("Three of nine members left. ")
    assert "was not run" in told[HEADS[3]]
    closing = summary.what_would_change(chapter, notebook, ["expectation", "compliance", "output"])
    assert all(f"By {basis} " in closing for basis in ("expectation", "compliance", "output"))


def test_each_sentence_changes_with_its_values_alone(
    dataset: Dataset, baseline: Coding, tables: Path, tmp_path: Path
) -> None:
    first = sentences(summary.chapter_summary(of(dataset, baseline, "CSTO", tables), "04_prospects", ["A"]))
    for number, (column, old, new) in enumerate(
        [
            ("claim", "The alliance is a dead letter", "The alliance is full-blown"),
            ("account_verdict", "in tension with", "consistent with"),
            ("record_verdict", "supported", "not supported"),
        ]
    ):
        folder = changed(tables, tmp_path / str(number), "claims.csv", column, old, new)
        told = sentences(summary.chapter_summary(of(dataset, baseline, "CSTO", folder), "04_prospects", ["A"]))
        assert [head for head in HEADS if told[head] != first[head]] == [HEADS[number]]
    rows = sentences(summary.chapter_summary(of(dataset, baseline, "CSTO", tables), "04_prospects", ["B"]))
    assert [head for head in HEADS if rows[head] != first[head]] == [HEADS[1]]


def test_the_multiverse_says_how_firm_a_placement_is(dataset: Dataset, baseline: Coding, tables: Path) -> None:
    shares = tables.parent / "multiverse" / "shares.csv"
    shares.parent.mkdir()
    lines = ["regime,component,basis,label,universes,share", "CSTO,all,expectation,dead_letter,750,0.75"]
    shares.write_text("\n".join([*lines, "CSTO,all,expectation,none,250,0.25", ""]), encoding="utf-8")
    try:
        told = sentences(summary.chapter_summary(of(dataset, baseline, "CSTO", tables), "04_prospects", []))
    finally:
        shares.unlink()
        shares.parent.rmdir()
    assert told[HEADS[3]] == (
        "By expectation, the CSTO is a dead letter in 75% and weakly formalised with little expected of it in 25% of "
        "1,000 defensible codings. Under this coding the CSTO is a dead letter by expectation."
    )


def test_what_a_source_does_to_claims_is_one_sentence() -> None:
    claims = pd.DataFrame(
        {
            "id": ["c1", "c2", "c3", "c4"],
            "account_verdict": ["not tested", "in tension with", "consistent with", "consistent with"],
        }
    )
    (told,) = summary._predicates(claims, "account")
    assert told == "The rows are consistent with c3 and c4, are in tension with c2 and do not decide c1"


def test_a_chapter_without_a_row_is_about_its_highest_claims(dataset: Dataset, baseline: Coding, tables: Path) -> None:
    none = dataset.with_tables(chapters=dataset["chapters"].iloc[:0])
    chapter = of(none, baseline, "CSTO", tables)
    found = chapter.about("04_prospects")
    claims = chapter.claims.set_index("id")
    assert found["claims"]
    assert set(claims.loc[found["claims"], "level"]) == {"thesis"}
    assert (found["errata"], found["tables"], chapter.record_tables) == ([], [], set())


def test_the_articles_placements_stand_beside_ours(dataset: Dataset, baseline: Coding, tables: Path) -> None:
    table = summary.own_placements(of(dataset, baseline, "EEU", tables)).set_index(["id", "period"])
    # c299 says that the union drifts: it compares two periods
    assert list(table.loc["c299"].index) == ["2015–2019", "2010–2014"]
    assert table.loc[("c299", "2015–2019"), "codification"] == "dead letter"
    assert table.loc[("c299", "2010–2014"), "legalisation"].startswith("tacit regime (flips at 0.45")


def test_errata_and_facts_are_those_of_the_chapter(dataset: Dataset, baseline: Coding, tables: Path) -> None:
    chapter = of(dataset, baseline, "CSTO", tables)
    errata = summary.errata_of(chapter, "04_prospects").set_index("id")["where"]
    assert dict(errata) == {
        "t065": "“Conclusions” against “Introduction”",
        "t066": "“Conclusions” against CSTO sections",
        "t067": "“Conclusions” against “CSTO: decline after 2014”",
    }
    facts = summary.facts_of(chapter, "03_expectations")
    assert len(facts)
    assert facts["date"].is_monotonic_increasing
    assert facts["date"].max() <= baseline.as_of
    early = replace(chapter, coding=baseline.model_copy(update={"as_of": "2009-12-31"}))
    assert 0 < len(summary.facts_of(early, "03_expectations")) < len(facts)


def test_each_thesis_has_the_same_four(dataset: Dataset, baseline: Coding, tables: Path) -> None:
    argued = ArgumentView(dataset, baseline, tables)
    placebo = pd.DataFrame({"claim": ["c287"], "draws": [200], "share": [0.6], "observed": ["holds"]})
    assert argued.regimes_in_words.startswith("CST: Collective Security Treaty; CSTO: Collective Security Treaty Org")
    assert "NATO" not in argued.regimes_in_words  # no claim is about it
    told = list(summary.thesis_summaries(argued, placebo))
    assert len(told) == (argued.claims["level"] == "thesis").sum()
    assert all(tuple(sentences(text)) == HEADS for _, text in told)
    alliance = next(text for claim, text in told if claim.startswith("c287"))
    assert "holds in 60% of 200 shuffles" in alliance
    assert "was not run" in alliance
