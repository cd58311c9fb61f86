"""The parser of the article and every kind of disagreement between coding and text, on a made-up article."""

from __future__ import annotations

import pandas as pd
import pytest

from deadletter.dataset.article.anchors import check_traces
from deadletter.dataset.article.text import decade_of, parse_article, stated_values, states, tokens, value_of, year_of
from deadletter.errors import InputError

TEXT = """A Study of Rivers

ABSTRACT

Rivers matter.

The Beginning

In May 1992 three states signed a treaty on the river.¹ Trade grew by 25.4% in 1993, and
the river com-
mission met twice a year. The water was shared by

CONTACT Somebody somebody@example.org  Department, Town

¹A. Author, “On 77 Rivers” (2 May 1992), available: <https://example.org/1>.

²Another note about the 1880s.

GLOBAL SOCIETY 207

two-thirds of the states.² On the one hand, the 1990s were dry. “Who paid?” asked “the clerk”.

The End

A third party paid $3 billion. The river commission was closed on 1 July 2011.

Acknowledgment

Thanks to four friends.
"""
HEADINGS = [
    ("abstract", "ABSTRACT", False),
    ("start", "The Beginning", True),
    ("end", "The End", True),
    ("back", "Acknowledgment", False),
]


@pytest.fixture
def article():
    return parse_article(TEXT, HEADINGS)


def coded(**changes: list) -> dict[str, pd.DataFrame]:
    """A coding that agrees with the made-up article, with some tables changed."""
    figures = ["f1,start,grew by 25.4% in,1,growth,25.4,1993", "f2,start,met twice a year,,meetings,2,"]
    figures += ["f3,start,two-thirds of the states,2,share,0.6667,", "f4,end,paid $3 billion,,cost,3000000000,"]
    figures += ["f5,start,1992 three states signed,,states,3,"]
    events = ["e1,start,signed a treaty on,1,signature,1992-05,", "e2,start,the 1990s were dry,,drought,1990,1999"]
    events += ["e3,end,closed on 1 July,,closure,2011-07-01,", "e4,start,trade grew by,2,trade,1993,"]
    rows = {
        "figures": ("id,section,anchor,footnotes,label,value,period", figures),
        "events": ("id,section,anchor,footnotes,label,date,date_end", events),
        "uncounted": (
            "section,anchor,token,reason",
            ["start,on the one hand,one,idiom", "end,a third party paid,third,ordinal"],
        ),
    }
    for name, lines in changes.items():
        rows[name] = (rows[name][0], lines(rows[name][1]) if callable(lines) else lines)
    return {
        f"account/{name}.csv": pd.DataFrame([line.split(",") for line in lines], columns=head.split(","))
        for name, (head, lines) in rows.items()
    }


def problems(article, **changes) -> list[str]:
    return [str(problem) for problem in check_traces(coded(**changes), article, [1, 2])]


def test_footnotes_furniture_and_page_breaks_do_not_interrupt(article):
    start = article.sections["start"]
    assert len(start.find("shared by two-thirds of the states")) == 1
    assert start.find("On 77 Rivers") == []
    assert start.footnotes == {1, 2}
    assert [word.text for word in start.words][-1] == "clerk"
    assert len(start.find("the river commission met")) == 1, "the hyphen at the line's end is undone"
    assert article.sections["end"].find("river commission was")[0].sentence == 1
    # footnotes and headings still count as words that may not be copied
    assert ("on", "77", "rivers") in article.runs(3)


def test_a_sentence_that_a_footnote_interrupts_stays_one_paragraph(article):
    before, after = (article.sections["start"].find(words)[0] for words in ("the water was", "two-thirds of the"))
    assert (before.sentence, before.paragraph) == (after.sentence, after.paragraph)


def test_a_heading_that_is_not_there():
    with pytest.raises(InputError, match="heading of section end not found"):
        parse_article(TEXT.replace("The End", "The Finish"), HEADINGS)


def test_tokens():
    assert tokens("Treaty’s “Members” signed.¹² It’s 9/11: 1,500 men, 25.4% – co-operation") == (
        *("treaty", "members", "signed", "it", "9", "11", "1,500", "men", "25.4", "co", "operation"),
    )


def test_numerals():
    assert [value_of(w) for w in ("three", "third", "1,500", "3.7", "half", "river")] == [3, 3, 1500, 3.7, 0.5, None]
    assert (year_of("1993"), year_of("25"), decade_of("1990s"), decade_of("990s")) == (
        1993,
        None,
        range(1990, 2000),
        None,
    )
    assert 3e9 in stated_values(["3", "billion"])
    assert states(["two", "thirds"], 0.6667)
    assert states(["by", "25.4"], -25.4)
    assert not states(["by", "25.4"], 25.3)


def test_a_right_coding_has_no_problem(article):
    assert problems(article) == []


@pytest.mark.parametrize(
    ("table", "old", "new", "told"),
    [
        (
            "events",
            "signed a treaty on",
            "signed the treaty on",
            "row 2 (e1) column anchor: anchor is not in section start",
        ),
        ("events", "closed on 1 July", "signed a treaty on", "it occurs in start"),
        ("events", "e1,start", "e1,middle", "section is not coded; found: 'middle'"),
        ("events", "signed a treaty on", "a treaty", "anchor has the wrong length"),
        ("events", "signed a treaty on", "on the river a treaty of some length", "anchor has the wrong length"),
        ("events", "closure,2011-07-01", "closure,2011-07-02", "no row accounts for “1”"),
        ("events", "closure,2011", "closure,2012", "no row accounts for “2011”"),
        (
            "events",
            "signature",
            "the river commission was closed on 1 july",
            "shares 7 words in a row with this copy",
        ),
        ("events", "signature", "A. Author on 77 rivers 2 may 1992 x", "shares 7 words in a row with this copy"),
        ("events", "1,signature", "3,signature", "section start does not call this footnote; found: '3'"),
        ("figures", "25.4,1993", "25.5,1993", "the anchor does not state this value"),
        ("figures", "f2,start,met twice a year", "f2,start,water was shared by", "no row accounts for “twice”"),
        ("uncounted", "on the one hand", "1990s were dry who", "no row accounts for “one”"),
    ],
)
def test_each_disagreement_is_told(article, table: str, old: str, new: str, told: str):
    found = problems(article, **{table: lambda lines: [line.replace(old, new) for line in lines]})
    assert any(told in problem for problem in found), found


def test_an_unused_footnote_and_an_anchor_that_occurs_twice(article):
    dropped = problems(article, figures=lambda lines: [line.replace(",2,share", ",,share") for line in lines],
                       events=lambda lines: [line.replace(",2,trade", ",,trade") for line in lines])  # fmt: skip
    assert dropped == ["footnote 2: supports no row"]
    twice = parse_article(TEXT.replace("Trade grew", "They signed a treaty on fish. Trade grew"), HEADINGS)
    assert any("anchor occurs 2 times in section start" in problem for problem in problems(twice))
