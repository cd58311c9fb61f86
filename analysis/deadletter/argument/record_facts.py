"""Kinds of test that read single facts outside the text: dated records, articles of treaties, ranks."""

from __future__ import annotations

import math
from typing import Any, Literal

import pandas as pd
from pydantic import Field, model_validator

from deadletter.argument.criterion import Criterion
from deadletter.argument.found import Found, jointly, undecided
from deadletter.argument.grounds import Grounds, check_known
from deadletter.coding.model import Part
from deadletter.dataset.load import Dataset, derived
from deadletter.frames import records
from deadletter.labels import RECORD, day_in_words

SEVERAL = 2
WEIGHTS = ("no record", "one record", "several independent records")
# which facts are on a side, by their bearing and sign, and how the sentence about them begins
SIDES = {
    "For it": ("supports", None),
    "For a part of it": ("part", "for"),
    "Against it": ("contradicts", None),
    "Against a part of it": ("part", "against"),
}


class Records(Part):
    """Dated facts decide a claim as far as they were verified: several independent records outrank one, and where the
    two sides weigh the same nothing is decided. Facts that support a part of the claim decide in part at most."""

    kind: Literal["records"]
    claim: str = ""
    ids: list[str] = Field(default_factory=list)

    def run(self, grounds: Grounds) -> Found:
        claim, bearings = self.claim or grounds.claim, grounds.dataset["bearings"]
        check_known("no such claim", claim, grounds.dataset["claims"]["id"])
        mine = bearings[bearings["claim"] == claim]
        for name in self.ids:
            check_known(f"no such record on {claim}", name, mine["record"])
        mine = mine[mine["record"].isin(self.ids)] if self.ids else mine
        joined = mine.join(recorded(grounds.dataset), on="record")
        seen, units = joined[joined["verified"] == "yes"], tuple(mine["record"])
        whole, part, contrary, contrary_part = sides = [
            seen[(seen["bearing"] == bearing) & (sign is None or seen["sign"] == sign)]
            for bearing, sign in SIDES.values()
        ]
        pro, con = _weight(whole, part), _weight(contrary)
        words = "; ".join(
            f"{start}: "
            + ", ".join(f"{r['what'].rstrip('.')} ({day_in_words(r['date'])}; {r['record']})" for r in records(frame))
            for start, frame in zip(SIDES, sides, strict=True)
            if len(frame)
        )
        if pro == con:
            if con:
                return undecided(f"Equal weight on both sides ({WEIGHTS[con]} each): {words}", units=units)
            silent = f". {words}" if words else _silent(len(seen), len(joined) - len(seen))
            return undecided(f"No verified record decides it{silent}", "record", units=units)
        score = 0.0 if con > pro else 1.0 if _weight(whole) > con and contrary_part.empty else 0.5
        wanted = "more weight for it than against it"
        return Found(score, words, RECORD, computed=pro - con, article=wanted, unit="weight of records", units=units)


def _silent(verified: int, others: int) -> str:
    """Why no record speaks: none was collected, or verified, or those that were say nothing on the claim."""
    if not verified:
        return f": records on it that were not verified: {others}" if others else ": none on it was collected"
    left = f"; not verified: {others}" if others else ""
    return f": verified records that speak neither for nor against it: {verified}{left}"


def _weight(*facts: pd.DataFrame) -> int:
    """How many independent sources the facts have, as a position in ``WEIGHTS``."""
    return min(SEVERAL, pd.concat(facts)["source"].nunique())


@derived
def recorded(dataset: Dataset) -> pd.DataFrame:
    """Dated facts and crises by id: what, date, source, verified."""
    crises = dataset["crises"]
    what = crises["place"] + ": " + crises["answer"]
    dated = crises.assign(what=what, date=crises["start"], source=crises["page"])
    columns = ["id", "what", "date", "source", "verified"]
    return pd.concat([dataset["record_facts"][columns], dated[columns]], ignore_index=True).set_index("id")


def _narrowed(table: pd.DataFrame, among: str, wanted: dict[str, str]) -> pd.DataFrame:
    """The rows that have the wanted value in each column.

    Raises InputError: a value that none of the rows left has.
    """
    for column, value in wanted.items():
        check_known(f"no such {column} among the {among}", value, table[column])
        table = table[table[column] == value]
    return table


class Provision(Part):
    """What an article of a treaty says: the verified answers on a feature are among those wanted, or a value meets a
    criterion; all rows, some, or none."""

    kind: Literal["provision"]
    regime: str
    feature: str
    treaty: str = ""
    answers: list[str] = Field(default_factory=list)
    partly: list[str] = Field(default_factory=list)
    criterion: Criterion | None = None

    @model_validator(mode="after")
    def _one(self) -> Provision:
        if bool(self.answers) == (self.criterion is not None):
            raise ValueError("a provision needs either answers or a criterion")
        return self

    def run(self, grounds: Grounds) -> Found:
        wanted = {"regime": self.regime, "feature": self.feature} | ({"treaty": self.treaty} if self.treaty else {})
        table = _narrowed(grounds.dataset["provisions"], "provisions", wanted)
        units, seen = tuple(table["id"]), records(table[table["verified"] == "yes"])
        if not seen:
            return undecided("The text of the provision was not verified", "record", units=units)
        words = "; ".join(
            f"{', '.join(filter(None, (row['treaty'], row['article'])))}: {self.feature}: "
            f"{row['answer'] or row['value']}"
            for row in seen
        )
        required = self.criterion.short if self.criterion else " or ".join(self.answers)
        return Found(jointly([self._score(row) for row in seen]), f"{words}; the claim requires {required}", RECORD,
                     computed=str(seen[0]["answer"]), article=required, unit="provision", units=units)  # fmt: skip

    def _score(self, row: dict[str, Any]) -> float:
        if self.criterion:
            return self.criterion.score(float(row["value"]))
        return 1.0 if row["answer"] in self.answers else 0.5 if row["answer"] in self.partly else 0.0


class Rank(Part):
    """The position of a regime in a population of like bodies: its percentile, the share of bodies at or above it,
    or its value meets a criterion, within the margin in part at most."""

    kind: Literal["rank"]
    regime: str
    measure: str
    group: str
    of: Literal["percentile", "share_at_or_above", "value"] = "percentile"
    criterion: Criterion

    def run(self, grounds: Grounds) -> Found:
        wanted = {column: getattr(self, column) for column in ("regime", "measure", "group")}
        row = _narrowed(grounds.dataset["ranks"], "ranks", wanted).iloc[0]
        margin = 0.0 if self.of == "value" else grounds.coding.argument.margin
        found, unit, short = float(row[self.of]), self.of.replace("_", " "), self.criterion.short
        cells = (f"ranks.csv {row['id']}: {self.regime}/{self.measure}/{self.group}",)
        if math.isnan(found) or row["verified"] != "yes":
            return undecided(f"No verified {unit} is known for {self.measure} of {self.regime}", "record", cells=cells)
        stands = {
            "percentile": f"is at percentile {found:.2f} of",
            "share_at_or_above": f"is matched or surpassed by a share of {found:.2f} of",
            "value": f"is {found:g}, among",
        }[self.of]
        reason = (
            f"On {self.measure.replace('_', ' ')}, the {self.regime} {stands} {self.group} (n = {int(row['n'])}); the "
            f"claim requires {short}"
        )
        return Found(self.criterion.score(found, margin), reason, RECORD, computed=found, article=short, unit=unit,
                     cells=cells, margin=abs(found - self.criterion.value) if margin else math.nan)  # fmt: skip
