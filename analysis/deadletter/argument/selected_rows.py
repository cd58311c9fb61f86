"""Which coded rows a test reads: a table, conditions on columns and ratings, years; never the claim's own sentence."""

from __future__ import annotations

import numpy as np
import pandas as pd
from pydantic import Field

from deadletter.argument.grounds import Grounds
from deadletter.coding.model import Part
from deadletter.dataset.article.anchors import split_ids
from deadletter.errors import InputError
from deadletter.indices.selection import rated, without_states, years

# first and last day of a row, by table
_SPANS = (("date", "date_end"), ("from", "to"), ("valid_from", "valid_to"), ("announced", "carried_out_date"))
TABLES = (
    "events",
    "norms",
    "memberships",
    "plans",
    "expectations",
    "outlook",
    "functions",
    "roles",
    "lineage",
    "figures",
    "votes",
)
Conditions = dict[str, list[str]]


class Rows(Part):
    """Rows of one coded table.

    ``where`` lists the allowed values of columns or rated variables (an empty text stands for an empty cell; a cell
    that lists several ids matches by any of them); ``ids`` narrows to these rows; ``years`` (first and last, or one)
    keeps rows whose span shares a year with them, or with ``started`` those whose first year is among them.
    """

    table: str
    where: Conditions = Field(default_factory=dict)
    ids: list[str] = Field(default_factory=list)
    years: list[int] = Field(default_factory=list, max_length=2)
    started: bool = False

    @property
    def words(self) -> str:
        """The selection in words."""
        named = [", ".join(self.ids)] if self.ids else []
        span = ["begun " * self.started + "–".join(dict.fromkeys(map(str, self.years)))] if self.years else []
        parts = [*named, *conditions_in_words(self.where), *span]
        return f"{self.table} ({'; '.join(parts)})" if parts else self.table


def conditions_in_words(conditions: Conditions) -> list[str]:
    """Each condition as ``column value or value``."""
    return [f"{name} {' or '.join(v or 'empty' for v in values)}" for name, values in conditions.items()]


def select_rows(grounds: Grounds, rows: Rows) -> pd.DataFrame:
    """The rows that a test may read: :func:`all_rows` without those of the claim's own sentence."""
    return without_own(grounds, all_rows(grounds, rows))


def without_own(grounds: Grounds, frame: pd.DataFrame) -> pd.DataFrame:
    """A frame of coded rows without those of the claim's own sentence."""
    return frame[~frame["id"].isin(grounds.own)].reset_index(drop=True)


def all_rows(grounds: Grounds, rows: Rows, *, horizon: bool = True) -> pd.DataFrame:
    """The rows that meet the selection, those of the claim's own sentence among them.

    Without ``horizon`` also those that the coding does not know yet.

    Raises
    ------
    InputError: no such table, row, column or variable, or a row that is named but stands in the claim's own sentence.
    """
    for unit in rows.ids:
        if unit in grounds.own:
            raise InputError("a row of the claim's own sentence cannot decide it", found=unit)
    frame = _candidates(grounds, rows, horizon=horizon)
    return frame[meeting(grounds, frame, rows.table, rows.where)].reset_index(drop=True)


def meeting(grounds: Grounds, frame: pd.DataFrame, table: str, conditions: Conditions) -> pd.Series:
    """Which rows of a frame of ``table`` meet every condition."""
    keep = pd.Series(True, index=frame.index)
    for name, allowed in conditions.items():
        wanted = set(allowed)
        keep &= _values(grounds, frame, table, name).map(lambda cell, w=wanted: bool(_parts(cell) & w)).astype(bool)
    return keep


def _candidates(grounds: Grounds, rows: Rows, *, horizon: bool) -> pd.DataFrame:
    """Rows before the conditions: table, named rows, states, years."""
    if rows.table not in TABLES:
        raise InputError("no such table of coded rows", found=rows.table, allowed=TABLES)
    frame = grounds.dataset[rows.table]
    for unit in rows.ids:
        if unit not in set(frame["id"]):
            raise InputError(f"no such row of {rows.table}", found=unit, allowed=list(frame["id"]))
    if rows.ids:
        frame = frame[frame["id"].isin(rows.ids)]
    if {"state", "actors"} & set(frame):
        frame = without_states(frame, grounds.coding)
    return frame[_in_years(grounds, frame, rows, horizon=horizon)].reset_index(drop=True)


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


def _values(grounds: Grounds, frame: pd.DataFrame, table: str, name: str) -> pd.Series:
    """A column, or a rated variable under the coding."""
    if name in frame:
        return frame[name].astype(str)
    variables = grounds.dataset["variables"]
    known = list(variables.loc[variables["table"] == table, "variable"])
    if name not in known:
        raise InputError(f"rows of {table} have no such column or variable", found=name, allowed=[*frame, *known])
    return rated(grounds.dataset, frame, name, grounds.coding)


def _parts(cell: str) -> set[str]:
    return {cell, *split_ids(cell)}


def first_days(frame: pd.DataFrame) -> list[str]:
    """The first day that each dated row can mean, sorted."""
    start = next((a for a, _ in _SPANS if a in frame), None)
    cells = sorted(cell for cell in frame[start] if cell) if start else []
    return [(cell + "-01-01"[max(0, len(cell) - 4) :])[:10] for cell in cells]
