"""Kinds of test that read figures outside the text, independent estimates, and facts that are later than it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import pandas as pd
from pydantic import Field, model_validator

from deadletter.argument.criterion import Criterion
from deadletter.argument.forecast_rules import declared_rules
from deadletter.argument.forecasts import FORECAST, score_forecasts
from deadletter.argument.found import Found, jointly, undecided
from deadletter.argument.grounds import Grounds, check_known
from deadletter.coding.model import Part
from deadletter.errors import InputError
from deadletter.frames import records, split_ids
from deadletter.labels import AFTER, RECORD

AGREES = {"agrees": 1.0, "differs": 0.0}
# tables of the account are its own source: no test of the record may read them
ACCOUNT_PATHS = ("account/", "argument/")
# tables of the record whose rows have ids that no other table of rows has, so that an id leads to one row
RECORD_TABLES = ("record_facts", "crises", "provisions", "meetings", "surveys", "ranks", "instruments")


class Statements(Part):
    """Quantitative statements of the text agree with independent figures: all, some, or none.

    Where some of them cannot be tested, the others hold at most in part.
    """

    kind: Literal["statements"]
    ids: Annotated[list[str], Field(min_length=1)]

    def run(self, grounds: Grounds) -> Found:
        rows, cells = _statements(grounds, self.ids)
        tested = [row for row in rows if row["verdict"] in AGREES]
        ordered = sorted(rows, key=lambda row: row["verdict"] not in AGREES)
        wording = "; ".join(f"{row['term']}: {row['why']}" for row in ordered)
        if not tested:
            return undecided(wording, cells=cells)
        holding = sum(AGREES[row["verdict"]] for row in tested)
        score = 1.0 if holding == len(rows) else 0.5 if holding else 0.0
        if len(rows) == 1:
            ours, stated, tolerance = (float(rows[0][name]) for name in ("estimate", "article_value", "tolerance"))
            return Found(score, wording, RECORD, ours, stated, str(rows[0]["unit"]), tolerance, cells=cells)
        agree = f"{holding:g} of {len(rows)} agree: {wording}"
        wanted = f"all of {len(rows)}"
        return Found(score, agree, RECORD, computed=holding, article=wanted, unit="statements", cells=cells)


class Estimates(Part):
    """Independent estimates each meet a criterion, such as being below zero: all, some, or none."""

    kind: Literal["estimates"]
    ids: Annotated[list[str], Field(min_length=1)]
    criterion: Criterion

    def run(self, grounds: Grounds) -> Found:
        rows, cells = _statements(grounds, self.ids)
        known = [row for row in rows if not math.isnan(row["estimate"])]
        if not known:
            return undecided("no estimate for any of them", cells=cells)
        scores = [self.criterion.score(float(row["estimate"])) for row in known]
        wording, short = "; ".join(f"{row['term']} {row['estimate']:.2f}" for row in known), self.criterion.short
        computed, unit = float(known[0]["estimate"]), str(known[0]["unit"])
        if len(rows) > 1:
            computed, unit = scores.count(1.0), "estimates"
        reason = f"{scores.count(1.0)} of {len(rows)} estimates are {short}: {wording}"
        return Found(jointly(scores), reason, RECORD, computed, short, unit, self.criterion.tolerance, cells=cells)


def _statements(grounds: Grounds, ids: Sequence[str]) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """Rows on trade, and the cells that they are."""
    known = {row["id"]: row for row in records(grounds.trade)}
    for name in ids:
        check_known("no such quantitative statement", name, known)
    return [known[name] for name in ids], tuple(f"trade.csv {name}" for name in ids)


class LaterFacts(Part):
    """The declared rules on facts after the text decide a claim, from what is known on the coding's last day."""

    kind: Literal["later_facts"]
    claim: str

    def run(self, grounds: Grounds) -> Found:
        dataset = grounds.dataset
        check_known("no such claim", self.claim, dataset["claims"]["id"])
        claims = dataset["claims"][dataset["claims"]["id"] == self.claim]
        facts, figures, day = dataset["facts"], dataset["later_figures"], grounds.coding.as_of
        scored = score_forecasts(claims, facts, figures, declared_rules(dataset), day, claims["level"]).iloc[0]
        read: dict[str, Any] = {
            "units": (*split_ids(scored["facts_for"]), *split_ids(scored["facts_against"])),
            "cells": (f"forecasts.csv {self.claim}",) if scored["level"] == FORECAST else (),
        }
        score, reason = float(scored["score"]), scored["reason"]
        if math.isnan(score):
            return undecided(reason, "later facts", **read)
        wanted = "rules on later facts"
        return Found(score, reason, AFTER, computed=scored["decided"], article=wanted, unit="date", **read)


class Selection(Part):
    """One number from a table: a statistic of a column over the rows that meet every condition (column → values; a cell
    that lists several matches by any). ``count`` needs no column; ``distinct`` counts different entries; ``only`` asks
    for exactly one row. Rows that were not verified are left out."""

    table: str
    where: dict[str, list[str]] = Field(default_factory=dict)
    column: str = ""
    statistic: Literal["only", "mean", "sum", "min", "max", "count", "distinct"] = "only"
    label: str = ""

    @model_validator(mode="after")
    def _column(self) -> Selection:
        if bool(self.column) == (self.statistic == "count"):
            raise ValueError("a statistic needs a column, and a count none")
        return self

    @property
    def words(self) -> str:
        """What the number is of."""
        parts = [f"{name} {' or '.join(values)}" for name, values in self.where.items()]
        of = f"{self.statistic} of {self.column}" if self.column else "number of rows"
        of = self.column if self.statistic == "only" else of
        return self.label or f"{of} in {self.table}" + (f" ({'; '.join(parts)})" if parts else "")

    def rows(self, grounds: Grounds) -> pd.DataFrame:
        """The rows that meet every condition and were verified.

        Raises InputError: no such table or column, or a table of the account.
        """
        if grounds.dataset.sources.get(self.table, ("", ""))[0].startswith(ACCOUNT_PATHS):
            raise InputError("belongs to the account, not to the record", found=self.table)
        frame = grounds.dataset[self.table]
        for name in filter(None, (*self.where, self.column)):
            check_known(f"{self.table} has no such column", name, frame.columns)
        for name, allowed in self.where.items():
            texts = [f"{cell:g}" if isinstance(cell, float) else str(cell) for cell in frame[name]]
            # by loc, since an empty list in brackets would choose columns
            frame = frame.loc[[not {text, *split_ids(text)}.isdisjoint(allowed) for text in texts]]
        return frame[frame["verified"] == "yes"] if "verified" in frame else frame

    def take(self, grounds: Grounds) -> float:
        """The number; NaN where no row has one.

        Raises InputError: as :meth:`rows` does, or several rows where one is asked for.
        """
        frame = self.rows(grounds)
        if self.statistic == "count":
            return float(len(frame))
        if self.statistic == "distinct":
            return float(frame[self.column].nunique())
        values = pd.to_numeric(frame[self.column], errors="coerce").dropna()
        if self.statistic == "only" and len(values) > 1:
            raise InputError(f"{len(values)} rows of {self.table} meet the conditions", found=self.words,
                             allowed="one row, or a statistic")  # fmt: skip
        # of one row, each statistic is its value
        return float(values.agg("min" if self.statistic == "only" else self.statistic)) if len(values) else math.nan


class Figures(Part):
    """A figure meets a criterion or, with ``against``, is larger than another one by more than ``by`` (by less: in
    part). ``ratio`` divides by the other instead: ``criterion`` is then on the quotient. ``margin``: how close to the
    criterion a figure decides in part only, in its own unit; on shares from 0 to 1 the coding's margin."""

    kind: Literal["figures"]
    of: Selection
    against: Selection | None = None
    ratio: bool = False
    criterion: Criterion | None = None
    by: Annotated[float, Field(ge=0)] = 0.0
    margin: Annotated[float, Field(ge=0)] | None = None
    unit: str = ""

    @model_validator(mode="after")
    def _whole(self) -> Figures:
        if self.against is None and (self.criterion is None or self.ratio):
            raise ValueError("figures need a criterion, or others against which they are compared")
        if self.against is not None and self.ratio == (self.criterion is None):
            raise ValueError("a ratio needs a criterion, and a comparison takes by instead")
        return self

    def run(self, grounds: Grounds) -> Found:
        chosen = [self.of, *([self.against] if self.against else [])]
        first, second = [*(one.take(grounds) for one in chosen), math.nan][:2]
        wording = "; ".join(
            f"{one.words}: {'unknown' if math.isnan(value) else f'{value:.4g}'}"
            for one, value in zip(chosen, (first, second), strict=False)
        )
        pairs = [(one, one.rows(grounds)) for one in chosen]
        read: dict[str, Any] = {
            "cells": tuple(f"data {one.table}" for one in chosen),
            "units": tuple(unit for one, frame in pairs if one.table in RECORD_TABLES for unit in frame["id"]),
            "trace": tuple(
                f"data {one.table}: " + ", ".join(f"{name} {row[name]}" for name in (*one.where, one.column) if name)
                for one, frame in pairs
                if one.table not in RECORD_TABLES
                for row in records(frame)
            ),
        }
        if math.isnan(first) or (self.against and math.isnan(second)):
            return undecided(f"A figure is missing: {wording}", **read)
        margin = self.margin
        if margin is None:
            margin = grounds.coding.argument.margin if self.unit == "share" else 0.0
        value = first / second if self.ratio else first - second if self.against else first
        wanted = self.criterion or Criterion(relation=">", value=self.by, partly=0.0 if self.by else None)
        named = "a ratio" if self.ratio else "a difference" if self.against else "a figure"
        reason = f"{wording}; the claim requires {named} {wanted.after_noun}"
        return Found(wanted.score(value, margin), reason, RECORD, computed=value, article=wanted.short, unit=self.unit,
                     tolerance=wanted.tolerance, **read)  # fmt: skip
