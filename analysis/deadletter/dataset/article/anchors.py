"""Does the coding trace back to the text? Anchors, footnotes, copied words, and numbers left out."""

from collections.abc import Iterable, Iterator, Mapping

import pandas as pd

from deadletter.dataset.article.text import (
    MONTHS,
    Article,
    Place,
    Section,
    decade_of,
    states,
    tokens,
    value_of,
    year_of,
)
from deadletter.dataset.problems import Problem, place
from deadletter.frames import records, split_ids

ANCHOR_WORDS = range(3, 7)
COPIED_RUN = 7
_DATES = ("date", "date_end", "from", "to", "valid_from", "valid_to", "announced", "carried_out_date", "period")
_VERBATIM = frozenset({"anchor", "heading", "token"})


def anchored(tables: Mapping[str, pd.DataFrame]) -> Iterator[tuple[str, pd.DataFrame]]:
    """The tables whose rows point into the article."""
    for name, frame in tables.items():
        if {"section", "anchor"} <= set(frame.columns):
            yield name, frame


def check_traces(tables: Mapping[str, pd.DataFrame], article: Article, footnotes: Iterable[int]) -> list[Problem]:
    """Everything in which the coding and the article disagree.

    tables: frames of strings by file name; empty cells are empty strings.
    footnotes: the numbers of the article's footnotes, each of which must support a row.
    """
    problems: list[Problem] = []
    places: dict[tuple[str, int], Place] = {}
    for name, frame in anchored(tables):
        for row, record in enumerate(records(frame), start=2):
            found, problem = _locate(name, row, record, article)
            if problem:
                problems.append(problem)
            if found:
                places[name, row] = found
            problems += _foreign_footnotes(name, row, record, article)
    problems += _unused_footnotes(tables, footnotes)
    problems += _wrong_figures(tables, article, places)
    problems += _copied(tables, article)
    problems += _left_out(tables, article, places)
    return problems


def _locate(name: str, row: int, record: Mapping[str, str], article: Article) -> tuple[Place | None, Problem | None]:
    where = place(name, row, record.get("id"), "anchor")
    anchor, section = record["anchor"], article.sections.get(record["section"])
    if not anchor:
        return None, None
    if section is None:
        return None, Problem(where, "section is not coded", record["section"], tuple(article.sections))
    if len(anchor.split()) not in ANCHOR_WORDS:
        return None, Problem(where, "anchor has the wrong length", anchor, "3 to 6 consecutive words")
    found = section.find(anchor)
    if len(found) == 1:
        return found[0], None
    if found:
        return None, Problem(where, f"anchor occurs {len(found)} times in section {section.id}", anchor, "once")
    elsewhere = [other.id for other in article.sections.values() if other.find(anchor)]
    hint = f"it occurs in {', '.join(elsewhere)}" if elsewhere else "words of the body, footnotes left out"
    return None, Problem(where, f"anchor is not in section {section.id} of this copy", anchor, hint)


def _foreign_footnotes(name: str, row: int, record: Mapping[str, str], article: Article) -> Iterator[Problem]:
    section = article.sections.get(record["section"])
    if section is None:
        return
    for number in split_ids(record.get("footnotes", "")):
        if not number.isdigit() or int(number) not in section.footnotes:
            allowed = tuple(str(n) for n in sorted(section.footnotes))
            where = place(name, row, record.get("id"), "footnotes")
            yield Problem(where, f"section {section.id} does not call this footnote", number, allowed)


def _unused_footnotes(tables: Mapping[str, pd.DataFrame], footnotes: Iterable[int]) -> Iterator[Problem]:
    used = {
        number for _, frame in anchored(tables) for cell in frame.get("footnotes", []) for number in split_ids(cell)
    }
    for number in footnotes:
        if str(number) not in used:
            yield Problem(f"footnote {number}", "supports no row")


def _wrong_figures(
    tables: Mapping[str, pd.DataFrame], article: Article, places: Mapping[tuple[str, int], Place]
) -> Iterator[Problem]:
    for name, frame in anchored(tables):
        if "value" not in frame.columns:
            continue
        for row, record in enumerate(records(frame), start=2):
            spot = places.get((name, row))
            if spot is None:
                continue
            words = [word.text for word in article.sections[record["section"]].words[spot.start : spot.end]]
            if not states(words, float(record["value"])):
                where = place(name, row, record["id"], "value")
                yield Problem(where, f"the anchor does not state this value: {record['anchor']}", record["value"])


def _copied(tables: Mapping[str, pd.DataFrame], article: Article) -> Iterator[Problem]:
    runs = article.runs(COPIED_RUN)
    for name, frame in tables.items():
        for column in frame.columns:
            if column in _VERBATIM:
                continue
            for row, cell in enumerate(frame[column], start=2):
                words = tokens(str(cell))
                for i in range(len(words) - COPIED_RUN + 1):
                    if words[i : i + COPIED_RUN] in runs:
                        where = place(name, row, frame["id"].iloc[row - 2] if "id" in frame else None, column)
                        run = " ".join(words[i : i + COPIED_RUN])
                        yield Problem(where, f"shares {COPIED_RUN} words in a row with this copy", run, "own words")
                        break


def _left_out(
    tables: Mapping[str, pd.DataFrame], article: Article, places: Mapping[tuple[str, int], Place]
) -> Iterator[Problem]:
    """Numbers and years of the body for which no row accounts.

    A year, decade or day is accounted for by a date in a row anchored in the same paragraph; any other number by a
    row of figures, or of the list of words that are not quantities, whose anchor covers it.
    """
    covered: dict[str, set[int]] = {name: set() for name in article.sections}
    dated: dict[tuple[str, int], set[str]] = {}
    for name, frame in anchored(tables):
        counts = "value" in frame.columns or "token" in frame.columns
        columns = [column for column in _DATES if column in frame.columns]
        for row, record in enumerate(records(frame), start=2):
            spot = places.get((name, row))
            if spot is None:
                continue
            if counts:
                covered[record["section"]].update(range(spot.start, spot.end))
            dates = {part for column in columns for part in record[column].split("/") if part}
            dated.setdefault((record["section"], spot.paragraph), set()).update(dates)
    for section in article.sections.values():
        for position in range(len(section.words)):
            if position not in covered[section.id] and not _accounted(section, position, dated):
                context = " ".join(word.text for word in section.words[max(0, position - 4) : position + 4])
                where = f"section {section.id}"
                yield Problem(where, f"no row accounts for “{section.words[position].text}”", context)


def _accounted(section: Section, position: int, dated: Mapping[tuple[str, int], set[str]]) -> bool:
    word = section.words[position]
    dates = dated.get((section.id, word.paragraph), set())
    years = {int(date[:4]) for date in dates}
    if (year := year_of(word.text)) is not None:
        return year in years
    if (decade := decade_of(word.text)) is not None:
        return not years.isdisjoint(decade)
    value = value_of(word.text)
    if value is None:
        return True
    if word.text.isdigit() and _neighbours_month(section, position):
        return any(date[8:10].lstrip("0") == word.text for date in dates)
    return False


def _neighbours_month(section: Section, position: int) -> bool:
    neighbours = section.words[max(0, position - 1) : position + 2]
    return any(word.text in MONTHS for word in neighbours)


TABLE, PATH = "places", "argument/places.csv"
COLUMNS = ("unit", "section", "sentence")


def places(tables: Mapping[str, pd.DataFrame], article: Article) -> pd.DataFrame:
    """Section and sentence (counted from 0 within the section) of every unit whose anchor is found just once.

    tables: frames of strings by name; those with ``id``, ``section`` and ``anchor`` are placed.
    """
    found = {}
    for _, frame in anchored(tables):
        if "id" not in frame:
            continue
        for record in records(frame):
            section = article.sections.get(record["section"])
            spots = section.find(record["anchor"]) if section and record["anchor"] else []
            if len(spots) == 1:
                found[record["id"]] = (record["section"], str(spots[0].sentence))
    return pd.DataFrame([(unit, *spot) for unit, spot in sorted(found.items())], columns=list(COLUMNS), dtype=object)
