"""Which coded rows a test reads: a table, conditions on columns and ratings, years; never the claim's own sentence."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field

from deadletter.argument.grounds import Grounds, check_known, sentences
from deadletter.coding.model import Part
from deadletter.dataset.load import Dataset, derived
from deadletter.errors import InputError
from deadletter.frames import split_ids
from deadletter.indices.selection import values_by_unit, without_states, years

Flags = NDArray[np.bool_]
# first and last day of a row, by table
_SPANS = (("date", "date_end"), ("from", "to"), ("valid_from", "valid_to"), ("announced", "carried_out_date"))
# the tables of coded rows, and what rows are called where the name of the table does not say it
TABLES = (
    "events", "norms", "memberships", "plans", "expectations", "outlook", "functions", "roles", "lineage", "figures",
    "votes",
)  # fmt: skip
NOUNS = {
    "expectations": "wishes",
    "outlook": "ratings of what members expect",
    "functions": "uses of a regime",
    "lineage": "regimes of the lineage",
}
VARIABLE_NAMES = {
    "met": "fulfilment",
    "implementation": "degree of implementation",
    "outlook": "expectation that norms will be kept",
    "expectation_kind": "kind",
    "function_kind": "kind",
    "krasner": "Krasner component",
    "actors": "actor",
    "from": "beginning",
}
# ratings that leave open which scale point applies; what is not applicable does not count at all
UNCLEAR = ("ambiguous", "unclear", "not reported")
Conditions = dict[str, list[str]]


class Rows(Part):
    """Rows of one coded table.

    ``where`` lists the allowed values of columns or rated variables (an empty text means an empty cell; a cell
    that lists several ids matches by any of them); ``ids`` narrows to these rows; ``years`` (first and last, or one)
    keeps rows whose span shares a year with them, or with ``started`` those whose first year is among them.
    """

    table: str
    where: Conditions = Field(default_factory=dict)
    ids: list[str] = Field(default_factory=list)
    years: list[int] = Field(default_factory=list, max_length=2)
    started: bool = False

    @cached_property
    def key(self) -> str:
        """The selection as text, equal for equal ones."""
        return self.model_dump_json()

    @cached_property
    def words(self) -> str:
        """The selection in words, such as ``events (regime R; type dispute; 2016–2019)``."""
        named = [", ".join(self.ids)] if self.ids else []
        span = ["begun " * self.started + "–".join(dict.fromkeys(map(str, self.years)))] if self.years else []
        parts = [*named, *conditions_in_words(self.where), *span]
        noun = NOUNS.get(self.table, self.table)
        return f"{noun} ({'; '.join(parts)})" if parts else noun


@dataclass(frozen=True)
class Selection:
    """Coded rows, column by column: taking some of them copies no column, which a placebo does thousands of times.

    ``sentences`` numbers the sentence of every row, ``units`` what counts once: the sentence, and the state where rows
    have one.
    """

    columns: Mapping[str, NDArray[np.object_]]
    sentences: NDArray[np.intp]
    units: NDArray[np.intp]
    positions: NDArray[np.intp]

    def __getitem__(self, name: str) -> NDArray[np.object_]:
        return self.columns[name][self.positions]

    def __contains__(self, name: str) -> bool:
        return name in self.columns

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def __len__(self) -> int:
        return len(self.positions)

    def where(self, flags: Flags) -> Selection:
        """The rows that are flagged."""
        return replace(self, positions=self.positions[flags])

    @property
    def groups(self) -> NDArray[np.intp]:
        """What counts once, numbered, row by row."""
        return self.units[self.positions]

    @property
    def sources(self) -> int:
        """From how many sentences the rows are."""
        return len(set(self.sentences[self.positions].tolist()))


def conditions_in_words(conditions: Conditions) -> list[str]:
    """Each condition as ``column value or value``."""
    return [f"{VARIABLE_NAMES.get(name, name.replace('_', ' '))} {' or '.join(v or 'empty' for v in values)}"
            for name, values in conditions.items()]  # fmt: skip


def select_rows(grounds: Grounds, rows: Rows) -> Selection:
    """The rows that a test may read: :func:`all_rows` without those of the claim's own sentence."""
    return without_own(grounds, all_rows(grounds, rows))


def without_own(grounds: Grounds, chosen: Selection) -> Selection:
    """Coded rows without those of the claim's own sentence."""
    own = np.fromiter((unit in grounds.own for unit in chosen["id"]), bool, len(chosen))
    return chosen.where(~own) if own.any() else chosen


def all_rows(grounds: Grounds, rows: Rows, *, horizon: bool = True) -> Selection:
    """The rows that meet the selection, those of the claim's own sentence among them.

    Without ``horizon`` also those that the coding does not know yet.

    Raises InputError: no such table, row, column or variable, or a row that is named but is in the claim's own
    sentence.
    """
    for unit in rows.ids:
        if unit in grounds.own:
            raise InputError("a row of the claim's own sentence cannot decide it", found=unit)
    coding = grounds.coding
    key = ("candidates", rows.key, coding.drop_states, coding.as_of if horizon else "")
    found = grounds.dataset.once(key, lambda: _candidates(grounds, rows, horizon=horizon))
    by_rating = {name: allowed for name, allowed in rows.where.items() if name not in found}
    return found.where(meeting(grounds, found, rows.table, by_rating)) if by_rating else found


def meeting(grounds: Grounds, frame: Selection | pd.DataFrame, table: str, conditions: Conditions) -> Flags:
    """Which of some rows of ``table`` meet every condition."""
    keep = np.ones(len(frame), dtype=bool)
    for name, allowed in conditions.items():
        wanted, values = set(allowed), values_of(grounds, frame, table, name)
        keep &= np.fromiter((not wanted.isdisjoint(_parts(cell)) for cell in values), bool, len(frame))
    return keep


def open_rows(grounds: Grounds, frame: Selection, table: str, conditions: Conditions) -> Flags:
    """Which rows may or may not meet the conditions, because a rating leaves it open."""
    keep = np.zeros(len(frame), dtype=bool)
    for name in conditions:
        if name not in frame:
            values = values_of(grounds, frame, table, name)
            keep |= np.fromiter((cell in UNCLEAR for cell in values), bool, len(frame))
    others = {name: allowed for name, allowed in conditions.items() if name in frame}
    return keep & meeting(grounds, frame, table, others)


def _candidates(grounds: Grounds, rows: Rows, *, horizon: bool) -> Selection:
    """Rows by all that is not a rating: table, named rows, states, years, columns."""
    check_known("no such table of coded rows", rows.table, TABLES)
    frame = grounds.dataset[rows.table]
    for unit in rows.ids:
        check_known(f"no such row of {rows.table}", unit, frame["id"])
    if rows.ids:
        frame = frame[frame["id"].isin(rows.ids)]
    if {"state", "actors"} & set(frame):
        frame = without_states(frame, grounds.coding)
    frame = frame[_in_years(grounds, frame, rows, horizon=horizon)]
    columns = {name: allowed for name, allowed in rows.where.items() if name in frame}
    frame = frame[meeting(grounds, frame, rows.table, columns)]
    arrays = {str(name): column.to_numpy(dtype=object) for name, column in frame.items()}
    known = sentences(grounds.dataset)
    places = [known.get(unit, (unit, 0)) for unit in arrays["id"]]
    units = list(zip(places, arrays["state"], strict=True)) if "state" in arrays else places
    return Selection(arrays, _numbered(places), _numbered(units), np.arange(len(frame)))


def _numbered(things: Iterable[Hashable]) -> NDArray[np.intp]:
    """The number of each thing, by first appearance."""
    known: dict[Hashable, int] = {}
    return np.array([known.setdefault(thing, len(known)) for thing in things], dtype=np.intp)


def _in_years(grounds: Grounds, frame: pd.DataFrame, rows: Rows, *, horizon: bool) -> pd.Series:
    """Rows known by the coding's horizon whose span shares a year with those wanted; undated rows have no year."""
    keep = pd.Series(True, index=frame.index)
    span = next(((a, b) for a, b in _SPANS if {a, b} <= set(frame)), None)
    if span and horizon:
        keep &= frame[span[0]] <= grounds.coding.as_of
    if not rows.years:
        return keep
    if span is None:
        raise InputError(f"rows of {rows.table} have no years", found=rows.years)
    start, end = years(frame[span[0]], np.inf), years(frame[span[1]], np.inf)
    if rows.started:
        end = start
    elif span == ("date", "date_end"):
        end = end.where(frame[span[1]] != "", start)  # an event without an end is over on its day
    return keep & (start <= rows.years[-1]) & (end >= rows.years[0])


@derived
def variables_of(dataset: Dataset, table: str) -> list[str]:
    """The rated variables of a table."""
    variables = dataset["variables"]
    return list(variables.loc[variables["table"] == table, "variable"])


def values_of(grounds: Grounds, frame: Selection | pd.DataFrame, table: str, name: str) -> list[str]:
    """A column, or a rated variable under the coding, row by row."""
    if name in frame:
        return [str(cell) for cell in frame[name]]
    known = variables_of(grounds.dataset, table)
    if name not in known:
        raise InputError(f"rows of {table} have no such column or variable", found=name, allowed=[*frame, *known])
    given = values_by_unit(grounds.dataset, name, grounds.coding)
    return [given.get(unit, "") for unit in frame["id"]]


@cache
def _parts(cell: str) -> frozenset[str]:
    return frozenset((cell, *split_ids(cell)))


def first_days(frame: Selection) -> list[str]:
    """The first day that each dated row can mean, sorted."""
    start = next((a for a, _ in _SPANS if a in frame), None)
    cells = sorted(cell for cell in frame[start] if cell) if start else []
    return [(cell + "-01-01"[max(0, len(cell) - 4) :])[:10] for cell in cells]
